"""The sessions of an engagement in the engineers' time (E10, E15)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from entitlements import wording
from entitlements.actions.places import outside_term
from entitlements.actions.refused import Refused
from entitlements.calendars import event_uid
from entitlements.free_time import next_free_times
from entitlements.models import BookedSession, Contract, ContractYear, Engagement, Engineer, PolicyEdition
from entitlements.rules import free_slots
from entitlements.rules.contract_years import contract_year_of
from entitlements.rules.days import local_day
from entitlements.rules.editions import edition_for
from entitlements.rules.refusals import Refusal
from entitlements.rules.reminders import due_reminder


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """When a session begins (UTC), with whom, and where people meet (None: where they were to meet before); how long it takes
    stands in the policy's edition."""

    start: datetime
    engineer: Engineer
    meet_at: str | None = None


def session_lengths(engagement: Engagement, year: ContractYear) -> tuple[int, ...]:
    """E10: the minutes of each session, by the edition that governs the year."""
    return edition_for(PolicyEdition.objects.facts(), year.first_day).sessions[engagement.activity_id]


def book_sessions(
    engagement: Engagement,
    sessions: Sequence[PlannedSession],
    year: ContractYear,
    *,
    now: datetime,
    first: int | None = None,
) -> None:
    """E10, E15: put sessions into engineers' time, the first one first: from the part `first` on, else from the first not held.

    A session that this replaces is released; the new one has its UID and the next SEQUENCE. One that is not replaced stays.
    Raises Refused when an engineer is taken, on leave, not at work or without the skill, a session lies outside the term, or the
    follow-up would come before the discovery.
    """
    lengths = session_lengths(engagement, year)
    first = first or 1 + engagement.sessions.filter(held_at__isnull=False).count()
    if first + len(sessions) - 1 > len(lengths):
        raise ValueError(f"{engagement.activity_id} has {len(lengths)} sessions, not {first + len(sessions) - 1} (E10)")
    replaced = _release(engagement, range(first, first + len(sessions)), now)
    for part, session in enumerate(sessions, start=first):
        ends = session.start + timedelta(minutes=lengths[part - 1])
        _book_one(engagement, part, session, ends, replaced.get(part), now)
    live = list(engagement.sessions.filter(released_at__isnull=True).order_by("part"))
    _check_order(live)
    _check_term(engagement.contract, live)


def give_session_to(engagement: Engagement, session: BookedSession, engineer: Engineer, *, now: datetime) -> None:
    """E15: the same time, with another engineer: the old session is released, the new one has its UID and the next SEQUENCE."""
    BookedSession.objects.filter(pk=session.pk).update(released_at=now)
    planned = PlannedSession(session.during.lower, engineer)
    _book_one(engagement, session.part, planned, session.during.upper, session, now)


def release_sessions(engagement: Engagement, *, now: datetime) -> None:
    """E15: the time of every session that was not held is free again."""
    engagement.sessions.filter(released_at__isnull=True, held_at__isnull=True).update(released_at=now)


def _release(engagement: Engagement, parts: Sequence[int], now: datetime) -> dict[int, BookedSession]:
    """Free the time of these parts; each as it was."""
    planned = engagement.sessions.filter(part__in=parts, released_at__isnull=True, held_at__isnull=True)
    before = {session.part: session for session in planned}
    if before:
        planned.update(released_at=now)
    return before


def _check_order(live: Sequence[BookedSession]) -> None:
    if any(later.during.lower < earlier.during.upper for earlier, later in pairwise(live)):
        raise Refused(
            Refusal("E10", "out_of_order", "The follow-up comes after the discovery.", "Choose a later time.")
        )


def _check_term(contract: Contract, live: Sequence[BookedSession]) -> None:
    """E14: no session lies outside the contract's term, the follow-up neither."""
    for session in live:
        day = local_day(session.during.lower, contract.tz)
        if contract_year_of(contract.first_day, contract.last_day, day) is None:
            raise Refused(outside_term(contract.first_day, contract.last_day))


def _book_one(
    engagement: Engagement,
    part: int,
    session: PlannedSession,
    ends: datetime,
    before: BookedSession | None,
    now: datetime,
) -> None:
    _check_engineer(engagement, session.engineer)
    with in_the_time_of(session.engineer, engagement, session.start, ends):
        BookedSession.objects.create(
            engagement=engagement,
            part=part,
            engineer=session.engineer,
            during=DateTimeTZRange(session.start, ends),
            meet_at=_meet_at(session, before),
            calendar_uid=before.calendar_uid if before else event_uid(f"{engagement.reference}-{part}"),
            calendar_sequence=before.calendar_sequence + 1 if before else 0,
            remind_at=_remind_at(session.start, engagement.contract.tz, now),
        )


def _meet_at(session: PlannedSession, before: BookedSession | None) -> str:
    if session.meet_at is None:
        return before.meet_at if before else ""
    return session.meet_at


@contextmanager
def in_the_time_of(engineer: Engineer, engagement: Engagement, start: datetime, end: datetime) -> Iterator[None]:
    """E15: what is written within takes time of the engineer; Refused where the database says no, with when they are free next."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as clash:
        name = engineer.user.name
        refusal = next((say(name) for constraint, say in _HELD_BY.items() if constraint in str(clash)), None)
        if refusal is None:
            raise
        raise Refused(_with_next_free_time(refusal, engagement, engineer, start, end)) from clash


def _remind_at(start: datetime, zone: ZoneInfo, now: datetime) -> datetime | None:
    """T1: when the session is told of; None if it is booked later than that."""
    answer = due_reminder("session", start, zone, now, opened=now, sent=())
    return now if answer.send else answer.next_at


_HELD_BY = {
    "no_engineer_is_booked_twice_at_one_time": free_slots.taken,
    "no_session_on_leave": free_slots.on_leave,
    "no_session_outside_working_hours": free_slots.outside_hours,
}
"""What the database holds of E15, and what it is called."""


def _check_engineer(engagement: Engagement, engineer: Engineer) -> None:
    """E15: the engineer takes engagements, and this activity is among their skills."""
    if not Engineer.objects.taking().filter(pk=engineer.pk).exists():
        says = free_slots.nobody_finishes if engineer.is_active and engineer.leaves_at else free_slots.takes_no_more
        raise Refused(says(engineer.user.name))
    if not engineer.skills.filter(pk=engagement.activity_id).exists():
        raise Refused(free_slots.lacks_the_skill(engineer.user.name))


def _with_next_free_time(
    refusal: Refusal, engagement: Engagement, engineer: Engineer, start: datetime, end: datetime
) -> Refusal:
    """E15: the refusal, and when the engineer is free next for as long, in the contract's zone."""
    found = next_free_times(
        engagement.activity_id,
        length=end - start,
        after=start,
        count=1,
        engineers=Engineer.objects.filter(pk=engineer.pk),
    )
    if not found:
        return refusal
    when = wording.moment_in_words(found[0].start, engagement.contract.tz, seconds=False)
    return replace(refusal, what_helps=f"{refusal.what_helps} {engineer.user.name} is free on {when}.")
