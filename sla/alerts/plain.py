"""The way past cell by cell: a block of plain lines is taken apart, checked and put together column by column, at the speed of C.

What is not plain (a quote, a time without an offset, a cell that is not known) sends its whole block to rows.py, which says the same
of plain rows and knows why another is refused. What looks plain and is not (February 30) the database refuses, and with it the batch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from datetime import date, timedelta
from operator import lt
from typing import Any

from sla.alerts.cells import FIRST_YEAR, MOST_SIGNS, BadCell
from sla.alerts.columns import BY_NAME, OTHER_LOG, STORED, Field, Kind
from sla.alerts.files import Block, Shape, lines_in
from sla.alerts.rows import Rows

AS_ZEROS = bytes.maketrans(b"123456789", b"000000000")
AS_BLANK = bytes.maketrans(b"T", b" ")
CONTROLS = bytes({*range(32), 127} - {9, 10})
AS_QUOTES = bytes.maketrans(CONTROLS, b'"' * len(CONTROLS))
INSTANT = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
"""An instant that PostgreSQL reads as `instant` does: finer fractions it rounds, where `instant` cuts off."""

MOST_KNOWN = 200_000

Column = Sequence[bytes]


class NotPlain(Exception):
    """The block has to be looked at row by row."""


class Plain:
    """For one file: what it has learnt of the few values that most columns have."""

    def __init__(self, rows: Rows, shape: Shape) -> None:
        self.rows, self.shape = rows, shape
        self.known: dict[Kind, dict[bytes, bytes]] = {kind: {} for kind in Kind if kind.is_few_valued}
        self.at = {name: shape.heads.index(head) for name, head in rows.columns.items() if head in shape.heads}
        self.latest = rows.now.strftime("%Y-%m-%dT%H:%M").encode()
        self.latest_elsewhere = (rows.now - timedelta(days=1)).strftime("%Y-%m-%d").encode()
        self.can = bool(shape.delimiter) and not any(name.startswith(OTHER_LOG) for name in rows.columns)

    def stored(self, block: Block) -> tuple[int, list[tuple[date, bytes]]]:
        """How many rows the block has, and for each month of receipt its rows as COPY reads them. Raises NotPlain."""
        columns, rows = self._apart(block)
        found = {name: self._column(one, columns.get(name), rows) for name, one in BY_NAME.items()}
        received = columns["received_at"]
        if any(_may_be_before(columns.get(name, ()), received) for name in ("acknowledged_at", "resolved_at")):
            raise NotPlain
        months = self._months(received)
        found["line"] = list(map(b"%d\n".__mod__, range(block.first, block.first + rows)))
        return rows, _together(found, rows, received, months)

    def _apart(self, block: Block) -> tuple[Mapping[str, Column], int]:
        """The cells of each column. A cell of its own ends each line, by which a line with one more or less is found."""
        data = block.data.replace(b"\r\n", b"\n") if b"\r" in block.data else block.data
        sign = self.shape.delimiter.encode()
        if not self.can or b'"' in data.translate(AS_QUOTES) or _has_loose_ends(data, sign):
            raise NotPlain
        try:
            data.decode()
        except UnicodeDecodeError as other:
            raise NotPlain from other
        cells = data.replace(b"\n", sign + b"\n" + sign).split(sign)
        cells.pop()
        width, rows = len(self.shape.heads) + 1, lines_in(data)
        if len(cells) != rows * width or cells[width - 1 :: width].count(b"\n") != rows:
            raise NotPlain
        return {name: cells[n::width] for name, n in self.at.items()}, rows

    def _column(self, one: Field, column: Column | None, rows: int) -> Column:
        if column is None:
            return [b""] * rows
        if not one.may_be_empty and b"" in column:
            raise NotPlain
        match one.kind:
            case Kind.INSTANT:
                return _instants(column)
            case Kind.TEXT:
                if max(map(len, column)) > MOST_SIGNS or _has_other_blanks(column):
                    raise NotPlain
            case _:
                return self._few(one.kind, column)
        return column

    def _few(self, kind: Kind, column: Column) -> Column:
        known = self.known[kind]
        try:
            return list(map(known.__getitem__, column))
        except KeyError:
            self._learn(kind, set(column) - known.keys())
            return list(map(known.__getitem__, column))

    def _learn(self, kind: Kind, cells: Set[bytes]) -> None:
        known = self.known[kind]
        for cell in cells:
            if len(known) > MOST_KNOWN:
                raise NotPlain
            try:
                known[cell] = self.rows.reader.read(kind, cell.decode()).encode()
            except BadCell as bad:
                raise NotPlain from bad

    def _months(self, received: Column) -> list[bytes]:
        """The months of receipt in a block: where the offset is not that of UTC, only of days that are the same everywhere."""
        first, last = min(received), max(received)
        if first.endswith(b"Z"):
            if last[:10] + b"T" + last[11:16] >= self.latest:
                raise NotPlain
        elif last[:10] >= self.latest_elsewhere or any(not b"02" <= one[8:10] <= b"27" for one in received):
            raise NotPlain
        months = sorted({one[:7] for one in received}) if first[:7] != last[:7] else [first[:7]]
        if any(_as_month(month) in self.rows.dropped for month in months):
            raise NotPlain
        return months


def _instants(column: Column) -> Column:
    """All written as the first, or empty: each sign that is no digit at the same place. No placeholders, no hour 24, no second 60.
    Where none is empty and all are of UTC, as the database reads them soonest: 20260131 17:05:00."""
    if not (written := list(filter(None, column))):
        return column
    joined, first = b"\n".join(written) + b"\n", written[0]
    if (
        not INSTANT.fullmatch(first)
        or joined.translate(AS_ZEROS) != (first + b"\n").translate(AS_ZEROS) * len(written)
        or min(written) < b"%d-01-02" % FIRST_YEAR
        or first[10:11] + b"24" in joined
        or b":60" in joined
    ):
        raise NotPlain
    if len(written) < len(column) or not first.endswith(b"Z"):
        return column
    return joined.translate(AS_BLANK, b"-Z").split(b"\n")[:-1]


def _together(
    found: Mapping[str, Any], rows: int, received: Column, months: Sequence[bytes]
) -> list[tuple[date, bytes]]:
    """The rows of each month. The first column, which no plain file has, is left empty: so each line begins with the comma that ended
    the one before."""
    width = len(STORED) - 1
    cells = [b""] * (rows * width)
    for n, name in enumerate(STORED[1:]):
        cells[n::width] = found[name]
    if len(months) == 1:
        return [(_as_month(months[0]), b"," + b",".join(cells))]
    lines: dict[bytes, list[bytes]] = {month: [] for month in months}
    for n, at in enumerate(received):
        lines[at[:7]] += cells[n * width : (n + 1) * width]
    return [(_as_month(month), b"," + b",".join(one)) for month, one in lines.items()]


def _has_loose_ends(data: bytes, sign: bytes) -> bool:
    """Blanks about a cell, and commas within one where another sign stands between cells."""
    around = b" " in data and any(one in b"\n" + data for one in (sign + b" ", b" " + sign, b"\n ", b" \n"))
    return around or (sign != b"," and b"," in data) or (sign != b"\t" and b"\t" in data)


def _has_other_blanks(column: Column) -> bool:
    """Blanks at the edge of a text that only Unicode knows as such."""
    joined = b"\n".join(column)
    return not joined.isascii() and any(one != one.strip() for one in joined.decode().split("\n"))


def _may_be_before(column: Column, received: Column) -> bool:
    """Whether an instant lies before that of its row's receipt, or is written so that it cannot be told."""
    first, of = next(filter(None, column), None), received[0]
    if first is None:
        return False
    if first[10:11] != of[10:11] or first.endswith(b"Z") != of.endswith(b"Z"):
        return True
    if first.endswith(b"Z"):
        told = [one or at for one, at in zip(column, received, strict=True)] if b"" in column else column
        return any(map(lt, told, received))
    return any(one and (one < at or one[-6:] != at[-6:]) for one, at in zip(column, received, strict=True))


def _as_month(month: bytes) -> date:
    try:
        return date(int(month[:4]), int(month[5:7]), 1)
    except ValueError as none:
        raise NotPlain from none
