"""E15: an engineer's free time: working hours by the clock of their own zone, less what is booked, less leave; and what stands
against a session in it.

Working hours are wall-clock times: an instant is working time if the clock of the engineer's zone then shows a time within
them. A clock time that does not exist is no working time; one that comes twice is working time twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from zoneinfo import ZoneInfo

from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span, cut, union

MINUTES_OF_A_DAY = 24 * 60
GRID = timedelta(minutes=30)
"""Offered times begin on the full and the half hour of UTC, which is that of nearly every zone: a figure of ours."""

_DAY, _MICROSECOND = timedelta(days=1), timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours of one weekday (0 is Monday): minutes since local midnight, `begins` included, `ends` not (up to 1,440), from
    the local day `first` to `last`, both included; `last` None: until further notice.
    """

    weekday: int
    begins: int
    ends: int
    first: date
    last: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6 or not 0 <= self.begins < self.ends <= MINUTES_OF_A_DAY:
            raise ValueError(f"not hours of a weekday: {self}")

    def apply_on(self, day: date) -> bool:
        return day.weekday() == self.weekday and self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class EngineerTime:
    """An engineer as these rules read them. `key` orders engineers who are free at the same time; spans are in UTC."""

    key: int
    name: str
    zone: ZoneInfo
    skills: frozenset[str]
    hours: tuple[Hours, ...]
    booked: tuple[Span, ...] = field(default=())
    leave: tuple[Span, ...] = field(default=())


@dataclass(frozen=True, slots=True, order=True)
class FreeSlot:
    """A time at which a session could be booked, and the keys of the engineers who are free for it, in order."""

    span: Span
    engineers: tuple[int, ...]


def working_spans(hours: Collection[Hours], zone: ZoneInfo, within: Span) -> tuple[Span, ...]:
    """E15: the working time within a span (UTC), merged and in order."""
    return union(_worked(hours, zone, within))


def free_spans(engineer: EngineerTime, within: Span) -> tuple[Span, ...]:
    """E15: the working time that is neither booked nor leave, merged and in order."""
    return cut(working_spans(engineer.hours, engineer.zone, within), (*engineer.booked, *engineer.leave))


def free_slots(
    engineers: Iterable[EngineerTime],
    *,
    activity: str,
    length: timedelta,
    within: Span,
    grid: timedelta = GRID,
    limit: int | None = None,
) -> tuple[FreeSlot, ...]:
    """E15: the times on the grid at which one of the engineers who have the skill is free for the whole length, earliest first.

    The order of the engineers does not matter. `limit`: no more than so many.
    """
    able = [engineer for engineer in engineers if activity in engineer.skills]
    begins = merge(*(_begins(engineer, free_spans(engineer, within), length, grid) for engineer in able))
    slots = (
        FreeSlot(Span(start, start + length), tuple(key for _, key in same))
        for start, same in groupby(begins, key=itemgetter(0))
    )
    return tuple(islice(slots, limit))


def refusals_against(engineer: EngineerTime, *, activity: str, span: Span) -> tuple[Refusal, ...]:
    """E15: everything that stands against booking the engineer for the activity in the span; empty means free."""
    against = []
    if activity not in engineer.skills:
        against.append(lacks_the_skill(engineer.name))
    if any(span.overlaps(one) for one in engineer.booked):
        against.append(taken(engineer.name))
    if any(span.overlaps(one) for one in engineer.leave):
        against.append(on_leave(engineer.name))
    if not any(worked.covers(span) for worked in working_spans(engineer.hours, engineer.zone, span)):
        against.append(outside_hours(engineer.name))
    return tuple(against)


def is_free(engineer: EngineerTime, *, activity: str, span: Span) -> bool:
    """E15: nothing stands against booking the engineer for the activity in the span."""
    return not refusals_against(engineer, activity=activity, span=span)


def taken(name: str) -> Refusal:
    """E15: never booked twice at one time."""
    return Refusal("E15", "engineer_taken", f"{name} is already booked at that time.", _ANOTHER)


def on_leave(name: str) -> Refusal:
    """E15: never booked on leave."""
    return Refusal("E15", "on_leave", f"{name} is on leave at that time.", _ANOTHER)


def outside_hours(name: str) -> Refusal:
    """E15: never booked outside working hours."""
    return Refusal("E15", "outside_working_hours", f"{name} does not work at that time.", _ANOTHER)


def lacks_the_skill(name: str) -> Refusal:
    """E15: booked only for what they can do."""
    sentence = f"{name} is not on record as able to hold this activity."
    return Refusal(
        "E15", "lacks_the_skill", sentence, "Choose another engineer, or enter the skill on the engineer's page."
    )


def takes_no_more(name: str) -> Refusal:
    """E15: booked only while they take engagements."""
    return Refusal("E15", "takes_no_more", f"{name} takes no more engagements.", "Choose another engineer.")


def nobody_finishes(name: str) -> Refusal:
    """E15: booked only where somebody sees to what comes of it."""
    sentence = f"{name} leaves the firm, and nobody is named to finish what is left then."
    return Refusal(
        "E15", "nobody_finishes", sentence, "Choose another engineer, or name who finishes it on their page."
    )


_ANOTHER = "Choose another time or another engineer."


def _worked(hours: Collection[Hours], zone: ZoneInfo, within: Span) -> Iterator[Span]:
    for piece, offset in _by_offset(within, zone):
        for midnight in _midnights(piece, offset):
            for one in hours:
                if one.apply_on(midnight.date()):
                    begins, ends = (midnight + timedelta(minutes=minute) - offset for minute in (one.begins, one.ends))
                    if span := Span(begins, ends) & piece:
                        yield span


def _midnights(piece: Span, offset: timedelta) -> Iterator[datetime]:
    """The local midnights whose days lie in a span of one offset, as UTC instants that are read as local ones."""
    midnight = datetime.combine((piece.start + offset).date(), time(), UTC)
    while midnight < piece.end + offset:
        yield midnight
        midnight += _DAY


def _by_offset(within: Span, zone: ZoneInfo) -> Iterator[tuple[Span, timedelta]]:
    """A span in pieces, in each of which the zone keeps one offset from UTC."""
    start = within.start.astimezone(UTC)
    end = within.end.astimezone(UTC)
    while start < end:
        change = _first_change(start, end, zone)
        yield Span(start, change), _offset(start, zone)
        start = change


def _first_change(start: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after `start` at which the zone's offset is another; `end` if there is none before. No zone changes twice
    in a day.
    """
    before = _offset(start, zone)
    while start < end and _offset(min(start + _DAY, end), zone) == before:
        start = min(start + _DAY, end)
    changed = min(start + _DAY, end)
    while changed - start > _MICROSECOND:
        middle = start + (changed - start) // 2
        start, changed = (middle, changed) if _offset(middle, zone) == before else (start, middle)
    return changed


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _begins(
    engineer: EngineerTime, free: Sequence[Span], length: timedelta, grid: timedelta
) -> Iterator[tuple[datetime, int]]:
    for span in free:
        start = _EPOCH - (_EPOCH - span.start) // grid * grid
        while start + length <= span.end:
            yield start, engineer.key
            start += grid
