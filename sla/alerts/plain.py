"""The way past cell by cell: the plain lines of a block are taken apart, checked and packed column by column, at the speed of C.

A line that is not plain (a time without an offset, a cell that is not known) is left to rows.py, which says the same of plain lines and
knows why another is refused.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import reduce

import pyarrow as arrow
from pyarrow import compute, csv

from sla.alerts.cells import FIRST_YEAR, MOST_SIGNS, BadCell, Reader
from sla.alerts.columns import BY_NAME, OTHER_LOG, Kind
from sla.alerts.files import MOST_LINE, Block, Shape, lines_in
from sla.alerts.packing import INSTANT, LINE, TEXT, Column, at_once, data_of, few, one_packed, packed
from sla.alerts.rows import AHEAD, ASTRAY, NOT_BEFORE_RECEIPT, Rows

CONTROLS = bytes({*range(32), 127} - {9, 10})
MOST_KNOWN = 200_000
"""So many different cells of a kind are remembered; further ones are read each time."""

FIRST = arrow.scalar(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), INSTANT)
LAST = arrow.scalar(datetime.max.replace(tzinfo=UTC), INSTANT)
MONTH = arrow.date32()
AN_INSTANT = (
    r"^\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    r"[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)$"
)
"""Cells that Arrow reads, and as `cells.instant` does; where it meets one that it cannot, it reads nothing of a column."""

WITH_SECONDS = len("2026-01-31T17:05:00Z")
"""Arrow also reads hours without minutes, which are no instants here; none of their spellings is as long."""

Columns = Mapping[str, Column]
Part = tuple[date, memoryview]
"""A month of receipt, and rows of it as COPY reads them."""


class OddLines(ValueError):
    """Lines have signs, or a length, for which they are to be looked at one by one."""


@dataclass(frozen=True)
class Sorted:
    """Of a block the plain lines, how many they are, and those to be looked at row by row."""

    rows: int
    parts: Sequence[Part]
    others: Iterable[Block]


class Plain:
    """For one file: what it has learnt of the few values that most columns have."""

    def __init__(self, rows: Rows, shape: Shape) -> None:
        self.rows, self.shape, self.sign = rows, shape, shape.delimiter.encode()
        self.known = {kind: _Known(rows.reader, kind) for kind in Kind if kind.is_few_valued}
        self.heads = {name: head for name, head in rows.columns.items() if head in shape.heads}
        self.can = bool(shape.delimiter) and not any(name.startswith(OTHER_LOG) for name in rows.columns)

    def sorted(self, block: Block) -> Sorted:
        """A quoted cell may have lines of its own: where there is one, the whole block is looked at row by row."""
        if not self.can or b'"' in block.data:
            return Sorted(0, [], [block])
        data = block.data.replace(b"\r\n", b"\n") if b"\r" in block.data else block.data
        places, cells = self._apart(data)
        if not cells:
            return Sorted(0, [], [block])
        columns = self._read(cells)
        plain = self._which_are_plain(cells, columns)
        columns["line"] = compute.add(places, arrow.scalar(block.first, LINE))
        if not compute.all(plain).as_py():
            columns = {name: column.filter(plain) for name, column in columns.items()}
        return Sorted(len(columns["line"]), _by_month(columns), _others(block, columns["line"]))

    def _apart(self, data: bytes) -> tuple[Column, Columns]:
        """The places of the lines that come apart, and their cells in each column that is named, null where they are empty."""
        try:
            return _first_places(lines_in(data)), self._cells(data)
        except (OddLines, UnicodeDecodeError, arrow.ArrowInvalid):
            lines = data.split(b"\n")[:-1]
            places = [n for n, line in enumerate(lines) if self._comes_apart(line + b"\n")]
            return arrow.array(places, LINE), self._cells(b"".join(lines[n] + b"\n" for n in places)) if places else {}

    def _comes_apart(self, line: bytes) -> bool:
        try:
            self._refuse_odd_lines(line)
        except (OddLines, UnicodeDecodeError):
            return False
        return line.count(self.sign) == len(self.shape.heads) - 1

    def _cells(self, data: bytes) -> Columns:
        """Raises OddLines, UnicodeDecodeError, and ArrowInvalid where a line has a cell more or less."""
        self._refuse_odd_lines(data)
        table = csv.read_csv(
            arrow.BufferReader(data),
            csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=self.shape.heads),
            csv.ParseOptions(delimiter=self.shape.delimiter, quote_char=False, ignore_empty_lines=False),
            csv.ConvertOptions(
                include_columns=list(self.heads.values()),
                column_types=dict.fromkeys(self.heads.values(), TEXT),
                null_values=[""],
                strings_can_be_null=True,
                check_utf8=False,
            ),
        )
        return {name: table[head].combine_chunks() for name, head in self.heads.items()}

    def _refuse_odd_lines(self, data: bytes) -> None:
        if len(data.translate(None, CONTROLS)) < len(data) or _has_loose_ends(data, self.sign):
            raise OddLines
        if data.startswith(BOM_UTF8) or max(map(len, data.split(b"\n"))) > MOST_LINE:
            raise OddLines
        data.decode()

    def _read(self, cells: Columns) -> dict[str, Column]:
        """What the cells say. Null is what is empty, and what is not plain."""
        kinds = {name: BY_NAME[name].kind for name in cells}
        return {
            **at_once(_instants, {name: cells[name] for name, kind in kinds.items() if kind is Kind.INSTANT}),
            **at_once(_texts, {name: cells[name] for name, kind in kinds.items() if kind is Kind.TEXT}),
            **{name: few(cells[name], self.known[kind]) for name, kind in kinds.items() if kind.is_few_valued},
        }

    def _which_are_plain(self, cells: Columns, columns: Columns) -> Column:
        """Of each row whether it is."""
        received = columns["received_at"]
        logged = [received, *(columns[name] for name in NOT_BEFORE_RECEIPT if name in columns)]
        numbers = [column.view(arrow.int64()) for column in logged]  # of instants it cannot tell the first
        first, last = compute.min_element_wise(*numbers), compute.max_element_wise(*numbers)
        earliest = compute.subtract(received, arrow.scalar(ASTRAY, arrow.duration("us")))
        latest = arrow.scalar(self.rows.now + AHEAD, INSTANT)
        every = [
            compute.greater_equal(first.view(INSTANT), earliest),
            compute.less_equal(last.view(INSTANT), latest),
            *(
                compute.equal(cell.is_valid(), columns[name].is_valid())
                for name, cell in cells.items()
                if cell.null_count < columns[name].null_count
            ),
            *(cell.is_valid() for name, cell in cells.items() if cell.null_count and not BY_NAME[name].may_be_empty),
        ]
        if self.rows.dropped:
            dropped = compute.is_in(_months(received), arrow.array(self.rows.dropped, MONTH))
            every.append(compute.invert(dropped))
        return reduce(compute.and_, every).fill_null(False)


class _Known(dict[str, bytes]):
    """The different cells of a kind, as they are packed: each is read once. One that is not plain is None, and not kept: of those each
    may be another."""

    def __init__(self, reader: Reader, kind: Kind) -> None:
        self.reader, self.kind = reader, kind

    def __missing__(self, cell: str) -> bytes | None:
        try:
            found = one_packed(self.kind, self.reader.read(self.kind, cell))
        except BadCell:
            return None
        if len(self) < MOST_KNOWN:
            self[cell] = found
        return found


def _months(received: Column) -> Column:
    return compute.floor_temporal(received.cast(arrow.timestamp("us")), unit="month").cast(MONTH)


def _first_places(many: int) -> Column:
    return compute.cumulative_sum(arrow.repeat(arrow.scalar(1, LINE), many), start=arrow.scalar(-1, LINE))


def _instants(cells: Column) -> Column:
    try:
        read = cells.cast(INSTANT)
    except arrow.ArrowInvalid:
        read = _where(compute.match_substring_regex(cells, AN_INSTANT), cells).cast(INSTANT)
    has_minutes = compute.greater_equal(compute.binary_length(cells), WITH_SECONDS)
    if not compute.all(has_minutes).as_py():
        has_minutes = compute.equal(compute.binary_slice(cells.view(arrow.binary()), 13, 14), b":")
    is_near = compute.and_(compute.greater_equal(read, FIRST), compute.less_equal(read, LAST))
    return _where(compute.and_(has_minutes, is_near), read)


def _texts(cells: Column) -> Column:
    is_text = compute.less_equal(compute.utf8_length(cells), MOST_SIGNS)
    if not compute.all(compute.string_is_ascii(cells)).as_py():
        blank_ends = (one and one != one.strip() for one in cells.to_pylist())  # as Python knows blanks
        is_text = compute.and_not(is_text, arrow.array(map(bool, blank_ends)))
    return _where(is_text, cells)


def _where(plain: Column, column: Column) -> Column:
    return column if compute.all(plain).as_py() else compute.if_else(plain, column, arrow.scalar(None, column.type))


def _by_month(columns: Columns) -> list[Part]:
    rows, months = packed(columns), _months(columns["received_at"])
    distinct = sorted(months.unique().to_pylist())
    if len(distinct) == 1:
        return [(distinct[0], data_of(rows))]
    return [(month, data_of(rows.filter(compute.equal(months, arrow.scalar(month, MONTH))))) for month in distinct]


def _others(block: Block, lines: Column) -> Iterator[Block]:
    """All lines but these, each for itself."""
    if len(lines) == lines_in(block.data):
        return
    plain = set(lines.to_pylist())
    for n, line in enumerate(block.data.split(b"\n")[:-1], block.first):
        if n not in plain:
            yield Block(n, line + b"\n", block.end)


def _has_loose_ends(data: bytes, sign: bytes) -> bool:
    """Blanks about a cell, and commas within one where another sign stands between cells."""
    around = b" " in data and any(one in b"\n" + data for one in (sign + b" ", b" " + sign, b"\n ", b" \n"))
    return around or (sign != b"," and b"," in data) or (sign != b"\t" and b"\t" in data)
