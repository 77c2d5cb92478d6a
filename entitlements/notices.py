"""The only place from which mail leaves (T2).

`write` puts a letter down in the transaction of what causes it. `send_due` leases what is due, asks whether it is still true,
renders it once, sends it, and notes what the server said, letter by letter. Twice rather than never: a lease that ran out is
sent again under the same Message-ID and marked.
"""

from __future__ import annotations

import hashlib
import random
import smtplib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import css_inline
import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.template.loader import render_to_string

from entitlements.models import Customer, Letter, LetterState, User
from entitlements.rules.working import figure_as_json, figure_from_json

LEASE = timedelta(minutes=5)
BATCH = 25
MOST_ATTEMPTS = 12
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
LONGEST_URGENT_PAUSE = timedelta(minutes=30)
NOT_MADE = "could not be made: "

Clock = Callable[[], datetime]
StillTrue = Callable[[Letter, datetime], bool]

log = structlog.get_logger(__name__)
_questions: list[StillTrue] = []


def ask_before_sending(question: StillTrue) -> None:
    """Register a question that every letter must answer with yes at the moment of sending."""
    if question not in _questions:
        _questions.append(question)


def write(
    kind: str,
    *,
    matter: str,
    to: Iterable[User | str],
    context: dict[str, Any],
    now: datetime,
    customer: Customer | None = None,
    deadline: datetime | None = None,
    point: str = "",
    urgent: bool = False,
    attachments: Iterable[tuple[str, str, str]] = (),
) -> None:
    """Write one letter for each active person, in the caller's transaction. One with the same key is there already: nothing.

    `to` are people; or the bare address of somebody who is not on record, or not by this address.
    `kind` names the templates `emails/<kind>.*`; `context` is all that they will see; `attachments` are (name, type, text);
    `deadline` and `now` are instants in UTC.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{kind}: a letter is written in the transaction of its cause")
    letters = [
        Letter(
            kind=kind,
            matter=matter,
            deadline=deadline,
            addressee=_address(one),
            point=point,
            customer=customer,
            person=one if isinstance(one, User) else None,
            context=frozen(context),
            attachments=[list(file) for file in attachments],
            written_at=now,
            due_at=now,
            urgent=urgent,
            message_id=_message_id(kind, matter, deadline, point, _address(one)),
        )
        for one in dict.fromkeys(to)
        if not isinstance(one, User) or one.is_active
    ]
    Letter.objects.bulk_create(letters, ignore_conflicts=True)


def frozen(value: Any) -> Any:
    """A letter's context as JSON that keeps instants, days, spans and exact figures what they are."""
    if isinstance(value, dict):
        return {"of": {key: frozen(one) for key, one in value.items()}}
    if isinstance(value, list):
        return [frozen(one) for one in value]
    return figure_as_json(value)


def thawed(data: Any) -> Any:
    """The context that `frozen` wrote."""
    if isinstance(data, dict) and set(data) == {"of"}:
        return {key: thawed(one) for key, one in data["of"].items()}
    if isinstance(data, list):
        return [thawed(one) for one in data]
    return figure_from_json(data)


def send_due(*, clock: Clock, limit: int = BATCH) -> int:
    """Lease up to `limit` due letters, urgent ones first, and deal with each. Returns how many were dealt with."""
    leased_until = clock() + LEASE
    letters = _lease(clock(), leased_until, limit)
    mail = get_connection()
    try:
        for letter in letters:
            _deal_with(letter, leased_until, mail, clock)
    finally:
        mail.close()
    return len(letters)


def _lease(now: datetime, until: datetime, limit: int) -> list[Letter]:
    with transaction.atomic():
        due = Letter.objects.due(now).order_by("-urgent", "due_at", "id").select_for_update(skip_locked=True)[:limit]
        letters = list(due)
        for letter in letters:
            letter.attempts += 1
            letter.due_at = until
        Letter.objects.bulk_update(letters, ["attempts", "due_at"])
    return letters


def _deal_with(letter: Letter, leased_until: datetime, mail: BaseEmailBackend, clock: Clock) -> None:
    try:
        if not all(question(letter, clock()) for question in _questions):
            _move_on(letter, leased_until, state=LetterState.NO_LONGER_TRUE)
            return
        if not letter.text:
            render(letter)
        mail.open()  # a server that cannot be reached has not got the letter
        if not _hand_over(letter, leased_until, clock()):
            return
        if mail.send_messages([message(letter)]) != 1:
            raise smtplib.SMTPServerDisconnected("the server took no letter")
    except Exception as error:
        # One letter that cannot be made or sent must not stop the others.
        _note_failure(letter, leased_until, error, clock())
        mail.close()
    else:
        _move_on(
            letter,
            leased_until,
            state=LetterState.ACCEPTED,
            accepted_at=clock(),
            accepted_by_server=settings.EMAIL_HOST or settings.EMAIL_BACKEND.rpartition(".")[0],
            last_error="",
        )


def render(letter: Letter) -> None:
    """Write the letter out from its frozen context. It is not saved here: a preview is the same call."""
    context = {**thawed(letter.context), "letter": letter, "addressee": letter.person}
    name = f"emails/{letter.kind}"
    letter.subject = " ".join(render_to_string(f"{name}.subject.txt", context).split())
    context["subject"] = letter.subject
    letter.text = render_to_string(f"{name}.txt", context).strip() + "\n"
    letter.html = css_inline.inline(
        render_to_string(f"{name}.html", context), load_remote_stylesheets=False, keep_at_rules=True
    )


def _hand_over(letter: Letter, leased_until: datetime, now: datetime) -> bool:
    """Note, before it happens, that the server gets the letter. False if the lease has run out and another has it."""
    return _move_on(
        letter,
        leased_until,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        may_have_gone_twice=letter.may_have_gone_twice or letter.handed_over_at is not None,
        handed_over_at=now,
    )


def _move_on(letter: Letter, leased_until: datetime, **changes: Any) -> bool:
    ours = Letter.objects.filter(pk=letter.pk, state=LetterState.QUEUED, due_at=leased_until)
    return bool(ours.update(**changes))


def message(letter: Letter) -> EmailMultiAlternatives:
    """The letter as it goes: text and HTML as kept, a stable Message-ID, and one thread a matter."""
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[letter.addressee],
        reply_to=[settings.SUPPORT_EMAIL],
        headers={
            "Message-ID": letter.message_id,
            "References": _thread_id(letter.matter),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    mail.attach_alternative(letter.html, "text/html")
    for name, kind, text in letter.attachments:
        mail.attach(name, text, kind)
    return mail


def _note_failure(letter: Letter, leased_until: datetime, error: Exception, now: datetime) -> None:
    """Mail that is down is waited for, however long: tried again after a pause with full jitter while the letter is true.

    Refused for ever, or not to be made by us too often: failed, and the manager sees it.
    """
    log.warning("letter_not_sent", letter=letter.pk, kind=letter.kind, attempt=letter.attempts, error=repr(error))
    ours = not isinstance(error, OSError)  # what sockets and smtplib raise is an OSError
    if ours and not letter.last_error.startswith(NOT_MADE):
        letter.attempts = 1  # those before were the mail server's
    changes: dict[str, Any] = {
        "attempts": letter.attempts,
        "last_error": ((NOT_MADE if ours else "") + repr(error))[:2000],
    }
    if not isinstance(error, smtplib.SMTPServerDisconnected):
        changes["handed_over_at"] = None
    if _for_ever(error) or (ours and letter.attempts >= MOST_ATTEMPTS):
        changes["state"] = LetterState.FAILED
    else:
        longest = LONGEST_URGENT_PAUSE if letter.urgent else LONGEST_PAUSE
        pause = min(longest - FIRST_PAUSE, FIRST_PAUSE * 2 ** min(letter.attempts, MOST_ATTEMPTS))
        changes["due_at"] = now + FIRST_PAUSE + pause * random.random()  # noqa: S311 - jitter, no secret
    _move_on(letter, leased_until, **changes)


def _for_ever(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPConnectError):
        return False  # about the server, not about this letter
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500


def _address(one: User | str) -> str:
    return one.email if isinstance(one, User) else one


def _message_id(kind: str, matter: str, deadline: datetime | None, point: str, address: str) -> str:
    key = "\n".join([kind, matter, deadline.isoformat() if deadline else "", point, address])
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{settings.MAIL_DOMAIN}>"


def _thread_id(matter: str) -> str:
    return f"<{matter.lower()}@{settings.MAIL_DOMAIN}>"
