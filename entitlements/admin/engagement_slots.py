"""The engineers' free times that a manager chooses from when a session is scheduled (E10, E15)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from entitlements.admin.engagement_standing import Part, Standing
from entitlements.free_time import FreeTime, free_times, next_free_times, times_of
from entitlements.models import BookedSession, Engagement, Engineer
from entitlements.offers import MOST_LOOKED_AT
from entitlements.rules.days import first_instant, local_day
from entitlements.rules.free_slots import EngineerTime, free_slots
from entitlements.rules.offered_times import spread
from entitlements.rules.spans import Span

BETWEEN_PARTS, TWO_WEEKS, _DAY = timedelta(days=7), timedelta(days=14), timedelta(days=1)
"""How long after a first session the times of its follow-up are listed, and how far ahead those of many: figures of ours."""


def slots_of(at: Standing, part: Part, first: date) -> list[FreeTime]:
    """E15: free times of a part from a day of the contract's zone on, spread over the customer's working day, earliest first; the
    one that the customer wished for is among them while somebody is free then.
    """
    day = first + (part.n - 1) * BETWEEN_PARTS
    return _listed(at, part, max(at.now, first_instant(day, at.zone)))


def slots_to_move(at: Standing, part: Part) -> list[FreeTime]:
    """E5, E15: as `slots_of`, from tomorrow on: a move may also lead to an earlier day."""
    return _listed(at, part, first_instant(local_day(at.now, at.zone) + _DAY, at.zone))


def slots_of_many(wanted: Sequence[tuple[BookedSession, int, datetime]]) -> dict[int, list[datetime]]:
    """E15: for each session, an engineer (key) and an instant (UTC), the free times of that engineer in the two weeks after it, by the
    key of the session; as many questions for a hundred as for one.
    """
    if not wanted:
        return {}
    instants = [after for *_, after in wanted]
    whole = Span(min(instants), max(instants) + TWO_WEEKS)
    known = {one.key: one for one in times_of(Engineer.objects.filter(pk__in={key for _, key, _ in wanted}), whole)}
    return {one.pk: _of_one(one, known.get(key), Span(after, after + TWO_WEEKS)) for one, key, after in wanted}


def _of_one(session: BookedSession, engineer: EngineerTime | None, within: Span) -> list[datetime]:
    length, engagement = session.during.upper - session.during.lower, session.engagement
    free = free_slots([engineer] if engineer else [], activity=engagement.activity_id, length=length, within=within)
    return spread((slot.span.start for slot in free), engagement.contract.tz)


def _listed(at: Standing, part: Part, after: datetime) -> list[FreeTime]:
    engagement, length = at.engagement, timedelta(minutes=part.minutes)
    found = next_free_times(engagement.activity_id, length=length, after=after, count=MOST_LOOKED_AT)
    offered = {one.start: one for one in found}
    shown = {start: offered[start] for start in spread(offered, at.zone)}
    wished = _wished(engagement, length, at.now) if part.n == 1 else []
    return [slot for _, slot in sorted({**shown, **{one.start: one for one in wished}}.items())]


def _wished(engagement: Engagement, length: timedelta, now: datetime) -> list[FreeTime]:
    start = engagement.wished_start
    if start is None or start <= now:
        return []
    return free_times(engagement.activity_id, length=length, within=Span(start, start + length), limit=1)
