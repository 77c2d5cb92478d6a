"""What follows from what the mail server said of one letter, by the kind of its answer (T2)."""

from __future__ import annotations

import random
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction

from entitlements import undelivered
from entitlements.actions.quarantine import put_in_quarantine
from entitlements.models import Letter, LetterEvent, LetterEventKind, LetterState
from entitlements.notices.servers import NotReached, NotTakenNow, said

Kind = LetterEventKind
OTHERS_TOLD = "others told of a letter"
"""The clock's job: N25, where it could not be done when the letter failed."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a letter waits for another try, and when there is none: after so many of a kind, or so long after the first."""

    first: timedelta
    longest: timedelta
    longest_urgent: timedelta
    most: int | None = None
    for_: timedelta | None = None

    def pause(self, nth: int, urgent: bool) -> timedelta:
        """Before the try after the `nth`: it doubles, with full jitter, up to its longest."""
        longest = min(self.longest_urgent if urgent else self.longest, self.first * 2 ** min(nth, 20))
        return self.first + (longest - self.first) * random.random()  # noqa: S311 - jitter, no secret

    def is_over(self, nth: int, since: timedelta) -> bool:
        """Whether the `nth`, so long after the first of its kind, was the last."""
        return (self.most is not None and nth >= self.most) or (self.for_ is not None and since >= self.for_)


_HALF_MINUTE, _HALF_HOUR, _HOURS = timedelta(seconds=30), timedelta(minutes=30), timedelta(hours=6)
PATIENCE = {
    Kind.BUSY: Patience(_HALF_MINUTE, _HOURS, _HALF_HOUR, for_=timedelta(hours=72)),
    Kind.NO_ANSWER: Patience(2 * _HALF_MINUTE, _HOURS, _HALF_HOUR, most=5),  # each try may reach the reader once more
    Kind.NOT_MADE: Patience(_HALF_MINUTE, _HOURS, _HALF_HOUR, most=12),
    Kind.NOT_REACHED: Patience(_HALF_MINUTE, _HALF_HOUR, 4 * _HALF_MINUTE),  # waited for, however long
}
RUN_BREAKS = timedelta(days=1)
"""Far beyond the longest pause: so long nobody could try, since there was no server or no sender."""
DEFINITE = (Kind.BUSY, Kind.REFUSED, Kind.NOT_REACHED)
"""After these the server has not got the letter by this try: the next one is no second."""


def kind_of(error: BaseException) -> LetterEventKind:
    """What the failure says of the letter."""
    if isinstance(error, NotReached):
        return Kind.NOT_REACHED
    if isinstance(error, NotTakenNow):
        return Kind.BUSY
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return Kind.REFUSED if all(code >= 500 for code, _ in error.recipients.values()) else Kind.BUSY
    if isinstance(error, smtplib.SMTPResponseException):
        return Kind.REFUSED if error.smtp_code >= 500 else Kind.BUSY
    return Kind.NO_ANSWER if isinstance(error, OSError) else Kind.NOT_MADE


def note_failure(letter: Letter, error: Exception, *, leased_until: datetime, host: str, now: datetime) -> None:
    """Note what went wrong with a letter of ours, and when it is tried again; or that it is not, and the desk sees it."""
    kind, reply = kind_of(error), said(error)
    log.warning("letter_not_sent", letter=letter.pk, kind=letter.kind, attempt=letter.attempts, why=kind, error=reply)
    try:
        failed = _noted(letter, kind, reply, leased_until=leased_until, host=host, now=now)
    except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
        raise
    except Exception as trouble:  # it is leased again after this lease; the letters behind it go on
        log.error("letter_failure_not_noted", letter=letter.pk, kind=letter.kind, error=type(trouble).__name__)
        return
    if failed:
        _tell_others(letter, error, now)


def _noted(
    letter: Letter, kind: LetterEventKind, reply: str, *, leased_until: datetime, host: str, now: datetime
) -> bool:
    """Whether it is tried no more. False also if another sender has it by now."""
    with transaction.atomic():
        changes: dict[str, Any] = {"last_error": reply, **_what_follows(letter, kind, now)}
        if kind in DEFINITE:
            # As they were before this try, which may have handed nothing over; an earlier one may have.
            changes |= {"handed_over_at": letter.handed_over_at, "may_have_gone_twice": letter.may_have_gone_twice}
        if not Letter.objects.in_hand(letter, leased_until).update(**changes):
            return False
        by_us = kind is Kind.NOT_MADE
        LetterEvent.objects.create(letter=letter, kind=kind, at=now, host="" if by_us else host, reply=reply)
        if changes.get("state") == LetterState.FAILED and kind is not Kind.REFUSED:
            LetterEvent.objects.create(letter=letter, kind=Kind.GIVEN_UP, at=now)
    return changes.get("state") == LetterState.FAILED


def _tell_others(letter: Letter, error: Exception, now: datetime) -> None:
    """N25: what no server takes for its addressee goes to the next contact; what is about us, or may have gone, does not.

    That it failed is noted already: what goes wrong here neither undoes that nor keeps back the letters behind it. It stands in
    quarantine, and the clock tries it again.
    """
    if kind_of(error) in (Kind.NOT_MADE, Kind.NO_ANSWER):
        return
    try:
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            undelivered.mark_address(letter.addressee, now=now)
        with transaction.atomic():
            undelivered.pass_on(letter, now=now)
    except SoftTimeLimitExceeded:
        raise
    except Exception as trouble:
        why = type(trouble).__name__
        log.error("letter_not_passed_on", letter=letter.pk, kind=letter.kind, error=why)
        put_in_quarantine(job=OTHERS_TOLD, row=letter.pk, matter=letter.matter, error=why, by=None, now=now)


def _what_follows(letter: Letter, kind: LetterEventKind, now: datetime) -> dict[str, Any]:
    if kind is Kind.REFUSED:
        return {"state": LetterState.FAILED}
    before = _of_this_kind(letter, kind)
    nth, patience = len(before) + 1, PATIENCE[kind]
    if patience.is_over(nth, now - _run_began(before, now)):
        return {"state": LetterState.FAILED}
    return {"due_at": now + patience.pause(nth, letter.urgent)}


def _of_this_kind(letter: Letter, kind: LetterEventKind) -> list[datetime]:
    """When it failed like this before, since it was last put back to be sent; the last time first."""
    events = letter.events.filter(kind__in=(kind, Kind.QUEUED_AGAIN)).order_by("-id").values_list("kind", "at")
    since = takewhile(lambda event: event[0] != Kind.QUEUED_AGAIN, events)
    return [at for _, at in since]


def _run_began(before: list[datetime], now: datetime) -> datetime:
    """When the first of those that followed each other closely failed; a time in which nobody could try breaks the run."""
    began = now
    for at in before:
        if began - at > RUN_BREAKS:
            break
        began = at
    return began
