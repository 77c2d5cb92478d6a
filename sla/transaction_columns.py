"""What a file of lost transactions takes in its columns (S9), and how each cell is read: in one way only, or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from entitlements.imports import values
from entitlements.imports.columns import Column, Kind
from entitlements.imports.values import BadCell, Raw, Reader
from sla import sums
from sla.alerts import cells

MOST_SIGNS = 200
"""As many as fit into the list."""
_HALF_A_SECOND = timedelta(milliseconds=500)


def columns_of(zone: ZoneInfo, currency: str, now: datetime) -> Kind:
    """The columns of the lost transactions of a contract: times without an offset are of its `zone`, sums of its currency; nothing
    was attempted after `now` (UTC)."""
    return Kind(
        "transactions",
        "Lost transactions",
        "transaction",
        "One row a transaction. Several attempts at one transaction are one row.",
        (
            Column(
                "transaction",
                values.text(MOST_SIGNS),
                "What it was: an order number and what it was for. No names of people.",
                "EXAMPLE order 4711, three pallets",
                needed=True,
            ),
            Column(
                "attempted",
                _moment(zone, now),
                f"Day and time of the attempt, by the clocks of {zone.key} or with an offset such as -05:00 or Z.",
                "2026-11-21 14:05",
                needed=True,
            ),
            Column("revenue", _sum, f"Revenue that it would have brought, in {currency}.", "1200.50", needed=True),
            Column("expenses", _sum, f"Expenses that you saved, in {currency}. Empty: none.", "200.00"),
        ),
    )


def _moment(zone: ZoneInfo, now: datetime) -> Reader:
    """An instant of the past (UTC). A day alone, or a time that the clocks show twice or never, is refused."""
    reader = cells.Reader(customers={}, zone=zone)

    def read(cell: Raw) -> datetime:
        try:
            at = cells.instant(reader, _as_written(cell))
        except cells.NotATime as bad:
            said = f"“{str(cell).strip()[:60]}” is not a day with a time that can be read in one way only."
            raise BadCell(f"{said} {_LIKE}") from bad
        except cells.BadCell as bad:
            raise BadCell(f"{bad} {_HELP.get(bad.code, _LIKE)}") from bad
        if at > now:
            raise BadCell("It cannot have been attempted in the future. Check the day, the time and the zone.")
        return at

    return read


_LIKE = "Write day and time like 2026-11-21 14:05."
_HELP = {
    "twice": "Add the offset of the one that you mean, like 2026-11-01 01:30-05:00.",
    "never": "They were set forward over it. Check the time, or add its offset.",
}


def _as_written(cell: Raw) -> str:
    """A cell that its workbook marks as a moment is one to the second: it is kept there as a fraction of a day."""
    if isinstance(cell, datetime):
        return f"{(cell + _HALF_A_SECOND).replace(microsecond=0)}"
    return str(cell).strip()


def _sum(cell: Raw) -> Decimal:
    """A sum of money, as text as people write it or as a number of a workbook."""
    if isinstance(cell, float):
        cell = int(cell) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    written = str(cell).strip()
    try:
        return sums.sum_of(written)
    except sums.NotASum as bad:
        shown = "".join(sign if sign.isprintable() else " " for sign in written)
        raise BadCell(f"“{shown[:40]}”: {bad}") from bad
