"""A CSE who is away next week: the first colleague who is free for all that was booked stands in and takes it over (E15)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from entitlements.actions.passing_on import booked_in, enter_leave
from entitlements.actions.refused import Refused
from entitlements.rules.days import first_instant, local_day
from entitlements.rules.engineer_load import monday_of
from entitlements.rules.spans import Span
from sla.demo.cast import Cast
from sla.demo.scene import Scene, moment

ENTERED_AGO = 2


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    at = moment(now, ENTERED_AGO)
    yield Scene(at, partial(_leave_of_next_week, cast, now, at))


def _leave_of_next_week(cast: Cast, now: datetime, at: datetime) -> None:
    *colleagues, away = cast.engineers
    monday = monday_of(local_day(now, away.tz)) + timedelta(days=7)
    week = Span(first_instant(monday, away.tz), first_instant(monday + timedelta(days=7), away.tz))
    booked = booked_in(away, week.start, week.end)
    for stand_in in colleagues:
        with suppress(Refused):
            passed = {session.pk: stand_in for session in booked}
            enter_leave(
                engineer=away,
                during=week,
                reason="Annual leave",
                stand_in=stand_in,
                passed=passed,
                by=cast.manager,
                now=at,
            )
            return
