"""The dossier of a letter: what was sent to whom, byte for byte, and every step since, for a page and a paper (C11, T2).

The page of the desk, the page of the portal and the PDF show the same facts. A link that works once is masked on all of them; the hashes
are of the bytes that went.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from typing import cast
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.db.models.fields.json import KT

from entitlements.models import Letter, LetterEvent, LetterEventKind, MailOutage
from entitlements.notices import thawed
from entitlements.one_use import has_a_secret, masked
from entitlements.reminder_letters import YEAR
from entitlements.rules.days import zone_or
from entitlements.wording import label_in_words

Kind = LetterEventKind
OURS_ALONE = (Kind.NOT_MADE, Kind.NOT_REACHED, Kind.NO_ANSWER)
"""Of these the server's words, or ours, tell a customer nothing."""

OUTCOMES = {
    "queued": "It waits to be sent.",
    "accepted": "The mail server has taken it.",
    "no_longer_true": "It was not sent: what it says was no longer true when its turn came.",
    "not_wanted": "It was not sent: its reader switched such letters off, or letters to the address come back.",
    "failed": "It could not be sent. We know, and what it says is open to the customer in the portal.",
    "bounced": "The mail server took it, and it came back: it did not reach its reader.",
}
MAY_HAVE_GONE = "It was given to the mail server, and no answer of it is kept: it may have gone."
AFTERWARDS = {
    "queued": "The same letter is sent again.",
    "no_longer_true": "It was not sent again: what it says was no longer true by then.",
    "not_wanted": "It was not sent again: its reader switched such letters off, or letters to the address come back.",
    "failed": "It was not sent again. We know, and what it says is open to the customer in the portal.",
}
OVER = (Kind.REFUSED, Kind.GIVEN_UP, Kind.NOT_SENT)
"""With these a letter ends that no server took."""
REFERENCE = KT("context__of__reference")
"""By which a letter itself names its matter."""
WHAT_COUNTS = (
    "It counts as given when the mail server took it. No period runs from it; opening it in the portal is noted too."
)

EditionOf = Callable[[Letter], str]
_editions: list[EditionOf] = []


def reference_of(matter: str, told: str | None) -> str:
    """A contract year has no reference of its own: it is `told` by its order form, as its letters do."""
    return told if told and matter.startswith(YEAR) else matter


def ask_which_edition(question: EditionOf) -> None:
    """Register who knows by which edition of which document a letter was written; of other letters it answers with an empty text."""
    if question not in _editions:
        _editions.append(question)


@dataclass(frozen=True, slots=True)
class Hashed:
    """A part of what went: its size in bytes and its SHA-256."""

    what: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its title, when (UTC), by which server, in which words, by whom, and the letter that went instead."""

    title: str
    at: datetime
    host: str = ""
    reply: str = ""
    by: str = ""
    other: Letter | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that a reader of the dossier sees; `zone` is that of the letter's own times, or UTC."""

    letter: Letter
    zone: ZoneInfo
    about: str
    reference: str
    outcome: str
    edition: str
    text: str
    headers: list[tuple[str, str]]
    hashes: list[Hashed]
    steps: list[Step]
    counts: str = WHAT_COUNTS

    @property
    def title(self) -> str:
        return self.letter.subject or self.about

    @property
    def changed_at(self) -> datetime:
        """When the latest of what it says happened: the same facts are the same paper."""
        return max(step.at for step in self.steps)

    @property
    def opened(self) -> Step | None:
        return next((step for step in self.steps if step.title == Kind.OPENED.label), None)


def dossier_of(letter: Letter, *, for_customer: bool) -> Dossier:
    """The dossier, as the desk reads it or as the customer does."""
    mail, context = _parsed(letter), thawed(letter.context)
    return Dossier(
        letter=letter,
        zone=zone_or(context.get("zone", ""), otherwise="UTC"),
        about=label_in_words(letter.kind),
        reference=reference_of(letter.matter, context.get("reference")),
        outcome=_outcome(letter),
        edition=next(filter(None, (question(letter) for question in _editions)), ""),
        text=masked(letter.text, letter.addressee),
        headers=[(name, masked(str(value).strip(), letter.addressee)) for name, value in mail.items()] if mail else [],
        hashes=list(_hashes(letter, mail)) if mail else [],
        steps=_steps(letter, for_customer),
    )


def _outcome(letter: Letter) -> str:
    return f"{MAY_HAVE_GONE} {AFTERWARDS[letter.state]}" if letter.may_have_gone else OUTCOMES[letter.standing]


def holds_a_secret(letter: Letter) -> bool:
    """Whether the letter has a link that is for its addressee alone, so that nobody else gets its bytes."""
    mail = _parsed(letter)
    return has_a_secret(f"{letter.text}\n{letter.html}\n{mail['List-Unsubscribe'] if mail else ''}")


def _parsed(letter: Letter) -> EmailMessage | None:
    return message_from_bytes(bytes(letter.raw), policy=modern) if letter.sha256 else None


def _hashes(letter: Letter, mail: EmailMessage) -> Iterator[Hashed]:
    raw = bytes(letter.raw)
    yield Hashed("The whole message, headers and all", len(raw), hashlib.sha256(raw).hexdigest())
    for part in mail.walk():
        if part.is_multipart():
            continue
        content = cast(bytes, part.get_payload(decode=True))
        what = part.get_filename() or {"text/plain": "Its text", "text/html": "Its HTML"}.get(
            part.get_content_type(), "A part"
        )
        yield Hashed(what, len(content), hashlib.sha256(content).hexdigest())


def _steps(letter: Letter, for_customer: bool) -> list[Step]:
    events = list(letter.events.select_related("by", "other"))
    steps = [
        Step("Written, and put among those to be sent", letter.written_at),
        *(_step(one, for_customer) for one in events),
    ]
    if not for_customer:
        steps += [step for since, until in _waits(letter, events) for step in _outages(since, until)]
    return sorted(steps, key=lambda step: step.at)


def _step(event: LetterEvent, for_customer: bool) -> Step:
    silent = for_customer and event.kind in OURS_ALONE
    again = event.kind == Kind.NOT_SENT and event.letter.may_have_gone
    return Step(
        title="Not sent again" if again else event.get_kind_display(),
        at=event.at,
        host=event.host,
        reply="" if silent or event.kind == Kind.HANDED_OVER else event.reply,
        by=str(event.by) if event.by else "",
        other=event.other,
    )


def _waits(letter: Letter, events: Sequence[LetterEvent]) -> Iterator[tuple[datetime, datetime | None]]:
    """From when to when it waited to be sent: until it was accepted or given up, and again from when it was queued again. None: it
    waits still."""
    since: datetime | None = letter.written_at
    for one in sorted(events, key=lambda one: (one.at, one.pk)):
        if one.kind == Kind.QUEUED_AGAIN:
            since = one.at
        elif since and one.kind in (*OVER, Kind.ACCEPTED):
            yield since, one.at
            since = None
    if since:
        yield since, letter.accepted_at


def _outages(since: datetime, until: datetime | None) -> Iterator[Step]:
    """The times in which the mail server was not there while the letter waited (`until` then, or still does). One that never ended
    counts while somebody tried since: the server may be ours no more. What came of it later changes nothing of this letter."""
    outages = MailOutage.objects.filter(began_at__lt=until) if until else MailOutage.objects.all()
    meanwhile = Q(ended_at__gt=since) | Q(ended_at__isnull=True, next_try_at__gt=since)
    for one in outages.filter(meanwhile):
        ended = one.ended_at if one.ended_at and (until is None or one.ended_at <= until) else None
        lasted = f"{one.tries} tries. {one.error}" if ended or until is None else "It outlasted the letter."
        yield Step("Mail server not there while the letter waited", max(one.began_at, since), one.host, lasted)
        if ended:
            yield Step("Mail server there again", ended, one.host)
