"""That a session was held, and that an engagement is delivered by it (E5, E10)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from entitlements.actions.finishing import deliver_if_it_is
from entitlements.actions.log import record
from entitlements.actions.open_books import refusals_against
from entitlements.actions.places import locked_engagement, move_to
from entitlements.actions.refused import Refused
from entitlements.actions.sessions import in_the_time_of
from entitlements.actions.year_ends import settle
from entitlements.models import BookedSession, Engagement, EngagementState, Engineer, User
from entitlements.rules.days import day_in_words, local_day
from entitlements.rules.refusals import Refusal

NOT_OVER = Refusal("E10", "not_over", "This session is not over yet.", "Mark it as held once it is.")
NOT_BOOKED_ANY_MORE = Refusal("E10", "already_moved_on", "This session was moved or ended by now.", "Look at it again.")
FIRST_THINGS_FIRST = Refusal(
    "E10", "out_of_order", "The session before it is not noted as held.", "Note first that the discovery was held."
)
BEFORE_THE_DISCOVERY = Refusal(
    "E10", "out_of_order", "The follow-up comes after the discovery.", "Look again at when it began."
)


@transaction.atomic
def hold_session(
    *, session: BookedSession, by: User, now: datetime, start: datetime | None = None, engineer: Engineer | None = None
) -> Engagement:
    """E5, E10: note that a session was held; with the last of its sessions the engagement is delivered.

    As planned, unless it really began at another `start` (UTC) or with another `engineer`. Held first on another day it counts on
    that day; Refused if the rules do not allow that (E6), if it is not over, if the one before it was not held by then, or if
    the engineer was elsewhere. As planned it counts on the day that is on record, whatever zone the contract has by now (E3).
    """
    start = None if start == session.during.lower else start
    begun = start or session.during.lower
    if begun + (session.during.upper - session.during.lower) > now:
        raise Refused(NOT_OVER)
    at = begun if start and session.part == 1 else None
    engagement, year = locked_engagement(session.engagement, EngagementState.SCHEDULED, at=at)
    day = local_day(at, engagement.contract.tz_at(at)) if at else None
    left = engagement.year
    planned = engagement.sessions.filter(pk=session.pk, released_at__isnull=True, held_at__isnull=True).first()
    if planned is None:
        raise Refused(NOT_BOOKED_ANY_MORE)
    _check_order(planned, begun)
    if (
        day
        and day != engagement.day
        and (refusals := refusals_against(engagement.contract, engagement.activity_id, day, engagement))
    ):
        raise Refused(*refusals)
    note = _note(planned, begun, engineer, engagement)
    record("engagement.session_held", matter=engagement.reference, by=by, now=now, note=note)
    if day:
        move_to(engagement, day, year, by=by, now=now)
    _hold(engagement, planned, begun, engineer or planned.engineer)
    _deliver(engagement, planned, by=by, now=now)
    settle(left, year, by=by, now=now)
    return engagement


def _check_order(session: BookedSession, begun: datetime) -> None:
    """E10: the parts before it were held, and over when it began."""
    if session.part == 1:
        return
    before = session.engagement.sessions.filter(part=session.part - 1, held_at__isnull=False).first()
    if before is None:
        raise Refused(FIRST_THINGS_FIRST)
    if begun < before.during.upper:
        raise Refused(BEFORE_THE_DISCOVERY)


def _hold(engagement: Engagement, session: BookedSession, start: datetime, engineer: Engineer) -> None:
    session.during = DateTimeTZRange(start, start + (session.during.upper - session.during.lower))
    session.engineer = engineer
    session.held_at = session.during.upper
    with in_the_time_of(engineer, engagement, start, session.during.upper):
        session.save()


def _deliver(engagement: Engagement, held: BookedSession, *, by: User, now: datetime) -> None:
    if held.part == 1:
        engagement.first_session_held_at = held.held_at
    deliver_if_it_is(engagement, by=by, now=now)


def _note(session: BookedSession, start: datetime, engineer: Engineer | None, engagement: Engagement) -> str:
    """The part, and what was not as planned."""
    note = f"part {session.part}"
    if start != session.during.lower:
        local = start.astimezone(engagement.contract.tz)
        note += f", begun {day_in_words(local.date())}, {local:%H:%M}"
    return note + (f", with {engineer}" if engineer and engineer != session.engineer else "")
