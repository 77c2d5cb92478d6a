"""E15: when engineers are free, from what the database holds now: for whoever offers times, shows them or refuses one.

Each function asks a constant number of queries, however many engineers and sessions there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from entitlements.models import BookedSession, Engineer, Leave, WorkingHours
from entitlements.rules import free_slots as rule
from entitlements.rules.free_slots import EngineerTime
from entitlements.rules.spans import Span

HORIZON = timedelta(days=60)
"""How far ahead the next free times are looked for: a figure of ours."""


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time at which a session can be booked (UTC), and every engineer who is free for it, in the order of their keys."""

    span: Span
    engineers: tuple[Engineer, ...]

    @property
    def start(self) -> datetime:
        return self.span.start


def free_times(
    activity: str,
    *,
    length: timedelta,
    within: Span,
    engineers: QuerySet[Engineer] | None = None,
    limit: int | None = None,
) -> list[FreeTime]:
    """E15: the times in a span (UTC) at which a session of the activity (its key) can be booked, earliest first.

    They begin on the grid. `engineers`: only these, else all who take engagements. `limit`: no more than so many.
    """
    known = {one.pk: one for one in with_time(_taking(engineers).filter(skills=activity), within)}
    slots = rule.free_slots(
        [time_of(one) for one in known.values()], activity=activity, length=length, within=within, limit=limit
    )
    return [FreeTime(slot.span, tuple(known[key] for key in slot.engineers)) for slot in slots]


def next_free_times(
    activity: str,
    *,
    length: timedelta,
    after: datetime,
    count: int,
    engineers: QuerySet[Engineer] | None = None,
) -> list[FreeTime]:
    """E15: the first `count` free times that begin at `after` (UTC) or later, within HORIZON; fewer if there are no more."""
    within = Span(after, after + HORIZON)
    return free_times(activity, length=length, within=within, engineers=engineers, limit=count)


def times_of(engineers: QuerySet[Engineer], within: Span) -> list[EngineerTime]:
    """The engineers as the rules read them, as far as a span (UTC) is concerned, in the order of the queryset."""
    return [time_of(engineer) for engineer in with_time(engineers, within)]


def time_of(engineer: Engineer) -> EngineerTime:
    """The engineer as the rules read them, from what was fetched with them, else from all there is."""
    return EngineerTime(
        key=engineer.pk,
        name=engineer.user.name,
        zone=ZoneInfo(engineer.zone),
        skills=frozenset(activity.pk for activity in engineer.skills.all()),
        hours=tuple(hours.facts() for hours in engineer.hours.all()),
        booked=_spans(session for session in engineer.sessions.all() if session.released_at is None),
        leave=_spans(leave for leave in engineer.leaves.all() if leave.taken_back_at is None),
    )


def _taking(engineers: QuerySet[Engineer] | None) -> QuerySet[Engineer]:
    return Engineer.objects.taking() if engineers is None else Engineer.objects.taking().filter(pk__in=engineers)


def with_time(engineers: QuerySet[Engineer], within: Span) -> QuerySet[Engineer]:
    """With all of their time that touches the span; a day more on either side for their own zone."""
    touched = (within.start, within.end)
    days = (within.start.date() - timedelta(days=1), within.end.date() + timedelta(days=2))
    return engineers.select_related("user").prefetch_related(
        "skills",
        Prefetch("hours", WorkingHours.objects.filter(days__overlap=days)),
        Prefetch("leaves", Leave.objects.standing().filter(during__overlap=touched)),
        Prefetch("sessions", BookedSession.objects.filter(released_at__isnull=True, during__overlap=touched)),
    )


def _spans(rows: Iterable[BookedSession | Leave]) -> tuple[Span, ...]:
    return tuple(Span(row.during.lower, row.during.upper) for row in rows)
