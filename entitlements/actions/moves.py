"""To move an engagement: a removal and a new booking in one step; refused, it leaves the old day (E5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from entitlements import letters, wording
from entitlements.actions.log import record
from entitlements.actions.open_books import refusals_against
from entitlements.actions.places import IN_THE_PAST, locked_engagement, locked_request, move_to
from entitlements.actions.refused import Refused
from entitlements.actions.sessions import PlannedSession, book_sessions, session_lengths
from entitlements.actions.year_ends import settle
from entitlements.models import BookedSession, Contract, ContractYear, Engagement, EngagementState, User
from entitlements.rules.days import day_in_words, local_day
from entitlements.rules.refusals import Refusal

ALL_BOOKED = Refusal("E10", "all_booked", "All of its sessions are booked.", "Move the one that you mean.")
HELD_BY_NOW = Refusal("E10", "already_moved_on", "A session of it was held by now.", "Look at it again.")


@transaction.atomic
def move_request(
    *, engagement: Engagement, day: date, by: User, now: datetime, start: datetime | None = None
) -> Engagement:
    """E5, E6: another wished day (of the contract's zone) for a request that waits, with the instant (UTC) that is wished for on
    it, if one is; whoever asked gets a letter if a manager moves it. Raises Refused as a new request would be."""
    engagement, year = locked_request(engagement, now, to=day)
    if day < local_day(now, engagement.contract.tz):
        raise Refused(IN_THE_PAST)
    _check_day(engagement, day)
    before, before_start = engagement.wished_day, engagement.wished_start
    note = f"From {_wish(before, before_start, engagement.contract)} to {_wish(day, start, engagement.contract)}"
    record("engagement.moved", matter=engagement.reference, by=by, now=now, note=note)
    move_to(engagement, day, year, by=by, now=now)
    engagement.wished_day, engagement.wished_start = day, start
    engagement.save()
    if by.is_staff and (day, start) != (before, before_start):
        letters.request_moved(engagement, before=before, now=now)
    return engagement


@transaction.atomic
def move_sessions(
    *,
    engagement: Engagement,
    sessions: Sequence[PlannedSession],
    by: User,
    now: datetime,
    first: int | None = None,
    reason: str = "",
) -> Engagement:
    """E5, E10, E15: other times for the sessions that were not held yet, the next one first; those not named stay as they are.

    `first` is the part with which they begin, if it is not the next one; `reason` stands in the letter.

    The engagement then counts on the local day of its first session; once that was held, the day stays. Whoever is concerned
    gets a letter whose calendar file replaces the earlier one. Raises Refused as a new booking would be, or when the engineer is taken.
    """
    if any(session.start < now for session in sessions):
        raise Refused(IN_THE_PAST)
    first = first or 1 + _held(engagement)
    engagement, year = locked_engagement(engagement, EngagementState.SCHEDULED, at=sessions[0].start)
    if first <= _held(engagement):
        raise Refused(HELD_BY_NOW)
    before = _live_sessions(engagement)
    note = _noted(_what_moves(before, first, sessions[0], engagement.contract.tz), reason)
    if first > 1:
        _check_follow_up(engagement)
        record("engagement.moved", matter=engagement.reference, by=by, now=now, note=note)
    else:
        _move_day(engagement, year, local_day(sessions[0].start, engagement.contract.tz), note, by=by, now=now)
    book_sessions(engagement, sessions, engagement.year, now=now, first=first)
    letters.session_moved(engagement, before=before, by=by, now=now, reason=reason)
    return engagement


@transaction.atomic
def book_follow_up(*, engagement: Engagement, session: PlannedSession, by: User, now: datetime) -> Engagement:
    """E10: book the session that was left open, after the one before it; it takes no place of its own.

    Whoever is concerned gets a letter with its calendar file. Raises Refused when none is left to book, when it would come too
    early, outside the term, or when the engineer is taken.
    """
    if session.start < now:
        raise Refused(IN_THE_PAST)
    engagement, year = locked_engagement(engagement, EngagementState.SCHEDULED)
    _check_follow_up(engagement)
    part = 1 + engagement.sessions.filter(released_at__isnull=True).count()
    if part > len(session_lengths(engagement, year)):
        raise Refused(ALL_BOOKED)
    record("engagement.follow_up_booked", matter=engagement.reference, by=by, now=now, note=f"part {part}")
    book_sessions(engagement, [session], year, now=now, first=part)
    letters.session_booked(engagement, now=now, since=part)
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


def _held(engagement: Engagement) -> int:
    return engagement.sessions.filter(held_at__isnull=False).count()


def _move_day(engagement: Engagement, year: ContractYear, day: date, note: str, *, by: User, now: datetime) -> None:
    left = engagement.year
    _check_day(engagement, day)
    record("engagement.moved", matter=engagement.reference, by=by, now=now, note=note)
    move_to(engagement, day, year, by=by, now=now)
    engagement.save()
    settle(left, year, by=by, now=now)


def _check_day(engagement: Engagement, day: date) -> None:
    """E6: nothing stands against the new day."""
    if refusals := refusals_against(engagement.contract, engagement.activity_id, day, engagement):
        raise Refused(*refusals)


def _wish(day: date, start: datetime | None, contract: Contract) -> str:
    return wording.moment_in_short(start, contract.tz) if start else day_in_words(day)


def _what_moves(before: Sequence[BookedSession], part: int, planned: PlannedSession, zone: ZoneInfo) -> str:
    """For the log: from when to when the first one moves; at the same time, what else is new of it."""
    was = next((one for one in before if one.part == part), None)
    session = f"Part {part}" if part > 1 else "Session"
    if was is None or was.during.lower != planned.start:
        earlier = f"from {wording.moment_in_short(was.during.lower, zone)} " if was else ""
        return f"{session} {earlier}to {wording.moment_in_short(planned.start, zone)}"
    return f"{session} with {planned.engineer}" if was.engineer != planned.engineer else f"{session}: where to meet"


def _noted(what: str, reason: str) -> str:
    return f"{what}. {reason}" if reason else what


def _check_follow_up(engagement: Engagement) -> None:
    """E10, E14: a follow-up takes no place of its own, so only the contract's state can stand against it."""
    refusals = refusals_against(engagement.contract, engagement.activity_id, engagement.day, engagement)
    if standing := [refusal for refusal in refusals if refusal.clause == "E14"]:
        raise Refused(*standing)


def _live_sessions(engagement: Engagement) -> list[BookedSession]:
    return list(engagement.sessions.filter(released_at__isnull=True, held_at__isnull=True))
