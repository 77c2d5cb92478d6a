"""T1 for sessions and for what is unused: which reminder is due, and whether a letter is still true when it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfoNotFoundError

import structlog
from django.db import transaction

from entitlements import access, missed
from entitlements import reminder_letters as letters
from entitlements.actions.log import record
from entitlements.models import (
    BookedSession,
    Contract,
    ContractYear,
    Letter,
    LetterState,
    MissedReminder,
    PolicyEdition,
    Role,
)
from entitlements.notices import thawed
from entitlements.rules.cap_tables import CardLine
from entitlements.rules.days import first_instant, local_day
from entitlements.rules.reminders import ReminderAnswer, due_reminder
from entitlements.rules.year_cards import lapsing, year_card

log = structlog.get_logger(__name__)


@transaction.atomic
def remind_of_session(*, bookedsession: BookedSession, now: datetime) -> bool:
    """N5: write to whoever is concerned that a session is near. False if it was told of, moved or cancelled meanwhile."""
    session = (
        BookedSession.objects.to_be_told_of(now).select_for_update(of=("self",)).filter(pk=bookedsession.pk).first()
    )
    if session is None:
        return False
    record("engagement.reminder", matter=session.engagement.reference, by=None, now=now, note=f"Part {session.part}")
    letters.session_reminder(session, now=now)
    session.remind_at = None
    session.save(update_fields=["remind_at"])
    return True


@transaction.atomic
def remind_of_year(*, contractyear: ContractYear, now: datetime) -> bool:
    """N7: write the one reminder of unused places that is due, if any, and note when to look again."""
    years = ContractYear.objects.running(now).select_related("contract__customer")
    year = years.select_for_update(of=("self",), no_key=True).filter(pk=contractyear.pk).first()
    if year is None:
        return False
    answer = _of_year(year, now)
    left = unused_of(year, now) if answer.send else []
    if answer.send and left:
        owners = list(access.people_of(year.contract.customer, Role.OWNER))
        verb = "contract.reminder" if owners else "contract.reminder_to_nobody"
        record(verb, matter=year.contract.order_form, by=None, now=now, note=answer.send)
        letters.unused_reminder(year, left, to=owners, point=answer.send, now=now)
    elif answer.send:
        record("contract.reminder", matter=year.contract.order_form, by=None, now=now, note="none due")
    if left:
        missed.note(_missed(answer, year, now))
    year.remind_at = answer.next_at or year.ends_at
    year.save(update_fields=["remind_at"])
    return bool(left)


def note_missed_of_year(year: ContractYear, *, now: datetime) -> None:
    """T1: the year is over, and places of it lapsed of which the clock did not remind in time."""
    try:
        missed.note(_missed(_of_year(year, now), year, now))
    except (ZoneInfoNotFoundError, ValueError):
        log.exception("missed_reminders_not_noted", matter=letters.matter_of(year))


def _missed(answer: ReminderAnswer, year: ContractYear, now: datetime) -> list[MissedReminder]:
    matter, customer = letters.matter_of(year), year.contract.customer
    return missed.rows_of(answer, since=year.remind_at, matter=matter, customer=customer, now=now)


@transaction.atomic
def note_untold(*, bookedsession: BookedSession, now: datetime) -> bool:
    """T1: a session has begun of which nobody was reminded: that is put on record, unless a suspension held it (E14).

    False if somebody was meanwhile.
    """
    sessions = BookedSession.objects.begun_untold(now).select_related("engagement__contract__customer")
    session = sessions.select_for_update(of=("self",)).filter(pk=bookedsession.pk).first()
    if session is None or session.remind_at is None:
        return False
    engagement, contract = session.engagement, session.engagement.contract
    held = contract.status != Contract.Status.ACTIVE
    verb = "engagement.not_reminded" if held else "engagement.missed_reminder"
    record(verb, matter=engagement.reference, by=None, now=now, note=f"Part {session.part}")
    if not held:
        answer = due_reminder("session", session.during.lower, contract.tz, now, session.remind_at, ())
        missed.note(
            missed.rows_of(
                answer, since=session.remind_at, matter=engagement.reference, customer=contract.customer, now=now
            )
        )
    session.remind_at = None
    session.save(update_fields=["remind_at"])
    return True


def unused_of(year: ContractYear, now: datetime) -> list[tuple[CardLine, int]]:
    """E3: the lines of a year of which places are left; none on a contract on which nothing can be booked (E14)."""
    contract = year.contract.facts()
    if not contract.is_active:
        return []
    engagements = [engagement.facts() for engagement in year.contract.engagements.all()]
    on = local_day(now, contract.zone)
    return lapsing(year_card(contract, year.facts(), engagements, PolicyEdition.objects.facts(), on))


def no_longer_true(waiting: Sequence[Letter], now: datetime) -> set[int]:
    """T1: asked of all letters at the moment of sending: a session is told of while it is ahead and booked as the letter has
    it (with whom, and where), places while some are unused, their deadline is still the one it states, and no later point has been
    reached. The keys of those of which that is over."""
    of_kind = {"session_reminder": _of_other_sessions, "unused_reminder": _of_other_years}
    reminders = {kind: [one for one in waiting if one.kind == kind] for kind in of_kind}
    return {key for kind, some in reminders.items() if some for key in of_kind[kind](some, now)}


def _of_other_sessions(reminders: list[Letter], now: datetime) -> Iterator[int]:
    ahead = BookedSession.objects.ahead(now).filter(engagement__reference__in=[one.matter for one in reminders])
    booked = list(ahead.values_list("engagement__reference", "during", "pk"))
    for one in reminders:
        told = thawed(one.context).get("session")
        as_told = [key for matter, during, key in booked if (matter, during.lower) == (one.matter, one.deadline)]
        if not as_told or (told and told not in as_told):
            yield one.pk


def _of_other_years(reminders: list[Letter], now: datetime) -> Iterator[int]:
    years = ContractYear.objects.select_related("contract")
    found = years.in_bulk([int(one.matter.removeprefix(letters.YEAR)) for one in reminders])
    for one in reminders:
        year = found.get(int(one.matter.removeprefix(letters.YEAR)))
        if year is None or not _is_as_told(one, year, now):
            yield one.pk


def _is_as_told(reminder: Letter, year: ContractYear, now: datetime) -> bool:
    reached = _of_year(year, now, told=False).send
    return (reached, year.ends_at) == (reminder.point, reminder.deadline) and bool(unused_of(year, now))


def _of_year(year: ContractYear, now: datetime, told: bool = True) -> ReminderAnswer:
    opened = first_instant(year.first_day, year.contract.tz)
    return due_reminder("unused", year.ends_at, year.contract.tz, now, opened, _points_sent(year) if told else ())


def _points_sent(year: ContractYear) -> list[str]:
    told = Letter.objects.filter(kind="unused_reminder", matter=letters.matter_of(year), deadline=year.ends_at)
    return list(told.exclude(state=LetterState.NO_LONGER_TRUE).order_by().values_list("point", flat=True).distinct())
