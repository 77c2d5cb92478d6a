"""One turn of a sender: lease, ask, make, hand over, note; the server's answer is kept letter by letter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Least

from entitlements.models import Letter, LetterEvent, LetterEventKind, LetterState
from entitlements.models.letters import CONTENT, IN_TURN
from entitlements.notices import outages, pace, rendering
from entitlements.notices.answers import note_failure
from entitlements.notices.servers import MailServer, NotReached
from entitlements.optional_letters import is_kept_back
from entitlements.return_addresses import return_address

LEASE = timedelta(minutes=5)
TURN = timedelta(minutes=3)
BATCH = 25
MOST_COUNTED = 32_767
"""Tries of a letter. While the mail server is not there they go on for ever; the column does not."""

Clock = Callable[[], datetime]
StillTrue = Callable[[Letter, datetime], bool]

_questions: list[StillTrue] = []

# What the last letter's server said and that the next one goes out are noted together: one statement, one commit a letter.
# A server that took a letter took it, whoever holds the lease by now.
_NOTE = """
    WITH taken AS (
        UPDATE entitlements_letter SET state = 'accepted', accepted_at = %(accepted_at)s, accepted_by_server = %(host)s, last_error = ''
         WHERE id = %(accepted)s AND state = 'queued'),
    ours AS (
        UPDATE entitlements_letter
           SET may_have_gone_twice = may_have_gone_twice OR handed_over_at IS NOT NULL, handed_over_at = %(now)s {content}
         WHERE id = %(next)s AND state = 'queued' AND due_at = %(leased_until)s RETURNING id),
    noted AS (
        INSERT INTO entitlements_letterevent (letter_id, kind, at, host, reply)
        SELECT %(accepted)s::bigint, 'accepted', %(accepted_at)s::timestamptz, %(host)s, %(reply)s WHERE %(accepted)s IS NOT NULL
        UNION ALL SELECT id, 'handed_over', %(now)s::timestamptz, %(host)s, %(sender)s FROM ours)
    SELECT id FROM ours
"""
_CONTENT = ", subject = %(subject)s, text = %(text)s, html = %(html)s, raw = %(raw)s, sha256 = %(sha256)s"


def ask_before_sending(question: StillTrue) -> None:
    """Register a question that every letter must answer with yes at the moment of sending."""
    if question not in _questions:
        _questions.append(question)


def send_all(*, clock: Clock) -> int:
    """Send what is due, batch by batch over one line, for some minutes at most. Returns how many letters were dealt with."""
    sent, end = 0, clock() + TURN
    with MailServer() as server:
        while clock() < end and (dealt := _batch(server, clock, BATCH)):
            sent += dealt
    return sent


def send_due(*, clock: Clock, limit: int = BATCH) -> int:
    """Lease up to `limit` due letters, deadlines first, and deal with each. Returns how many were dealt with."""
    with MailServer() as server:
        return _batch(server, clock, limit)


def _batch(server: MailServer, clock: Clock, limit: int) -> int:
    now = clock()
    if not Letter.objects.due(now).exists() or not outages.reach(server, now):
        return 0
    turn = _Turn(server, now + LEASE, clock)
    letters = _lease(now, turn.leased_until, limit)
    for n, letter in enumerate(letters):
        again_at = turn.deal_with(letter)
        if again_at:
            _give_back(letters[n:], turn.leased_until, again_at)
            return n
    turn.note()
    return len(letters)


def _lease(now: datetime, until: datetime, limit: int) -> list[Letter]:
    with transaction.atomic():
        due = Letter.objects.due(now).order_by(*IN_TURN).select_for_update(skip_locked=True)
        keys = list(due.values_list("pk", flat=True)[:limit])
        Letter.objects.filter(pk__in=keys).update(attempts=Least(F("attempts") + 1, MOST_COUNTED), due_at=until)
    return list(Letter.objects.filter(pk__in=keys).select_related("person", "customer").order_by(*IN_TURN))


def _give_back(letters: list[Letter], leased_until: datetime, again_at: datetime) -> None:
    """They were not tried."""
    leased = Letter.objects.filter(pk__in=[one.pk for one in letters], state=LetterState.QUEUED, due_at=leased_until)
    leased.update(attempts=F("attempts") - 1, due_at=again_at)


@dataclass(slots=True)
class _Accepted:
    letter: int
    at: datetime
    reply: str


class _Turn:
    """A sender with its lease on some letters: deals with them one by one."""

    def __init__(self, server: MailServer, leased_until: datetime, clock: Clock) -> None:
        self.server, self.leased_until, self.clock = server, leased_until, clock
        self._accepted: _Accepted | None = None

    def deal_with(self, letter: Letter) -> datetime | None:
        """Send it, or note why not. None; or, if it or those after it must wait, until when they are not to be leased again."""
        try:
            return self._send(letter)
        except SoftTimeLimitExceeded:
            self.note()
            raise  # the run has to end; what was not dealt with is leased again after this lease
        except NotReached as error:
            self._failed(letter, error)
            if self.server.has_taken:  # some hang up after so many letters: a new line is tried with the next one
                self.server.has_taken = 0
                return None
            outages.note(self.server, error, self.clock())
            return self.clock()
        except Exception as error:
            # One letter that cannot be made or sent must not stop the others.
            self._failed(letter, error)
            return None

    def note(
        self, letter: Letter | None = None, *, made: bool = False, now: datetime | None = None, sender: str = ""
    ) -> bool:
        """Note that the last letter was accepted, if one was, and that `letter` is handed over. False if another sender has it.

        If that fails, on the words of `letter` perhaps, the acceptance is still to be noted.
        """
        before = self._accepted
        if before is None and letter is None:
            return False
        values: dict[str, Any] = {
            "accepted": before and before.letter,
            "accepted_at": before and before.at,
            "reply": before.reply if before else "",
            "host": self.server.host,
            "next": letter and letter.pk,
            "leased_until": self.leased_until,
            "now": now,
            "sender": sender,
            **({name: getattr(letter, name) for name in CONTENT} if made else {}),
        }
        with connection.cursor() as cursor:
            cursor.execute(_NOTE.format(content=_CONTENT if made else ""), values)
            ours = cursor.fetchone() is not None
        self._accepted = None
        return ours

    def _send(self, letter: Letter) -> datetime | None:
        now = self.clock()
        if why_not := is_kept_back(letter):
            self.note()
            _do_not_send(letter, self.leased_until, now, LetterState.NOT_WANTED, why_not)
            return None
        if not all(question(letter, now) for question in _questions):
            self.note()
            _do_not_send(letter, self.leased_until, now, LetterState.NO_LONGER_TRUE, "What it says is no longer true.")
            return None
        made = not letter.sha256
        if made:
            rendering.make(letter, now)
        self.server.open()
        sender = return_address(letter.pk)
        wait_until, ours = self._hand_over(letter, made, sender)
        if ours:
            reply = self.server.hand_over(sender, letter)
            self._accepted = _Accepted(letter.pk, self.clock(), reply)
            if self.server.in_outage:
                outages.end(self.server, self._accepted.at)
        return wait_until

    def _hand_over(self, letter: Letter, made: bool, sender: str) -> tuple[datetime | None, bool]:
        """Note, before it happens, that the server gets the letter; or until when no more may go this minute."""
        if not settings.LETTERS_A_MINUTE:
            return None, self.note(letter, made=made, now=self.clock(), sender=sender)
        with transaction.atomic():
            now = self.clock()
            free_at = pace.free_at(now)
            if free_at > now:
                self.note()
                return free_at, False
            return None, self.note(letter, made=made, now=now, sender=sender)

    def _failed(self, letter: Letter, error: Exception) -> None:
        self.note()
        note_failure(letter, error, leased_until=self.leased_until, host=self.server.host, now=self.clock())


def _do_not_send(letter: Letter, leased_until: datetime, now: datetime, state: LetterState, why: str) -> None:
    with transaction.atomic():
        if Letter.objects.in_hand(letter, leased_until).update(state=state):
            LetterEvent.objects.create(letter=letter, kind=LetterEventKind.NOT_SENT, at=now, reply=why)
