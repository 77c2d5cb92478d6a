"""To move an engagement: a removal and a new booking in one step; refused, it leaves the old day (E5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from entitlements import letters
from entitlements.actions.engagements import refusals_against
from entitlements.actions.log import record
from entitlements.actions.places import locked_engagement, locked_request, move_to
from entitlements.actions.refused import Refused
from entitlements.actions.sessions import PlannedSession, book_sessions
from entitlements.models import BookedSession, Engagement, EngagementState, User
from entitlements.rules.days import day_in_words, local_day
from entitlements.rules.refusals import Refusal

IN_THE_PAST = Refusal("E5", "in_the_past", "That time is over.", "Choose a later one.")


@transaction.atomic
def move_request(*, engagement: Engagement, day: date, by: User, now: datetime) -> Engagement:
    """E5, E6: another wished day (of the contract's zone) for a request that waits. Raises Refused as a new request would be."""
    engagement, year = locked_request(engagement, now, to=day)
    if day < local_day(now, engagement.contract.tz):
        raise Refused(IN_THE_PAST)
    note = _check_day(engagement, day)
    record("engagement.moved", matter=engagement.reference, by=by, now=now, note=note)
    move_to(engagement, day, year, by=by, now=now)
    engagement.wished_day = day
    engagement.save()
    return engagement


@transaction.atomic
def move_sessions(*, engagement: Engagement, sessions: Sequence[PlannedSession], by: User, now: datetime) -> Engagement:
    """E5, E10, E15: other times for the sessions that were not held yet, the next one first; those not named stay as they are.

    The engagement then counts on the local day of its first session; once that was held, the day stays. Whoever is concerned
    gets a letter whose calendar file replaces the earlier one. Raises Refused as a new booking would be, or when the engineer is taken.
    """
    if any(session.start < now for session in sessions):
        raise Refused(IN_THE_PAST)
    if Engagement.objects.filter(pk=engagement.pk, first_session_held_at__isnull=False).exists():
        engagement, year = locked_engagement(engagement, EngagementState.SCHEDULED)
        _check_follow_up(engagement)
        record("engagement.moved", matter=engagement.reference, by=by, now=now, note="Follow-up")
    else:
        day = local_day(sessions[0].start, engagement.contract.tz)
        engagement, year = locked_engagement(engagement, EngagementState.SCHEDULED, to=day)
        note = _check_day(engagement, day)
        record("engagement.moved", matter=engagement.reference, by=by, now=now, note=note)
        move_to(engagement, day, year, by=by, now=now)
        engagement.save()
    before = _live_sessions(engagement)
    book_sessions(engagement, sessions, year, now=now)
    letters.session_moved(engagement, before=before, by=by, now=now)
    return engagement


def move_engagement(
    *,
    engagement: Engagement,
    by: User,
    now: datetime,
    day: date | None = None,
    sessions: Sequence[PlannedSession] = (),
) -> Engagement:
    """E5: move a request to another wished `day`, or what is scheduled to other `sessions`: one of the two."""
    if (day is None) == (not sessions):
        raise ValueError("a move needs a wished day or the times of sessions")
    if day:
        return move_request(engagement=engagement, day=day, by=by, now=now)
    return move_sessions(engagement=engagement, sessions=sessions, by=by, now=now)


def _check_day(engagement: Engagement, day: date) -> str:
    """E6: nothing stands against the new day; from when to when, for the log."""
    if refusals := refusals_against(engagement.contract, engagement.activity_id, day, engagement):
        raise Refused(*refusals)
    return f"From {day_in_words(engagement.day)} to {day_in_words(day)}"


def _check_follow_up(engagement: Engagement) -> None:
    """E10, E14: a follow-up takes no place of its own, so only the contract's state can stand against it."""
    refusals = refusals_against(engagement.contract, engagement.activity_id, engagement.day, engagement)
    if standing := [refusal for refusal in refusals if refusal.clause == "E14"]:
        raise Refused(*standing)


def _live_sessions(engagement: Engagement) -> list[BookedSession]:
    return list(engagement.sessions.filter(released_at__isnull=True, held_at__isnull=True))
