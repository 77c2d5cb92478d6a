"""The verbs of an engagement: schedule, decline, withdraw, cancel, lapse (E5, E6, E9, E10, E14, E15).

Each is one transaction that first takes the lock of the contract years concerned. `now` is an instant in UTC by the database's
clock, `by` the person who acts. What may not be done raises `Refused` and changes nothing. To request is in `requests.py`, to
move in `moves.py`, that it was held in `deliveries.py`, who did not come in `no_shows.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from entitlements import letters
from entitlements.actions.deliveries import hold_session
from entitlements.actions.log import record
from entitlements.actions.open_books import answer_of, refusals_against
from entitlements.actions.places import (
    IN_THE_PAST,
    locked_engagement,
    locked_request,
    move_to,
    save_and_enter,
)
from entitlements.actions.refused import Refused
from entitlements.actions.requests import request_engagement
from entitlements.actions.sessions import PlannedSession, book_sessions, release_sessions
from entitlements.actions.year_ends import settle
from entitlements.failpoints import failpoint
from entitlements.models import BookedSession, Contract, Engagement, EngagementState, PolicyEdition, UsageEntry, User
from entitlements.rules.caps import BookingAnswer, EngagementFacts
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal

__all__ = [
    "PlannedSession",
    "booking_answer",
    "cancel_engagement",
    "decline_engagement",
    "hold_session",
    "lapse_engagement",
    "refusals_against",
    "refusals_to_cancel",
    "request_engagement",
    "schedule_engagement",
    "withdraw_engagement",
]

State = EngagementState
Kind = UsageEntry.Kind
NOT_SCHEDULED_IN_TIME = "Its contract year ended before it was scheduled."
HAS_BEGUN = Refusal(
    "E5",
    "has_begun",
    "Its session has begun, so it can no longer be cancelled on the customer's side.",
    "A manager notes that it was held, or who did not come.",
)


def booking_answer(contract: Contract, candidate: EngagementFacts) -> BookingAnswer:
    """E6: what the rules say to a booking, from what the database holds now."""
    engagements = [engagement.facts() for engagement in contract.engagements.all()]
    return answer_of(contract.facts(), engagements, candidate, PolicyEdition.objects.facts(), contract.pk)


@transaction.atomic
def schedule_engagement(
    *, engagement: Engagement, sessions: Sequence[PlannedSession], by: User, now: datetime
) -> Engagement:
    """E5, E9, E10, E15: accept a request and put its sessions into engineers' time, the first one first.

    The engagement then counts on the local day of its first session: a move from the wished day, checked as one. Raises Refused
    for a time that is over, when the rules refuse that day, the engineer is taken, or the sessions are not in order.
    """
    if any(session.start < now for session in sessions):
        raise Refused(IN_THE_PAST)
    engagement, year = locked_request(engagement, now, at=sessions[0].start)
    day = local_day(sessions[0].start, engagement.contract.tz)
    if refusals := refusals_against(engagement.contract, engagement.activity_id, day, engagement):
        raise Refused(*refusals)
    record("engagement.scheduled", matter=engagement.reference, by=by, now=now)
    move_to(engagement, day, year, by=by, now=now, kind=Kind.SCHEDULE)
    engagement.state = State.SCHEDULED
    engagement.decided_at, engagement.decided_by = now, by
    engagement.save()
    book_sessions(engagement, sessions, year, now=now)
    letters.session_booked(engagement, now=now)
    failpoint("session.booked")
    return engagement


@transaction.atomic
def decline_engagement(*, engagement: Engagement, reason: str, by: User, now: datetime) -> Engagement:
    """E5: turn a request down, with a reason that the customer reads; the place is back."""
    engagement, _ = locked_request(engagement, now)
    record("engagement.declined", matter=engagement.reference, by=by, now=now, note=reason)
    engagement.decided_at, engagement.decided_by, engagement.decline_reason = now, by, reason
    _end(engagement, State.DECLINED, by=by, now=now, reason=reason)
    letters.request_declined(engagement, now=now)
    return engagement


@transaction.atomic
def withdraw_engagement(*, engagement: Engagement, by: User, now: datetime, reason: str = "") -> Engagement:
    """E5: the customer takes a request back before it is scheduled; the place is back. `reason`: why a manager does it for them."""
    engagement, _ = locked_request(engagement, now)
    record("engagement.withdrawn", matter=engagement.reference, by=by, now=now, note=reason)
    engagement.ended_at, engagement.ended_by, engagement.ended_side = now, by, Engagement.Side.CUSTOMER
    engagement.end_reason = reason
    return _end(engagement, State.WITHDRAWN, by=by, now=now, reason=reason)


@transaction.atomic
def cancel_engagement(*, engagement: Engagement, side: str, reason: str, by: User, now: datetime) -> Engagement:
    """E5: cancel what is scheduled, for the `customer` or the `vendor`; the sessions' time is free again.

    The place is back, unless the first session was held and the customer cancels. Refused to the customer once the session
    that is next has begun.
    """
    engagement, year = locked_engagement(engagement, State.SCHEDULED)
    if refusals := refusals_to_cancel(engagement.sessions.all(), side, now):
        raise Refused(*refusals)
    record("engagement.cancelled", matter=engagement.reference, by=by, now=now, note=reason)
    engagement.ended_at, engagement.ended_by, engagement.ended_side = now, by, side
    engagement.end_reason = reason
    _end(engagement, State.CANCELLED, by=by, now=now, reason=reason)
    letters.session_cancelled(engagement, now=now)
    release_sessions(engagement, now=now)
    settle(year, by=by, now=now)
    return engagement


def refusals_to_cancel(sessions: Iterable[BookedSession], side: str, now: datetime) -> list[Refusal]:
    """E5: a customer cancels until the session that is next begins; the vendor at any time. An empty list means yes."""
    planned = [one for one in sessions if one.released_at is None and one.held_at is None]
    begun = any(one.during.lower <= now for one in planned)
    return [HAS_BEGUN] if side == Engagement.Side.CUSTOMER and begun else []


@transaction.atomic
def lapse_engagement(*, engagement: Engagement, now: datetime) -> bool:
    """E5: a request still unscheduled when its contract year is over lapses, as of that end. False if there is nothing to do."""
    try:
        current, year = locked_engagement(engagement, State.REQUESTED)
    except Refused:
        return False
    if now < year.ends_at:
        return False
    record("engagement.lapsed", matter=current.reference, by=None, now=year.ends_at)
    _end(current, State.LAPSED, by=None, now=year.ends_at, reason=NOT_SCHEDULED_IN_TIME, kind=Kind.LAPSE)
    return True


def _end(
    engagement: Engagement, state: str, *, by: User | None, now: datetime, reason: str, kind: str = Kind.RELEASE
) -> Engagement:
    """Move to an end state; the ledger gets back the place, if by E5 it no longer counts."""
    counted = engagement.counts
    engagement.state = state
    save_and_enter(engagement, kind, counted=counted, by=by, now=now, reason=reason)
    return engagement
