"""The desk's pages about engineers (E15)."""

from __future__ import annotations

from typing import Any

from entitlements.admin import engineer_page, hand_over_page

pages: list[tuple[str, Any, str]] = [
    ("engineers/<int:pk>/", engineer_page.detail, "engineer"),
    ("engineers/<int:pk>/change/", engineer_page.change, "change_engineer"),
    ("engineers/<int:pk>/hours/", engineer_page.hours, "set_working_hours"),
    ("engineers/<int:pk>/leave/", hand_over_page.leave, "enter_leave"),
    ("engineers/<int:pk>/leave/<int:leave>/take-back/", engineer_page.take_back, "take_back_leave"),
    ("engineers/<int:pk>/leaving/", hand_over_page.leaving, "leave_the_firm"),
    ("engineers/<int:pk>/sessions/<int:session>/pass-on/", hand_over_page.pass_on, "pass_session_on"),
    ("engineers/<int:pk>/feed/", engineer_page.feed, "renew_feed"),
    ("engineers/<int:pk>/feed/end/", engineer_page.end_feed, "end_feed"),
]
