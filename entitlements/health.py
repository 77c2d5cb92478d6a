"""Is the clockwork well? Measured once, told in words (M1.3, P40).

`/readyz`, `/metrics`, the strip on the desk's first page and the alarm that goes to whoever is on call read the same signs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, Count, F, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest

from entitlements import wording
from entitlements.models import Alarm, Letter, LetterEvent, LetterEventKind, LetterState, SweepRun
from entitlements.models.worded import Worded, first_of_each

SWEEP_LATE = timedelta(minutes=4)
"""P10: the clock turns every minute; one that stands still is seen within five."""

RING_LATE = timedelta(seconds=110)
"""P40: the clock is rung every minute; that nobody rings, or nobody comes to the door, is told within two."""

MADE_GOOD_LATE = timedelta(hours=1)
LETTER_LATE = timedelta(minutes=15)
LETTER_PUT_OFF = timedelta(hours=4)
"""A server puts off what it has not seen for some minutes (greylisting): no reason for anybody to look."""
MOST_APART = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Pulse:
    """What is measured. Instants in UTC; `None`: there has been no turn of the clock, or no letter waits."""

    turned_at: datetime | None
    began_at: datetime | None
    """When the newest turn began, whether it has ended or not."""
    latest_by_seconds: int
    clock_offset_ms: int
    complaint: str
    left: int
    """How many matters the last turn had no time for, at least."""
    letters_waiting: int
    oldest_letter_at: datetime | None
    """Of those that no server has spoken of: since when it is to be sent."""
    put_off_since: datetime | None
    """Of those that a server put off, or that went wrong and are tried again: when the oldest was written."""
    letters_failed: int
    noticed: Mapping[str, datetime]
    """When the watch for alarms noticed what is beyond its limit, by the key of its sign."""
    others: Mapping[Tells, Any]
    """What the other signs asked for."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that is measured, in words; if it is beyond its limit, `trouble` names it for machines, without any matter's name,
    `since` says when it began (UTC, where that is known), and `remedy` what to do."""

    key: str
    name: str
    words: str
    trouble: str = ""
    since: datetime | None = None
    remedy: str = ""

    @property
    def alarm(self) -> bool:
        return bool(self.trouble)


Tells = Callable[[Any, datetime], Sign | None]
_others: dict[Tells, Worded | None] = {}


def pulse(now: datetime) -> Pulse:
    """One question to the database, whatever its size."""
    others = {tells: asked for tells, asked in _others.items() if asked}
    run, letters, alarms, *found = first_of_each([TURNS, LETTERS, ALARMS, *others.values()], now)
    return Pulse(
        turned_at=run.ended_at if run else None,
        began_at=run.newest_began_at if run else None,
        latest_by_seconds=run.latest_by_seconds if run else 0,
        clock_offset_ms=run.clock_offset_ms if run else 0,
        complaint=run.alarm if run else "",
        left=sum(run.left.values()) if run else 0,
        letters_waiting=letters["waiting"],
        oldest_letter_at=letters["oldest"],
        put_off_since=letters["put_off"],
        letters_failed=letters["failed"],
        noticed=dict(zip(alarms["causes"] or (), alarms["noticed"] or (), strict=True)),
        others=dict(zip(others, found, strict=True)),
    )


def _last_turn(now: datetime) -> QuerySet[SweepRun]:
    newest = SweepRun.objects.order_by("-pk").values("started_at")[:1]
    ended = SweepRun.objects.filter(ended_at__isnull=False).annotate(newest_began_at=Subquery(newest))
    return ended.order_by("-pk")[:1]


def _letters(now: datetime) -> QuerySet[Any]:
    queued, put_off = Q(state=LetterState.QUEUED), Q(said__in=_PUT_OFF)
    return in_one_row(
        _letters_not_sent(),
        waiting=Count("pk", filter=queued),
        oldest=Min("since", filter=queued & ~put_off & Q(since__lte=now)),
        put_off=Min("written_at", filter=queued & put_off),
        failed=Count("pk", filter=Q(state=LetterState.FAILED)),
    )


def _alarms(now: datetime) -> QuerySet[Any]:
    standing = Alarm.objects.filter(over_at__isnull=True)
    return in_one_row(standing, causes=ArrayAgg("cause"), noticed=ArrayAgg("raised_at"))


def in_one_row(rows: QuerySet[Any], **figures: Any) -> QuerySet[Any]:
    """As `aggregate`, to be asked later: figures of all rows, also of none."""
    return rows.order_by().values(all=Value(1)).annotate(**figures)


TURNS, LETTERS, ALARMS = Worded(_last_turn), Worded(_letters), Worded(_alarms)
_PUT_OFF = (LetterEventKind.BUSY, LetterEventKind.NO_ANSWER, LetterEventKind.NOT_MADE)
_SAID = (*_PUT_OFF, LetterEventKind.NOT_REACHED, LetterEventKind.QUEUED_AGAIN)


def _letters_not_sent() -> QuerySet[Letter]:
    """With what was last said of each that was tried, and since when it is to be sent."""
    events = LetterEvent.objects.filter(letter=OuterRef("pk")).order_by("-id")
    tried = Q(state=LetterState.QUEUED, attempts__gt=0)
    said = Coalesce(Subquery(events.filter(kind__in=_SAID).values("kind")[:1]), Value(""))
    put_back = Subquery(events.filter(kind=LetterEventKind.QUEUED_AGAIN).values("at")[:1])
    return Letter.objects.filter(state__in=[LetterState.QUEUED, LetterState.FAILED]).annotate(
        said=Case(When(tried, then=said), default=Value("")),
        since=Case(When(tried, then=Greatest("written_at", put_back)), default=F("due_at")),
    )


def signs(found: Pulse, now: datetime) -> list[Sign]:
    """M1.3: the last turn of the clock, what it complained of, the clocks, and the letters that wait or could not be sent."""
    letters = [_oldest_letter(found, now), *_put_off(found, now), _failed(found)]
    others = [sign for tells in _others if (sign := tells(found.others.get(tells), now))]
    told = [_sweep(found, now), *_complaint(found), *_left(found), _clocks(found), *letters, *others]
    return [_with_its_beginning(sign, found.noticed) for sign in told]


def _with_its_beginning(sign: Sign, noticed: Mapping[str, datetime]) -> Sign:
    """Where no row says since when it is beyond its limit, it is since the watch for alarms noticed it."""
    return replace(sign, since=noticed.get(sign.key)) if sign.alarm and sign.since is None else sign


def ask_for_a_sign(tells: Tells, asked: Worded | None = None) -> None:
    """Register who knows of another sign of this installation; it is told the row of what is `asked` (of a moment in UTC, one row at
    most), or None, and the moment. It answers None where its sign does not apply."""
    _others[tells] = asked


def _sweep(found: Pulse, now: datetime) -> Sign:
    remedy = (
        "Start worker and beat, or run manage.py sweep once: it says what stands in the way. "
        "What falls due meanwhile is made good, with its own dates."
    )
    trouble = f"no sweep in the last {wording.duration_in_words(SWEEP_LATE)}"
    if found.turned_at is None:
        return Sign("sweep", "Sweep", "The clock has never turned: no deadline is kept.", trouble, None, remedy)
    words = f"The last one was {wording.roughly_in_words(now - found.turned_at)} ago."
    if found.latest_by_seconds >= MADE_GOOD_LATE.total_seconds():
        late = wording.duration_in_words(timedelta(seconds=found.latest_by_seconds // 60 * 60))
        words += f" It made good what had been due for {late}."
    if now - found.turned_at > SWEEP_LATE:
        return Sign("sweep", "Sweep", f"{words} No deadline is kept.", trouble, found.turned_at, remedy)
    if found.began_at and now - found.began_at > RING_LATE:
        trouble = "no sweep has begun for nearly two minutes"
        return Sign("sweep", "Sweep", f"{words} Since then none has begun.", trouble, found.began_at, remedy)
    return Sign("sweep", "Sweep", words)


def _complaint(found: Pulse) -> list[Sign]:
    """What the last turn could not do; that the clocks are apart has a sign of its own."""
    if not found.complaint or _apart(found) > MOST_APART:
        return []
    remedy = (
        "Open “What the clock could not do” below: it names the error. All else was done; this is tried again after "
        "a pause, or at the next turn once you release it."
    )
    trouble = "the last sweep could not do everything"
    return [Sign("complaint", "Sweep’s alarm", found.complaint, trouble, found.turned_at, remedy)]


def _left(found: Pulse) -> list[Sign]:
    if not found.left:
        return []
    words = f"The last turn’s time was up with {wording.counted(found.left, 'matter')} or more still due."
    remedy = (
        "The next turns go on with them, the nearest deadlines first. If the number does not fall, look at the worker."
    )
    return [Sign("left", "Sweep’s rest", words, "the last sweep had no time for everything", found.turned_at, remedy)]


def _clocks(found: Pulse) -> Sign:
    apart = _apart(found)
    words = f"Application and database are {_how_far(apart)} apart."
    if apart <= MOST_APART:
        return Sign("clocks", "Clocks", words)
    remedy = "Set both clocks right (NTP). The next turn then makes good what was due."
    trouble = "the clocks of the application and the database are apart"
    return Sign("clocks", "Clocks", f"{words} Until they agree nothing lapses.", trouble, None, remedy)


def _how_far(apart: timedelta) -> str:
    seconds = apart.total_seconds()
    return f"{seconds:.1f} s" if seconds < 60 else wording.duration_in_words(timedelta(seconds=round(seconds)))


def _oldest_letter(found: Pulse, now: datetime) -> Sign:
    if not found.letters_waiting:
        return Sign("letters", "Letters", "None waits to be sent.")
    count = wording.counted(found.letters_waiting, "waits", "wait")
    if found.oldest_letter_at is None:
        return Sign("letters", "Letters", f"{count}; none is due.")
    words = f"{count}; the oldest for {wording.roughly_in_words(now - found.oldest_letter_at)}."
    if now - found.oldest_letter_at <= LETTER_LATE:
        return Sign("letters", "Letters", words)
    trouble = f"a letter has been waiting for more than {wording.duration_in_words(LETTER_LATE)}"
    remedy = "Look at the mail server and at the worker. None is lost: they go as soon as the server takes them."
    return Sign("letters", "Letters", words, trouble, found.oldest_letter_at, remedy)


def _put_off(found: Pulse, now: datetime) -> list[Sign]:
    """One full mailbox is no trouble of ours; but whoever reads there has not got their letter."""
    if found.put_off_since is None or now - found.put_off_since <= LETTER_PUT_OFF:
        return []
    trouble = f"a letter has been put off for more than {wording.duration_in_words(LETTER_PUT_OFF)}"
    words = f"The oldest was written {wording.roughly_in_words(now - found.put_off_since)} ago; it is tried again."
    remedy = "Its page has the server’s answer. If the mailbox is full, reach its reader in another way."
    return [Sign("put_off", "Letters put off", words, trouble, found.put_off_since, remedy)]


def _failed(found: Pulse) -> Sign:
    if not found.letters_failed:
        return Sign("failed", "Letters that failed", "None.")
    words = f"{wording.counted(found.letters_failed, 'letter')} could not be sent."
    remedy = "Each letter’s page has the server’s answer. Mend the address or the server, then send it again."
    return Sign("failed", "Letters that failed", words, "letters could not be sent", None, remedy)


def _apart(found: Pulse) -> timedelta:
    return abs(timedelta(milliseconds=found.clock_offset_ms))
