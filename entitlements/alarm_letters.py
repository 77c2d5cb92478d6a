"""What an alarm says, and that it is over (N27)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from entitlements import notices
from entitlements.health import Sign
from entitlements.links import page
from entitlements.models import Alarm, User


def alarm_raised(alarm: Alarm, sign: Sign, *, to: Iterable[User], now: datetime) -> None:
    """What is late, since when, and what to do."""
    notices.write("alarm", matter=str(alarm), to=to, now=now, urgent=True, context=_context(alarm, remedy=sign.remedy))


def alarm_over(alarm: Alarm, *, to: Iterable[User], now: datetime) -> None:
    """It is well again, and how long it was not."""
    notices.write("alarm_over", matter=str(alarm), to=to, now=now, context=_context(alarm, over_at=now))


def _context(alarm: Alarm, **more: Any) -> dict[str, Any]:
    return {
        "reference": str(alarm),
        "words": alarm.words,
        "since": alarm.since,
        "raised_at": alarm.raised_at,
        "zone": settings.VENDOR_ZONE,
        "action_url": page("admin:index"),
        "action_label": "Open the desk",
        **more,
    }
