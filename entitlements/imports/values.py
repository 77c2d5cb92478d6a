"""What may stand in a cell of an import, and what is refused with an example of what would be taken. Nothing is guessed.

Each reader takes a cell as it was found (text of a CSV; text, number, day or moment of a workbook) and gives the value, or raises
BadCell with a sentence for whoever wrote the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal

from entitlements.rules.days import zone_names

Raw = str | int | float | bool | date | datetime | object | None
Value = str | int | Decimal | date
Reader = Callable[[Raw], Value]

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_ISO_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_EARLIEST, _LATEST = date(2000, 1, 1), date(2100, 12, 31)


class BadCell(ValueError):
    """A cell that cannot be taken, in a sentence that says why and gives an example."""


def text(most: int) -> Reader:
    """Words of at most so many signs; a whole number of a workbook is taken as it is shown."""

    def read(cell: Raw) -> str:
        found = _shown(cell)
        if found.startswith(STARTS_A_FORMULA):
            raise BadCell(f"“{_short(found)}” would be a formula in a spreadsheet. Write it without its first sign.")
        if len(found) > most:
            raise BadCell(f"It has {len(found)} signs; {most} at the most.")
        if not found.isprintable():
            raise BadCell("It has signs that cannot be shown, such as a line break. Write it on one line.")
        return found

    return read


def email(cell: Raw) -> str:
    """An address, as it can stand in an envelope; in small letters, as people are found by it."""
    found = str(text(254)(cell)).lower()
    if not _EMAIL.fullmatch(found):
        raise BadCell(f"“{_short(found)}” is no e-mail address. Write it like dana@example.com.")
    return found


def one_of(known: Mapping[str, str]) -> Reader:
    """One of the keys, or the name of one, in whatever case."""
    names = {name.casefold(): key for key, name in known.items()} | {key.casefold(): key for key in known}

    def read(cell: Raw) -> str:
        found = _shown(cell)
        if found.casefold() not in names:
            raise BadCell(f"“{_short(found)}” is not known. Write one of: {', '.join(known)}.")
        return names[found.casefold()]

    return read


def day(cell: Raw) -> date:
    """A day: written as 2026-11-30, or a cell that its workbook marks as a date."""
    if isinstance(cell, datetime):
        if cell.time() != time():
            raise BadCell(f"“{cell:%Y-%m-%d %H:%M}” has a time. Write the day alone, as 2026-11-30.")
        cell = cell.date()
    if isinstance(cell, date):
        return _within(cell)
    found = _shown(cell)
    if not (parts := _ISO_DAY.fullmatch(found)):
        raise BadCell(
            f"“{_short(found)}” is no day that can be read in one way only. Write year-month-day: 2026-11-30."
        )
    try:
        return _within(date(*map(int, parts.groups())))
    except ValueError as gone:
        if isinstance(gone, BadCell):
            raise
        raise BadCell(f"There is no {found} in the calendar. Write a day that exists, as 2026-02-28.") from gone


def month(cell: Raw) -> date:
    """The first day of a month: written as 2026-11, or as its first day."""
    found = _shown(cell) if not isinstance(cell, date) else ""
    if parts := _ISO_MONTH.fullmatch(found):
        found = f"{parts[0]}-01"
    try:
        first = day(cell if isinstance(cell, date) else found)
    except BadCell as bad:
        raise BadCell(f"“{_short(_shown(cell))}” is no month. Write year-month: 2026-11.") from bad
    if first.day != 1:
        raise BadCell(f"{first} is not the first day of its month. Write the month alone: {first:%Y-%m}.")
    return first


def whole(cell: Raw) -> int:
    """A whole number, not negative."""
    number = _number(cell)
    if number < 0 or number != number.to_integral_value():
        raise BadCell(f"“{_short(_shown(cell))}” is not a whole number from 0 up. Write it as 1200.")
    if number > 2_000_000_000:
        raise BadCell("The number is too large.")
    return int(number)


def number(*, most: Decimal, places: int = 6) -> Reader:
    """A number from 0 to `most` with at most so many decimal places, with a point before them and nothing between thousands."""

    def read(cell: Raw) -> Decimal:
        found = _number(cell)
        if not 0 <= found <= most:
            raise BadCell(f"“{_short(_shown(cell))}” is not between 0 and {most:,}.")
        if -int(found.normalize().as_tuple().exponent) > places:
            raise BadCell(f"“{_short(_shown(cell))}” has more than {places} decimal places. Round it.")
        return found

    return read


def currency(cell: Raw) -> str:
    """Three letters, as ISO 4217 has them."""
    found = _shown(cell)
    if not re.fullmatch("[A-Z]{3}", found):
        raise BadCell(f"“{_short(found)}” is no currency. Write its three capital letters: USD.")
    return found


def zone(cell: Raw) -> str:
    """A zone of the tz database, as it is spelt there."""
    found = _shown(cell)
    if found not in zone_names():
        near = next((one for one in sorted(zone_names()) if one.casefold() == found.casefold()), "America/New_York")
        raise BadCell(f"“{_short(found)}” is not a time zone. Write a name of the tz database: {near}.")
    return found


def is_blank(cell: Raw) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _number(cell: Raw) -> Decimal:
    found = _shown(cell)
    if isinstance(cell, bool | date) or not _NUMBER.fullmatch(found):
        raise BadCell(
            f"“{_short(found)}” is no number that can be read in one way only. "
            "Write it with a point and without signs between thousands: 1200.50."
        )
    return Decimal(found)


def _shown(cell: Raw) -> str:
    """The cell as its reader sees it. A workbook keeps every number as a float: 1001.0 is shown as 1001."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    return str(cell).strip()


def _within(found: date) -> date:
    if not _EARLIEST <= found <= _LATEST:
        raise BadCell(f"{found} is not between {_EARLIEST} and {_LATEST}. Check the year.")
    return found


def _short(found: str) -> str:
    plain = "".join(sign if sign.isprintable() else " " for sign in found)
    return plain if len(plain) <= 40 else f"{plain[:39]}…"
