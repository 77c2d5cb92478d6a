"""One turn of a sender: lease, ask, make, hand over, note; the server's answer is kept letter by letter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from entitlements.failpoints import failpoint
from entitlements.models import Letter, LetterEvent, LetterEventKind, LetterState
from entitlements.models.letters import CONTENT, IN_TURN
from entitlements.notices import outages, rendering
from entitlements.notices.answers import note_failure
from entitlements.notices.notes import Accepted, Going, Noted, note
from entitlements.notices.servers import Envelope, MailServer, NotReached, NotTakenNow
from entitlements.optional_letters import is_kept_back
from entitlements.return_addresses import return_address

LEASE = timedelta(minutes=5)
TURN = timedelta(minutes=3)
BATCH = 50
"""So many are leased together; those of a sender that dies wait for the end of its lease."""
ANSWERED_FOR = timedelta(seconds=5)
"""So long what was asked of a batch holds. Of what it has not sent by then the next letter is asked by itself, the others are leased
and asked again."""
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
    leased = _lease(now, now + LEASE, limit)
    failpoint("letter.leased")
    return _Turn(server, leased, now, clock).deal()


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


class _Turn:
    """A sender with its lease, as of `now`, on some letters. Those that are to go are made before the first one goes: nothing slow
    comes between a letter and the note that it was accepted."""

    def __init__(self, server: MailServer, letters: Sequence[Letter], now: datetime, clock: Clock) -> None:
        self.server, self.letters, self.now, self.clock = server, letters, now, clock
        self.leased_until = now + LEASE
        self._accepted: Accepted | None = None
        self._untrue = self._asked_together()

    def deal(self) -> int:
        """Send them one by one, or note why not. How many were dealt with; the others are given back."""
        ready = [letter for letter in self.letters if self._is_ready(letter)]
        for n, letter in enumerate(ready):
            following = ready[n + 1] if n + 1 < len(ready) and self._is_in_time() else None
            again_at = self._deal_with(letter, following)
            rest = ready[n:] if again_at else ready[n + 1 :] if following is None else []
            if rest:
                self._note()
                _give_back(rest, self.leased_until, again_at or self.clock())
                return len(self.letters) - len(rest)
        self._note()
        return len(self.letters)

    def _is_in_time(self) -> bool:
        return self.clock() - self.now <= ANSWERED_FOR

    def _asked_together(self) -> set[int] | None:
        """The keys of those that are not true any more; None where that cannot be said of all together."""
        try:
            return _untrue(self.letters, self.now)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            return None  # each is asked for itself, so that the others go

    def _is_ready(self, letter: Letter) -> bool:
        """Whether it is to go, and is made. If not, why not is noted."""
        try:
            untrue = _untrue([letter], self.now) if self._untrue is None else self._untrue
            if self._is_to_go(letter, untrue, self.now):
                self._make(letter)
                return True
        except SoftTimeLimitExceeded:
            raise  # the run has to end; what was not dealt with is leased again after this lease
        except Exception as error:
            self._failed(letter, error)  # one letter that cannot be made must not stop the others
        return False

    def _is_still_to_go(self, letter: Letter) -> bool:
        """T1. What the batch was asked may have grown old by now: making it takes its time, and so may the server."""
        if self._is_in_time():
            return True
        now = self.clock()
        letter.refresh_from_db(fields=["person"])
        return self._is_to_go(letter, _untrue([letter], now), now)

    def _is_to_go(self, letter: Letter, untrue: Collection[int], now: datetime) -> bool:
        if why_not := is_kept_back(letter):
            self._do_not_send(letter, LetterState.NOT_WANTED, why_not, now)
        elif letter.pk in untrue:
            self._do_not_send(letter, LetterState.NO_LONGER_TRUE, "What it says is no longer true.", now)
        else:
            return True
        return False

    def _do_not_send(self, letter: Letter, state: LetterState, why: str, now: datetime) -> None:
        with transaction.atomic():
            if Letter.objects.in_hand(letter, self.leased_until).update(state=state):
                LetterEvent.objects.create(letter=letter, kind=LetterEventKind.NOT_SENT, at=now, reply=why)

    def _make(self, letter: Letter) -> None:
        """Write it out and keep it, unless that is done: from here on it is sent as it is."""
        if letter.sha256:
            return
        rendering.make(letter, self.now)
        with transaction.atomic():
            content = {name: getattr(letter, name) for name in CONTENT}
            Letter.objects.in_hand(letter, self.leased_until).update(**content)
        failpoint("letter.made")

    def _deal_with(self, letter: Letter, following: Letter | None) -> datetime | None:
        """Send it, or note why not. None; or, if it or those after it must wait, until when they are not to be leased again."""
        try:
            return self._send(letter, following)
        except SoftTimeLimitExceeded:
            self._note()
            raise
        except (NotReached, NotTakenNow) as error:
            self._failed(letter, error)
            if self.server.may_be_tried_on(error):
                return None
            outages.note(self.server, error, self.clock())
            return self.clock()
        except Exception as error:
            self._failed(letter, error)
            return None

    def _send(self, letter: Letter, following: Letter | None) -> datetime | None:
        self.server.open()
        if not self._is_still_to_go(letter):
            self.server.expects_nothing()
            return None
        envelope = _envelope(letter)
        noted = self._note(Going(letter.pk, self.leased_until, self.clock(), envelope.sender))
        if not noted.ours:
            self.server.expects_nothing()
            return noted.free_at
        failpoint("letter.going")
        ahead = _envelope(following) if following and not settings.LETTERS_A_MINUTE else None
        reply = self.server.hand_over(letter, envelope, ahead)
        self._accepted = Accepted(letter.pk, self.clock(), reply)
        failpoint("letter.sent")
        if self.server.in_outage:
            outages.end(self.server, self._accepted.at)
        return None

    def _note(self, going: Going | None = None) -> Noted:
        """Note that the last letter was accepted, if one was, and that this one goes. What was accepted is known until it is noted."""
        if self._accepted is None and going is None:
            return Noted(False, None)
        noted = note(self._accepted, going, self.server.host)
        self._accepted = None
        failpoint("letter.noted")
        return noted

    def _failed(self, letter: Letter, error: Exception) -> None:
        self._note()
        note_failure(letter, error, leased_until=self.leased_until, host=self.server.host, now=self.clock())


def _envelope(letter: Letter) -> Envelope:
    return Envelope(return_address(letter.pk), letter.addressee)
