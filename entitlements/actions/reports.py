"""What others report of a letter after the mail server took it: it arrived, is late, or came back (T2, N25)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction

from entitlements import undelivered
from entitlements.actions.log import record
from entitlements.delivery_reports import BOUNCED, DELIVERED, Report
from entitlements.models import Letter, LetterEvent, LetterEventKind, User
from entitlements.return_addresses import letter_of

log = structlog.get_logger(__name__)

Around = Callable[[Letter, datetime], AbstractContextManager[None]]
_AROUND: list[Around] = []


def ask_around_a_return(around: Around) -> None:
    """Whatever rests on letters that were accepted is asked, around the moment at which one is known to have come back."""
    _AROUND.append(around)


@transaction.atomic
def note_report(*, report: Report, by: User | None, now: datetime) -> Letter | None:
    """T2: note what a report says of the letter that it is about, once. None, and a line in the log, if no letter of ours is meant.

    What came back for ever marks its address, goes to the next contact, and is told to those who can mend it (N25).
    """
    letter = _meant(report)
    if letter is None:
        log.warning("report_of_no_letter", message_id=report.message_id, kind=report.kind, source=report.source)
        return None
    if LetterEvent.objects.filter(source=report.source).exists():
        return letter
    record(f"letter.{report.kind}", matter=letter.matter, by=by, now=now, note=f"{letter.kind} to {letter.addressee}")
    LetterEvent.objects.create(
        letter=letter,
        kind=LetterEventKind(report.kind),
        at=_moment(report, letter, now),
        host=report.host[:200],
        reply=report.diagnostic,
        source=report.source,
    )
    if report.kind == BOUNCED:
        _came_back(letter, _moment(report, letter, now), now)
    elif report.kind == DELIVERED:
        undelivered.address_takes_letters(letter.addressee)
    return letter


def _came_back(letter: Letter, at: datetime, now: datetime) -> None:
    """It came back `at`, as the report says, but never before it was taken; we know of it `now`."""
    if letter.bounced_at is None:
        with ExitStack() as stack:
            for around in _AROUND:
                stack.enter_context(around(letter, now))
            letter.bounced_at = max(at, letter.accepted_at or at)
            letter.save(update_fields=["bounced_at"])
    undelivered.mark_address(letter.addressee, now=now)
    undelivered.pass_on(letter, now=now)


def _meant(report: Report) -> Letter | None:
    """The letter by the address that the report came back to, else by its Message-ID, else by what the server called it.

    Where each letter has a return address of its own, a report that is neither signed nor came back there is not believed.
    """
    letters = Letter.objects.select_for_update(of=("self",)).select_related("customer", "person")
    for address in report.came_back_to:
        if (number := letter_of(address)) and (letter := letters.filter(pk=number).first()):
            return letter
    if not report.message_id or (settings.BOUNCES_ADDRESS and not report.signed):
        return None
    known_as = report.message_id.strip("<>")
    if letter := letters.filter(message_id=f"<{known_as}>").first():
        return letter
    queued_as = {"events__kind": LetterEventKind.ACCEPTED, "events__reply__contains": known_as}
    return letters.filter(addressee__iexact=report.recipient, **queued_as).first() if len(known_as) >= 8 else None


def _moment(report: Report, letter: Letter, now: datetime) -> datetime:
    """When it says that it happened, if that can be."""
    return report.at if report.at and letter.written_at <= report.at <= now else now
