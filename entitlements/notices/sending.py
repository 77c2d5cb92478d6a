"""One turn of a sender: lease, ask, make, hand over, note; the server's answer is kept letter by letter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from entitlements.models import Letter, LetterEvent, LetterEventKind, LetterState
from entitlements.models.letters import CONTENT, IN_TURN
from entitlements.notices import outages, pace, rendering
from entitlements.notices.answers import note_failure
from entitlements.notices.servers import MailServer, NotReached, NotTakenNow
from entitlements.optional_letters import is_kept_back
from entitlements.return_addresses import return_address

LEASE = timedelta(minutes=5)
TURN = timedelta(minutes=3)
BATCH = 25
ANSWERED_FOR = timedelta(seconds=5)
"""So long what was asked of a batch holds. What it has not sent by then is leased and asked again."""
MOST_COUNTED = 32_767
"""Tries of a letter. While the mail server is not there they go on for ever; the column does not."""

Clock = Callable[[], datetime]
NoLongerTrue = Callable[[Sequence[Letter], datetime], Collection[int]]

_questions: list[NoLongerTrue] = []

_LEASE = """
    WITH due AS MATERIALIZED (
        SELECT id FROM entitlements_letter WHERE state = 'queued' AND due_at <= %(now)s
         ORDER BY urgent DESC, CASE WHEN urgent THEN deadline END, written_at, id
         LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE entitlements_letter AS letter SET attempts = least(attempts + 1, %(most)s), due_at = %(until)s
      FROM due WHERE letter.id = due.id RETURNING letter.id
"""
# What the last letter's server said and that the next one goes out are noted together: one statement, one commit a letter.
_NOTE = "SELECT note_letters(%s, %s, %s, %s, %s, %s, %s, %s)"


def ask_before_sending(question: NoLongerTrue) -> None:
    """Register a question about all letters at the moment of sending: of which keys is no longer true what they say?"""
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
    letters = _lease(now, now + LEASE, limit)
    turn = _Turn(server, letters, now, clock)
    for n, letter in enumerate(letters):
        again_at = clock() if n and clock() - now > ANSWERED_FOR else turn.deal_with(letter)
        if again_at:
            turn.note()
            _give_back(letters[n:], turn.leased_until, again_at)
            return n
    turn.note()
    return len(letters)


def _lease(now: datetime, until: datetime, limit: int) -> list[Letter]:
    with connection.cursor() as cursor:
        cursor.execute(_LEASE, {"now": now, "until": until, "limit": limit, "most": MOST_COUNTED})
        keys = [key for (key,) in cursor]
    return list(Letter.objects.filter(pk__in=keys).select_related("person").order_by(*IN_TURN))


def _give_back(letters: list[Letter], leased_until: datetime, again_at: datetime) -> None:
    """They were not tried."""
    leased = Letter.objects.filter(pk__in=[one.pk for one in letters], state=LetterState.QUEUED, due_at=leased_until)
    leased.update(attempts=F("attempts") - 1, due_at=again_at)


def _untrue(letters: Sequence[Letter], now: datetime) -> set[int]:
    return {key for question in _questions for key in question(letters, now)}


class _Accepted(NamedTuple):
    letter: int
    at: datetime
    reply: str


class _Turn:
    """A sender with its lease, as of `now`, on some letters: deals with them one by one."""

    def __init__(self, server: MailServer, letters: Sequence[Letter], now: datetime, clock: Clock) -> None:
        self.server, self.leased_until, self.clock = server, now + LEASE, clock
        self._accepted: _Accepted | None = None
        self._untrue = self._asked_together(letters, now)

    def deal_with(self, letter: Letter) -> datetime | None:
        """Send it, or note why not. None; or, if it or those after it must wait, until when they are not to be leased again."""
        try:
            return self._send(letter)
        except SoftTimeLimitExceeded:
            self.note()
            raise  # the run has to end; what was not dealt with is leased again after this lease
        except (NotReached, NotTakenNow) as error:
            self._failed(letter, error)
            if self.server.may_be_tried_on(error):
                return None
            outages.note(self.server, error, self.clock())
            return self.clock()
        except Exception as error:
            # One letter that cannot be made or sent must not stop the others.
            self._failed(letter, error)
            return None

    def note(self, letter: Letter | None = None, *, now: datetime | None = None, sender: str = "") -> bool:
        """Note that the last letter was accepted, if one was, and that `letter` is handed over. False if another sender has it."""
        if self._accepted is None and letter is None:
            return False
        accepted = self._accepted or (None, None, "")
        with connection.cursor() as cursor:
            values = [*accepted, letter and letter.pk, self.leased_until, now, sender, self.server.host]
            cursor.execute(_NOTE, values)
            (ours,) = cursor.fetchone()
        self._accepted = None
        return ours

    def _asked_together(self, letters: Sequence[Letter], now: datetime) -> set[int] | None:
        """The keys of those that are not true any more; None where that cannot be said of all together."""
        try:
            return _untrue(letters, now)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            return None  # each is asked for itself, so that the others go

    def _send(self, letter: Letter) -> datetime | None:
        now = self.clock()
        if why_not := is_kept_back(letter):
            self._do_not_send(letter, now, LetterState.NOT_WANTED, why_not)
            return None
        if letter.pk in (_untrue([letter], now) if self._untrue is None else self._untrue):
            self._do_not_send(letter, now, LetterState.NO_LONGER_TRUE, "What it says is no longer true.")
            return None
        if not letter.sha256:
            self._make(letter, now)
        self.server.open()
        sender = return_address(letter.pk)
        wait_until, ours = self._hand_over(letter, sender)
        if ours:
            reply = self.server.hand_over(sender, letter)
            self._accepted = _Accepted(letter.pk, self.clock(), reply)
            if self.server.in_outage:
                outages.end(self.server, self._accepted.at)
        return wait_until

    def _make(self, letter: Letter, now: datetime) -> None:
        """Write it out and keep it: from here on it is sent as it is."""
        rendering.make(letter, now)
        with transaction.atomic():
            content = {name: getattr(letter, name) for name in CONTENT}
            Letter.objects.in_hand(letter, self.leased_until).update(**content)

    def _hand_over(self, letter: Letter, sender: str) -> tuple[datetime | None, bool]:
        """Note, before it happens, that the server gets the letter; or until when no more may go this minute."""
        if not settings.LETTERS_A_MINUTE:
            return None, self.note(letter, now=self.clock(), sender=sender)
        with transaction.atomic():
            now = self.clock()
            free_at = pace.free_at(now)
            return (free_at, False) if free_at > now else (None, self.note(letter, now=now, sender=sender))

    def _do_not_send(self, letter: Letter, now: datetime, state: LetterState, why: str) -> None:
        self.note()
        with transaction.atomic():
            if Letter.objects.in_hand(letter, self.leased_until).update(state=state):
                LetterEvent.objects.create(letter=letter, kind=LetterEventKind.NOT_SENT, at=now, reply=why)

    def _failed(self, letter: Letter, error: Exception) -> None:
        self.note()
        note_failure(letter, error, leased_until=self.leased_until, host=self.server.host, now=self.clock())
