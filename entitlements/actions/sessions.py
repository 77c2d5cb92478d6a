"""The sessions of an engagement in the engineers' time (E10, E15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from entitlements.actions.places import outside_term
from entitlements.actions.refused import Refused
from entitlements.models import BookedSession, ContractYear, Engagement, Engineer, PolicyEdition
from entitlements.rules.days import local_day
from entitlements.rules.editions import edition_for
from entitlements.rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """When a session begins (UTC), and with whom; how long it takes stands in the policy's edition."""

    start: datetime
    engineer: Engineer


def session_lengths(engagement: Engagement, year: ContractYear) -> tuple[int, ...]:
    """E10: the minutes of each session, by the edition that governs the year."""
    return edition_for(PolicyEdition.objects.facts(), year.first_day).sessions[engagement.activity_id]


def book_sessions(
    engagement: Engagement, sessions: Sequence[PlannedSession], year: ContractYear, *, now: datetime
) -> None:
    """E10, E15: put the sessions that were not held yet into engineers' time, the first one first.

    A session that this replaces is released; the new one has its UID and the next SEQUENCE. One that is not replaced stays.
    Raises Refused when an engineer is taken, a session lies outside the term, or the follow-up would come before the discovery.
    """
    lengths = session_lengths(engagement, year)
    first = 1 + engagement.sessions.filter(held_at__isnull=False).count()
    if first + len(sessions) - 1 > len(lengths):
        raise ValueError(f"{engagement.activity_id} has {len(lengths)} sessions, not {first + len(sessions) - 1} (E10)")
    replaced = _release(engagement, range(first, first + len(sessions)), now)
    for part, session in enumerate(sessions, start=first):
        ends = session.start + timedelta(minutes=lengths[part - 1])
        sequence = replaced[part] + 1 if part in replaced else 0
        _book_one(engagement, part, session, ends, sequence)
    _check_order(engagement)
    _check_term(engagement)


def release_sessions(engagement: Engagement, *, now: datetime) -> None:
    """E15: the time of every session that was not held is free again."""
    engagement.sessions.filter(released_at__isnull=True, held_at__isnull=True).update(released_at=now)


def _release(engagement: Engagement, parts: Sequence[int], now: datetime) -> dict[int, int]:
    """Free the time of these parts; the SEQUENCE that each had."""
    planned = engagement.sessions.filter(part__in=parts, released_at__isnull=True, held_at__isnull=True)
    sequences = {session.part: session.calendar_sequence for session in planned}
    planned.update(released_at=now)
    return sequences


def _check_order(engagement: Engagement) -> None:
    live = engagement.sessions.filter(released_at__isnull=True).order_by("part")
    if any(later.during.lower < earlier.during.upper for earlier, later in pairwise(live)):
        raise Refused(
            Refusal("E10", "out_of_order", "The follow-up comes after the discovery.", "Choose a later time.")
        )


def _check_term(engagement: Engagement) -> None:
    """E14: no session lies outside the contract's term, the follow-up neither."""
    contract = engagement.contract
    for session in engagement.sessions.filter(released_at__isnull=True):
        if not contract.first_day <= local_day(session.during.lower, contract.tz) <= contract.last_day:
            raise Refused(outside_term(contract.first_day, contract.last_day))


def _book_one(engagement: Engagement, part: int, session: PlannedSession, ends: datetime, sequence: int) -> None:
    try:
        with transaction.atomic():
            BookedSession.objects.create(
                engagement=engagement,
                part=part,
                engineer=session.engineer,
                during=DateTimeTZRange(session.start, ends),
                calendar_uid=f"{engagement.reference.lower()}-{part}@makegood",
                calendar_sequence=sequence,
            )
    except IntegrityError as clash:
        if "no_engineer_is_booked_twice_at_one_time" not in str(clash):
            raise
        raise Refused(
            Refusal(
                "E15",
                "engineer_taken",
                f"{session.engineer} is already booked at that time.",
                "Choose another time or another engineer.",
            )
        ) from clash
