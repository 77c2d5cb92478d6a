"""The way past cell by cell: a block of plain lines is taken apart, checked and packed column by column, at the speed of C.

What is not plain (a quote, a time without an offset, a cell that is not known) sends its whole block to rows.py, which says the same
of plain rows and knows why another is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pyarrow as arrow
from pyarrow import compute, csv

from sla.alerts.cells import FIRST_YEAR, MOST_SIGNS, BadCell, Reader
from sla.alerts.columns import BY_NAME, OTHER_LOG, Kind
from sla.alerts.files import Block, Shape
from sla.alerts.packing import INSTANT, LINE, TEXT, Column, data_of, few, one_packed, packed
from sla.alerts.rows import AHEAD, ASTRAY, NOT_BEFORE_RECEIPT, Rows

CONTROLS = bytes({*range(32), 127} - {9, 10})
AS_QUOTES = bytes.maketrans(CONTROLS, b'"' * len(CONTROLS))
MOST_KNOWN = 200_000
FIRST = arrow.scalar(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), INSTANT)
LAST = arrow.scalar(datetime.max.replace(tzinfo=UTC), INSTANT)

Columns = Mapping[str, Column]


class NotPlain(Exception):
    """The block has to be looked at row by row."""


class Plain:
    """For one file: what it has learnt of the few values that most columns have."""

    def __init__(self, rows: Rows, shape: Shape) -> None:
        self.rows, self.shape = rows, shape
        self.known = {kind: _Known(rows.reader, kind) for kind in Kind if kind.is_few_valued}
        self.heads = {name: head for name, head in rows.columns.items() if head in shape.heads}
        self.can = bool(shape.delimiter) and not any(name.startswith(OTHER_LOG) for name in rows.columns)

    def stored(self, block: Block) -> tuple[int, list[tuple[date, memoryview]]]:
        """How many rows the block has, and for each month of receipt its rows as COPY reads them. Raises NotPlain."""
        try:
            cells = self._apart(block.data)
            instants = _instants(_of_kind(Kind.INSTANT, cells))
        except (arrow.ArrowInvalid, UnicodeDecodeError) as other:
            raise NotPlain from other
        received = instants["received_at"]
        self._refuse_times_astray(instants)
        columns = {**instants, **self._texts(cells, len(received)), **self._few(cells)}
        columns["line"] = arrow.array(range(block.first, block.first + len(received)), LINE)
        return len(received), self._by_month(packed(columns), received)

    def _apart(self, data: bytes) -> Columns:
        """The cells of each column that is named, null where they are empty. Raises NotPlain, ArrowInvalid or UnicodeDecodeError."""
        data = data.replace(b"\r\n", b"\n") if b"\r" in data else data
        if not self.can or b'"' in data.translate(AS_QUOTES) or _has_loose_ends(data, self.shape.delimiter.encode()):
            raise NotPlain
        data.decode()
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
        cells = {name: table[head].combine_chunks() for name, head in self.heads.items()}
        if any(column.null_count and not BY_NAME[name].may_be_empty for name, column in cells.items()):
            raise NotPlain
        return cells

    def _refuse_times_astray(self, instants: Columns) -> None:
        received = instants["received_at"]
        earliest = compute.subtract(received, arrow.scalar(ASTRAY, arrow.duration("us")))
        logged = (instants[name] for name in NOT_BEFORE_RECEIPT if name in instants)
        if compute.max(received).as_py() > self.rows.now + AHEAD:
            raise NotPlain
        if any(compute.any(compute.less(one, earliest)).as_py() for one in logged):
            raise NotPlain

    def _texts(self, cells: Columns, rows: int) -> Columns:
        texts = _of_kind(Kind.TEXT, cells)
        together = arrow.chunked_array(list(texts.values()))
        if compute.max(compute.utf8_length(together)).as_py() > MOST_SIGNS or _has_other_blanks(together):
            raise NotPlain
        nothing = arrow.repeat(arrow.scalar("", TEXT), rows)
        left_out = {name: nothing for name, one in BY_NAME.items() if one.kind is Kind.TEXT}
        return left_out | {name: column.fill_null("") for name, column in texts.items()}

    def _few(self, cells: Columns) -> Columns:
        kinds = {name: BY_NAME[name].kind for name in cells}
        return {name: few(cells[name], self.known[kind]) for name, kind in kinds.items() if kind.is_few_valued}

    def _by_month(self, rows: Column, received: Column) -> list[tuple[date, memoryview]]:
        months = compute.floor_temporal(received.cast(arrow.timestamp("us")), unit="month")
        found = {month.date(): rows.filter(compute.equal(months, month)) for month in months.unique().to_pylist()}
        if found.keys() & self.rows.dropped:
            raise NotPlain
        return [(month, data_of(found[month])) for month in sorted(found)]


class _Known(dict[str, bytes]):
    """The different cells of a kind, as they are packed: each is read once."""

    def __init__(self, reader: Reader, kind: Kind) -> None:
        self.reader, self.kind = reader, kind

    def __missing__(self, cell: str) -> bytes:
        if len(self) >= MOST_KNOWN:
            raise NotPlain
        try:
            self[cell] = one_packed(self.kind, self.reader.read(self.kind, cell))
        except BadCell as bad:
            raise NotPlain from bad
        return self[cell]


def _of_kind(kind: Kind, cells: Columns) -> Columns:
    return {name: column for name, column in cells.items() if BY_NAME[name].kind is kind}


def _instants(cells: Columns) -> Columns:
    """Arrow reads what `cells.instant` reads without a zone of the file's, less some of its spellings, and hours without minutes,
    which that does not."""
    together = arrow.concat_arrays(cells.values())
    if not compute.all(compute.equal(compute.binary_slice(together.view(arrow.binary()), 13, 14), b":")).as_py():
        raise NotPlain
    read = together.cast(INSTANT)
    span = compute.min_max(read)
    if span["min"].value < FIRST.value or span["max"].value > LAST.value:
        raise NotPlain
    rows = len(read) // len(cells)
    return {name: read.slice(n * rows, rows) for n, name in enumerate(cells)}


def _has_loose_ends(data: bytes, sign: bytes) -> bool:
    """Blanks about a cell, and commas within one where another sign stands between cells."""
    around = b" " in data and any(one in b"\n" + data for one in (sign + b" ", b" " + sign, b"\n ", b" \n"))
    return around or (sign != b"," and b"," in data) or (sign != b"\t" and b"\t" in data)


def _has_other_blanks(texts: Column) -> bool:
    """Blanks at the edge of a text that only Unicode knows as such."""
    other = texts.filter(compute.invert(compute.string_is_ascii(texts)))
    return any(one != one.strip() for one in other.to_pylist())
