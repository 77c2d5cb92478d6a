"""Where the pages about engagements are, and under which names."""

from __future__ import annotations

from typing import Any

from entitlements.admin import engagement_act_page, engagement_page

pages: list[tuple[str, Any, str]] = [
    ("engagements/<str:reference>/", engagement_page.detail, "engagement"),
    ("engagements/<str:reference>/schedule/", engagement_page.schedule, "schedule_engagement"),
    ("engagements/<str:reference>/<slug:what>/", engagement_act_page.act_page, "engagement_act"),
]
