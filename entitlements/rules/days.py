"""Days, deadlines and local clock time, as the head of the register defines them.

Instants come in and go out with a zone (out: UTC); days are local dates in a named zone.
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_MICROSECOND = timedelta(microseconds=1)


@cache
def zone_names() -> frozenset[str]:
    """The names of the tz database. `localtime` is the zone of whatever machine reads it, and no name to the server."""
    return frozenset(available_timezones() - {"localtime"})


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The local date of an instant in a zone."""
    return instant.astimezone(zone).date()


def to_the_second(now: datetime) -> datetime:
    """The last full second by `now`: up to there what still runs is told to people. What is judged is exact."""
    return now.replace(microsecond=0)


def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local date.

    A midnight that does not exist: the first instant after the gap; one that comes twice: the first.
    """
    midnight = datetime.combine(day, time())
    before = midnight.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = at_local_time(midnight, zone)
    # A midnight that exists is `after`. One that does not has them on either side of the gap's end: halve down to it.
    while after - before > _MICROSECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).replace(tzinfo=None) < midnight:
            before = middle
        else:
            after = middle
    return after


def deadline_within(days: int, of: date, zone: ZoneInfo) -> datetime:
    """*Within `days` days of* the local date `of`: the first instant that is too late, being the first of local date `of` + `days` + 1."""
    return first_instant(of + timedelta(days=days + 1), zone)


def at_local_time(clock: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of a local date and clock time, `clock` being without a zone.

    A time that does not exist moves forward by the gap; one that comes twice is the first.
    """
    return clock.replace(tzinfo=zone, fold=0).astimezone(UTC)


def comes_twice(clock: datetime, zone: ZoneInfo) -> bool:
    """Whether a local date and clock time (without a zone) come twice, because the clocks are set back over them."""
    first, second = (clock.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second


def second_of_two(clock: datetime, zone: ZoneInfo) -> datetime:
    """The later of the two instants (UTC) of a local clock time that comes twice; of any other time its only one."""
    return (
        clock.replace(tzinfo=zone, fold=1).astimezone(UTC) if comes_twice(clock, zone) else at_local_time(clock, zone)
    )


def months_before(instant: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The same local clock time `months` months earlier (UTC); a day that the month lacks is its last day."""
    local = instant.astimezone(zone).replace(tzinfo=None)
    return at_local_time(datetime.combine(add_months(local.date(), -months), local.time()), zone)


def zone_or(name: str, otherwise: str) -> ZoneInfo:
    """The zone of that name; the other where there is none of it."""
    try:
        return ZoneInfo(name or otherwise)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(otherwise)


def days_before(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same local clock time `days` calendar days earlier (UTC)."""
    return at_local_time(instant.astimezone(zone).replace(tzinfo=None) - timedelta(days=days), zone)


def add_months(day: date, months: int) -> date:
    """The same day of the month, `months` later (or earlier, if negative); a day that the month lacks is its last day."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))


def day_in_words(day: date) -> str:
    """The day as our sentences write it: August 1, 2026."""
    return f"{calendar.month_name[day.month]} {day.day}, {day.year}"


def first_of_month(day: date) -> date:
    """The first day of the month in which `day` lies."""
    return day.replace(day=1)
