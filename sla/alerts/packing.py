"""Rows as COPY reads them in its binary form, put together column by column: each cell is its length and its bytes.

The server has no instant and no number to read in them, which is most of what it does for rows that are text.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as arrow
from pyarrow import compute

from sla.alerts.columns import BY_NAME, STORED, Kind

# What a block needed is given back: Arrow's own pool keeps as much as it ever had.
arrow.set_memory_pool(arrow.system_memory_pool())

Column = Any
"""An array of Arrow, of one of these types; null is none."""

TEXT, LINE, INSTANT = arrow.string(), arrow.int32(), arrow.timestamp("us", "UTC")
PACKED = arrow.binary()
"""Cells as they go to the server."""

NONE = arrow.scalar(struct.pack("!i", -1), PACKED)
EMPTY = arrow.scalar(struct.pack("!i", 0), PACKED)
CELLS = arrow.scalar(struct.pack("!h", len(STORED)), PACKED)
NOTHING_BETWEEN = arrow.scalar(b"", PACKED)
SERVERS_ZERO = 946_684_800_000_000
"""The server counts microseconds from the year 2000 (UTC), so many after 1970."""

LEFT_OUT = {name: EMPTY if name in BY_NAME and BY_NAME[name].kind is Kind.TEXT else NONE for name in STORED}
"""A text that is none is empty."""


def packed(columns: Mapping[str, Column]) -> Column:
    """Rows, each as one cell, of columns in the order of STORED; one that is left out is none in each row."""
    cells = dict(LEFT_OUT)
    for kind, pack in _AS_PACKED.items():
        cells |= at_once(pack, {name: column for name, column in columns.items() if column.type == kind})
    return _joined(CELLS, *cells.values())


def packed_rows(rows: Sequence[Sequence[str]]) -> Column:
    """The same of rows as `Rows.stored` gives them, of which there is one at least."""
    cells = dict(zip(STORED, zip(*rows, strict=True), strict=True))
    columns = {name: _column(field.kind, cells[name]) for name, field in BY_NAME.items()}
    columns["line"] = arrow.array(map(int, cells["line"]), LINE)
    columns["other_logs"] = arrow.array(
        [_with_length(b"\1" + one.encode()) if one else None for one in cells["other_logs"]], PACKED
    )
    return packed(columns)


def data_of(rows: Column) -> memoryview:
    """Packed rows as COPY reads them, one behind the other."""
    _, _, data = rows.buffers()
    return memoryview(data)


def at_once(what: Callable[[Column], Column], columns: Mapping[str, Column]) -> dict[str, Column]:
    """Something done to columns as if they were one: what takes time is less their length than their number."""
    if not columns:
        return {}
    together = what(arrow.concat_arrays(columns.values()))
    rows = len(together) // len(columns)
    return {name: together.slice(n * rows, rows) for n, name in enumerate(columns)}


def few(cells: Column, known: Mapping[str, bytes | None]) -> Column:
    """A column of few different cells, of each of which it is known how it is packed."""
    found = cells.dictionary_encode()
    return arrow.array([known[cell] for cell in found.dictionary.to_pylist()], PACKED).take(found.indices)


def one_packed(kind: Kind, stored: str) -> bytes:
    """A cell of a kind of few values, as `Reader.read` gives it and not empty."""
    return _with_length(_AS_BYTES[kind](stored))


def _with_length(data: bytes) -> bytes:
    return struct.pack("!i", len(data)) + data


def _column(kind: Kind, cells: Sequence[str]) -> Column:
    match kind:
        case Kind.TEXT:
            return arrow.array(cells, TEXT)
        case Kind.INSTANT:
            return arrow.array([cell or None for cell in cells], TEXT).cast(INSTANT)
    return arrow.array([one_packed(kind, cell) if cell else None for cell in cells], PACKED)


def _instants(column: Column) -> Column:
    return _numbers(compute.subtract(column.view(arrow.int64()), SERVERS_ZERO))


def _numbers(column: Column) -> Column:
    width = arrow.scalar(struct.pack("!i", column.type.byte_width), PACKED)
    return _joined(width, _highest_first(column)).fill_null(NONE)


def _texts(column: Column) -> Column:
    return _joined(_highest_first(compute.binary_length(column)), column.cast(PACKED)).fill_null(EMPTY)


def _highest_first(numbers: Column) -> Column:
    """The bytes of each number."""
    return compute.binary_reverse(numbers.view(arrow.binary(numbers.type.byte_width)).cast(PACKED))


def _joined(*columns: Column) -> Column:
    return compute.binary_join_element_wise(*columns, NOTHING_BETWEEN)


def _interval(stored: str) -> bytes:
    micros = Decimal(stored.removesuffix(" seconds")) * 1_000_000
    return struct.pack("!qii", int(micros), 0, 0)


_AS_PACKED = {INSTANT: _instants, TEXT: _texts, LINE: _numbers, PACKED: lambda column: column.fill_null(NONE)}
_AS_BYTES: Mapping[Kind, Callable[[str], bytes]] = {
    Kind.CUSTOMER: lambda stored: struct.pack("!q", int(stored)),
    Kind.YES_NO: lambda stored: struct.pack("!?", stored == "t"),
    Kind.URGENCY: lambda stored: struct.pack("!?", stored == "t"),
    Kind.CHANNEL: str.encode,
    Kind.COUNTRY: str.encode,
    Kind.DELAY: _interval,
}
