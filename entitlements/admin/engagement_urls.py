"""Where the pages about engagements are, and under which names."""

from __future__ import annotations

from typing import Any

from entitlements.admin import (
    engagement_act_page,
    engagement_board,
    engagement_bulk,
    engagement_calendar,
    engagement_new,
    engagement_page,
)

pages: list[tuple[str, Any, str]] = [
    ("engagements/board/", engagement_board.board, "engagement_board"),
    ("engagements/calendar/", engagement_calendar.calendar, "engagement_calendar"),
    ("engagements/reschedule/", engagement_bulk.bulk, "reschedule"),
    ("engagements/new/", engagement_new.new, "new_engagement"),
    ("engagements/<str:reference>/", engagement_page.detail, "engagement"),
    ("engagements/<str:reference>/schedule/", engagement_page.schedule, "schedule_engagement"),
    ("engagements/<str:reference>/<slug:what>/", engagement_act_page.act_page, "engagement_act"),
]
