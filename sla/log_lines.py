"""S2: intervals of the server logs as people hand them in: customer, from, to; a line each, typed or in a CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from entitlements.imports.reading import delimiter_of
from entitlements.rules.days import at_local_time, comes_twice

MOST_LINES = 5_000
HEADS = ["customer", "start", "end"]
YEARS = range(2000, 3000)


@dataclass(frozen=True, slots=True)
class Line:
    """One interval as it was handed in: the customer's number or name, and instants in UTC; `end` None while it lasts."""

    number: int
    customer: str
    start: datetime
    end: datetime | None


class WrongLine(ValueError):
    """What is wrong with a line, in a sentence that says what to write."""


def read_lines(text: str, zone: ZoneInfo) -> tuple[list[Line], list[str]]:
    """The lines, and what is wrong with those that cannot be read, each by its number.

    A time without an offset is one of `zone`. One that comes twice there, or not at all, is refused, never guessed. Cells are apart by
    whichever of comma, semicolon and tab the first line has most of.
    """
    found: list[Line] = []
    wrong: list[str] = []
    rows = csv.reader(io.StringIO(text), delimiter=delimiter_of(text.lstrip()), skipinitialspace=True)
    while (cells := _next(rows)) is not None:
        filled = [cell.strip() for cell in cells]
        if not any(filled) or [cell.lower() for cell in filled] == HEADS:
            continue
        if len(found) + len(wrong) == MOST_LINES:
            return found, [*wrong, f"More than {MOST_LINES:,} lines. Split them over several outages of one cause."]
        try:
            found.append(_line(rows.line_num, filled, zone))
        except WrongLine as why:
            wrong.append(f"Line {rows.line_num}: {why}")
    return found, wrong


def instant_of(typed: str, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of '2026-06-09 10:29:59', which is of `zone` unless it says its offset. Raises WrongLine."""
    try:
        read = datetime.fromisoformat(typed)
    except ValueError as wrong:
        raise WrongLine(f"“{typed[:40]}” is no time. Write it as 2026-06-09 10:29:59.") from wrong
    if len(typed) <= len("2026-06-09"):
        raise WrongLine(f"“{typed}” has no clock time. Write it as 2026-06-09 10:29:59.")
    if read.year not in YEARS:
        raise WrongLine(f"“{typed}” is not of our time. Check the year.")
    if read.tzinfo is not None:
        return read.astimezone(UTC)
    if why := clock_problem(read, zone):
        raise WrongLine(f"{why} Write it with its offset, as 2026-11-01 01:30:00-04:00, or in UTC.")
    return at_local_time(read, zone)


def clock_problem(clock: datetime, zone: ZoneInfo) -> str:
    """Why a local clock time is not one instant: on the nights on which the clocks change. Empty for all others."""
    if comes_twice(clock, zone):
        return f"{clock:%H:%M:%S} comes twice on that day, since the clocks are set back over it."
    if at_local_time(clock, zone).astimezone(zone).replace(tzinfo=None) != clock:
        return f"{clock:%H:%M:%S} does not exist on that day, since the clocks jump over it."
    return ""


def _next(rows: Any) -> list[str] | None:
    try:
        return next(rows, None)
    except csv.Error:
        return ["", "unreadable"]  # a cell without end, or a sign that no table has: it names no customer


def _line(number: int, cells: list[str], zone: ZoneInfo) -> Line:
    if len(cells) not in (2, 3) or not cells[0]:
        raise WrongLine("Write customer, from, to; leave “to” empty while it lasts.")
    start = instant_of(cells[1], zone)
    end = instant_of(cells[2], zone) if cells[2:] and cells[2] else None
    if end and end <= start:
        raise WrongLine("It cannot have ended before it began.")
    return Line(number, cells[0], start, end)
