"""The engineers' free times that a manager chooses from when a session is scheduled (E10, E15)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from entitlements.admin.engagement_standing import Part, Standing
from entitlements.free_time import FreeTime, free_times, next_free_times
from entitlements.models import Engagement
from entitlements.offers import MOST_LOOKED_AT
from entitlements.rules.days import first_instant
from entitlements.rules.offered_times import spread
from entitlements.rules.spans import Span

BETWEEN_PARTS = timedelta(days=7)
"""How long after a first session the times of its follow-up are listed: a figure of ours."""


def slots_of(at: Standing, part: Part, first: date) -> list[FreeTime]:
    """E15: free times of a part from a day of the contract's zone on, spread over the customer's working day, earliest first; the
    one that the customer wished for is among them while somebody is free then.
    """
    engagement, length = at.engagement, timedelta(minutes=part.minutes)
    day = first + (part.n - 1) * BETWEEN_PARTS
    after = max(at.now, first_instant(day, at.zone))
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
