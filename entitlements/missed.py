"""Reminders that were owed and did not reach anybody in time (T1): which point, of what, and why.

Where the clock stood still, no letter was written: `note` puts that on record. Where one was written, the letter itself says that it
could not be sent, or that it waited until a later one, or the deadline, overtook it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from entitlements.acts_in_words import point_in_words
from entitlements.models import Customer, Letter, LetterEvent, LetterEventKind, LetterState, MissedReminder, many
from entitlements.models.letters import LONG
from entitlements.models.worded import Worded
from entitlements.rules.reminders import ReminderAnswer

KINDS = (
    "claim_reminder",
    "draft_reminder",
    "election_reminder",
    "information_reminder",
    "session_reminder",
    "unused_reminder",
)
_HELD_UP = (LetterState.FAILED, LetterState.QUEUED, LetterState.NO_LONGER_TRUE)
CLOCK = "our clock stood still then"
REFUSED = "the letter could not be sent"
MAY_HAVE_GONE = "no server said that it took the letter; it may have gone"
OVERTAKEN = "the letter was held up until it was of no use any more"
GIVEN_UP_AT = (
    LetterEvent.objects.filter(letter=OuterRef("pk"), kind=LetterEventKind.NOT_SENT).order_by("-at").values("at")[:1]
)
"""When the sender found a letter untrue; as `given_up_at` on each letter here."""


@dataclass(frozen=True, slots=True)
class Missed:
    """One point of one matter; `due_at` in UTC, `why` in words; `letter` where there is one."""

    matter: str
    point: str
    due_at: datetime
    why: str
    letter: Letter | None = None

    @property
    def point_in_words(self) -> str:
        return point_in_words(self.point)


def rows_of(
    answer: ReminderAnswer, *, since: datetime | None, matter: str, customer: Customer, now: datetime
) -> list[MissedReminder]:
    """The points that passed without a look at the matter, and so without a letter.

    `since` is when the clock was to look next: points before it were looked at. None: it was to look no more, or never has.
    """
    return [
        MissedReminder(matter=matter, customer=customer, point=name, due_at=at, deadline=answer.deadline, noted_at=now)
        for name, at in answer.missed
        if since and at >= since
    ]


def note(rows: Iterable[MissedReminder]) -> None:
    """Put them on record. One that is there already: nothing."""
    MissedReminder.objects.bulk_create(rows, ignore_conflicts=True)


def of(matters: Collection[str], now: datetime) -> list[Missed]:
    """Every reminder that these matters, which share one window, were owed and missed by `now`, in order of time."""
    return of_each({0: matters}, now)[0]


def of_each(windows: Mapping[int, Collection[str]], now: datetime) -> dict[int, list[Missed]]:
    """The same for many windows, each by its key. Of most nothing was missed, which is one question."""
    matters = {matter for of_one in windows.values() for matter in of_one}
    if not _MAY_HAVE(many.array(matters)):
        return {key: [] for key in windows}
    noted: dict[str, list[MissedReminder]] = defaultdict(list)
    letters: dict[str, list[Any]] = defaultdict(list)
    for one in _NOTED(many.array(matters)):
        noted[one.matter].append(one)
    for letter in _WRITTEN(many.array(matters)):
        letters[letter.matter].append(letter)
    return {key: _of_one(set(of_one), noted, letters, now) for key, of_one in windows.items()}


def _may_have(matters: str) -> Any:
    """Which of them have a point on record, or a letter that did not simply go."""
    noted = MissedReminder.objects.order_by().filter(matter__in=many.of_array(matters)).values("matter")
    letters = Letter.objects.order_by().filter(matter__in=many.of_array(matters), kind__in=KINDS, state__in=_HELD_UP)
    return noted.union(letters.values("matter"))


_MAY_HAVE = Worded(_may_have)
_NOTED = Worded(lambda matters: MissedReminder.objects.filter(matter__in=many.of_array(matters)))


def _written(matters: str) -> Any:
    letters = Letter.objects.filter(matter__in=many.of_array(matters), kind__in=KINDS)
    return letters.annotate(given_up_at=Subquery(GIVEN_UP_AT)).defer(*LONG).order_by("pk")


_WRITTEN = Worded(_written)


def _of_one(
    matters: Collection[str],
    noted: Mapping[str, list[MissedReminder]],
    letters: Mapping[str, list[Any]],
    now: datetime,
) -> list[Missed]:
    unwritten = [
        Missed(one.matter, one.point, one.due_at, CLOCK) for matter in matters for one in noted.get(matter, ())
    ]
    written = sorted((one for matter in matters for one in letters.get(matter, ())), key=lambda one: one.pk)
    found = {(one.point, one.due_at): one for one in [*unwritten, *_undelivered(written, now)]}
    return sorted(found.values(), key=lambda one: (one.due_at, one.matter, one.point))


def _undelivered(letters: list[Any], now: datetime) -> Iterable[Missed]:
    """Each point once, however many people its letter was for."""
    found: dict[tuple[str, str], Missed] = {}
    for letter in letters:
        if why := _why(letter, letters, now):
            key = (letter.matter, letter.point)
            found.setdefault(key, Missed(letter.matter, letter.point, letter.written_at, why, letter))
    return found.values()


def _why(letter: Any, letters: list[Any], now: datetime) -> str:
    """A letter that became untrue because its matter was settled was not missed; one that another had to replace was, and one
    that still waited at the deadline."""
    if letter.state == LetterState.FAILED:
        return MAY_HAVE_GONE if letter.may_have_gone else REFUSED
    if letter.state == LetterState.QUEUED:
        return OVERTAKEN if letter.deadline and letter.deadline <= now else ""
    if letter.state != LetterState.NO_LONGER_TRUE:
        return ""
    if letter.deadline and letter.given_up_at and letter.given_up_at >= letter.deadline:
        return OVERTAKEN
    replaced = any(
        one.pk > letter.pk
        and one.addressee == letter.addressee
        and one.point != letter.point
        and one.point.partition("/")[2] == letter.point.partition("/")[2]
        for one in letters
    )
    return OVERTAKEN if replaced else ""
