"""One cell at a time: what it says, or why it cannot be taken. Nothing is guessed; a time that a clock shows twice is refused (M9.7)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, DecimalException
from typing import Any
from zoneinfo import ZoneInfo

from entitlements.rules.days import comes_twice
from sla.alerts.columns import Kind

MOST_SIGNS = 200
MOST_DELAY = timedelta(days=30)
FIRST_YEAR = 2005
MICROSECOND = Decimal("0.000001")
UNITS = {"minutes": 60, "seconds": 1}

_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
_YES_NO = {**dict.fromkeys(("true", "t", "yes", "y", "1"), "t"), **dict.fromkeys(("false", "f", "no", "n", "0"), "f")}
_URGENCIES = {"high": "t", "low": "f"}


class BadCell(ValueError):
    """A cell that cannot be taken: a code for the counts, and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class NotATime(BadCell):
    """A cell in which no day and time can be read in one way only."""


@dataclass(frozen=True)
class Reader:
    """How the cells of one file read: its customers by number, the zone of times without an offset, which pass of a repeated hour
    they mean (`first`, `second`, or empty: refuse them), and the unit of its delays."""

    customers: Mapping[str, int]
    zone: ZoneInfo | None = None
    repeated: str = ""
    delay_unit: str = "minutes"

    def read(self, kind: Kind, cell: str) -> str:
        """The cell as it is stored; empty stays empty. Raises BadCell."""
        return _READ[kind](self, cell) if cell else ""


def _customer(reader: Reader, cell: str) -> str:
    if cell not in reader.customers:
        raise BadCell("customer", f"No customer has the number “{cell[:60]}”.")
    return str(reader.customers[cell])


def _text(reader: Reader, cell: str) -> str:
    if len(cell) > MOST_SIGNS:
        raise BadCell("long", f"The text is longer than {MOST_SIGNS} signs.")
    if presentable(cell) != cell:
        raise BadCell("signs", "The text has a sign that no text has: NUL, or half of a pair.")
    return cell


def presentable(text: str) -> str:
    """A text as the database can keep it: without NUL and without halves of pairs, with a sign for each."""
    return text.replace("\0", "␀").encode("utf-8", "replace").decode()


def as_text(value: Any) -> str:
    """A value of JSON or Parquet as a cell."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
        case bytes():
            return value.decode("utf-8", "surrogateescape").strip()
        case dict() | list():
            return json.dumps(value, default=str)
    return str(value).strip()


def _yes_no(reader: Reader, cell: str) -> str:
    if cell.lower() not in _YES_NO:
        raise BadCell("yes_no", f"“{cell[:60]}” is neither yes nor no.")
    return _YES_NO[cell.lower()]


def _urgency(reader: Reader, cell: str) -> str:
    said = _URGENCIES.get(cell.lower()) or _YES_NO.get(cell.lower())
    if said is None:
        raise BadCell("urgency", f"“{cell[:60]}” is no urgency: high or low.")
    return said


def _channel(reader: Reader, cell: str) -> str:
    said = cell.lower().replace("e-mail", "email")
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,29}", said):
        raise BadCell("channel", f"“{cell[:60]}” is no name of a channel.")
    return said


def _country(reader: Reader, cell: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", cell):
        raise BadCell("country", f"“{cell[:60]}” is no country of two letters.")
    return cell.upper()


def _delay(reader: Reader, cell: str) -> str:
    try:
        seconds = Decimal(cell) * UNITS[reader.delay_unit]
    except DecimalException:
        seconds = Decimal("NaN")
    if not (seconds.is_finite() and 0 <= seconds <= Decimal(MOST_DELAY.total_seconds())):
        raise BadCell("delay", f"“{cell[:60]}” is no delay in {reader.delay_unit}, 0 to {MOST_DELAY.days} days.")
    return f"{seconds.quantize(MICROSECOND).normalize():f} seconds"


def _instant(reader: Reader, cell: str) -> str:
    return instant(reader, cell).isoformat()


def instant(reader: Reader, cell: str) -> datetime:
    """The instant (UTC) that a cell names; of its fraction microseconds count. Raises BadCell."""
    found = _INSTANT.fullmatch(cell)
    if not found:
        raise NotATime("instant", f"“{cell[:60]}” is no time such as 2026-01-31T17:05:00Z.")
    day, clock, fraction, offset = found.groups()
    micros = f".{fraction[:6].ljust(6, '0')}" if fraction else ""
    zone = {"Z": "+00:00", "UTC": "+00:00"}.get(offset or "", offset or "")
    try:
        said = datetime.fromisoformat(f"{day}T{clock}{micros}{zone}")
        at = said.astimezone(UTC) if zone else _of_the_zone(reader, said, cell)
    except (ValueError, OverflowError) as bad:
        if isinstance(bad, BadCell):
            raise
        raise BadCell("instant", f"There is no such time as “{cell[:60]}”.") from bad
    if at.year < FIRST_YEAR:
        raise BadCell("instant", f"“{cell[:60]}” lies before {FIRST_YEAR}.")
    return at


def _of_the_zone(reader: Reader, clock: datetime, cell: str) -> datetime:
    if reader.zone is None:
        raise BadCell("no_zone", f"“{cell[:60]}” does not say its zone, and none is stated for the file.")
    if comes_twice(clock, reader.zone):
        if not reader.repeated:
            raise BadCell("twice", f"The clocks of {reader.zone.key} show “{cell[:60]}” twice.")
        return clock.replace(tzinfo=reader.zone, fold=int(reader.repeated == "second")).astimezone(UTC)
    at = clock.replace(tzinfo=reader.zone).astimezone(UTC)
    if at.astimezone(reader.zone).replace(tzinfo=None) != clock:
        raise BadCell("never", f"The clocks of {reader.zone.key} never show “{cell[:60]}”.")
    return at


_READ: Mapping[Kind, Callable[[Reader, str], str]] = {
    Kind.CUSTOMER: _customer,
    Kind.TEXT: _text,
    Kind.INSTANT: _instant,
    Kind.YES_NO: _yes_no,
    Kind.URGENCY: _urgency,
    Kind.CHANNEL: _channel,
    Kind.COUNTRY: _country,
    Kind.DELAY: _delay,
}
