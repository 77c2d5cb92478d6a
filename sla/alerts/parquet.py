"""Parquet. Its library is large and slow to load: only what reads such a file loads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import IO, Any

from entitlements.uploads import RefusedFile
from sla.alerts.cells import as_text

AT_ONCE = 1_000
NO_PARQUET = "The file is broken, or no Parquet that can be read here. Write it anew, or hand in CSV or JSON Lines."
_BROKEN = (OSError, ValueError, NotImplementedError)


def heads_of(file: IO[bytes]) -> tuple[str, ...]:
    """The names of its columns. Raises RefusedFile."""
    return tuple(_opened(file).schema_arrow.names)


def how_many_rows(file: IO[bytes]) -> int:
    """As its last part says. Raises RefusedFile."""
    return int(_opened(file).metadata.num_rows)


def rows_of(file: IO[bytes], position: int) -> Iterator[tuple[int, tuple[Mapping[str, str], ...]]]:
    """Its rows from a place on, some hundreds at once with the place of the first. What was read before is passed over.
    Raises RefusedFile."""
    done = 0
    for batch in _batches(_opened(file)):
        start, done = done, done + batch.num_rows
        if done > position:
            rows = _to_the_microsecond(batch.slice(max(position - start, 0))).to_pylist()
            yield max(position, start), tuple({head: _as_text(cell) for head, cell in row.items()} for row in rows)


def _batches(opened: Any) -> Iterator[Any]:
    try:
        yield from opened.iter_batches(batch_size=AT_ONCE)
    except _BROKEN as broken:
        raise RefusedFile(NO_PARQUET) from broken


def _to_the_microsecond(batch: Any) -> Any:
    """Python's times know nothing finer; as of every time, the digits behind are cut off."""
    import pyarrow as arrow

    of_times = ((one, one.type.tz) if arrow.types.is_timestamp(one.type) else (one, "") for one in batch.schema)
    fields = [one if zone == "" else one.with_type(arrow.timestamp("us", zone)) for one, zone in of_times]
    return batch.cast(arrow.schema(fields), safe=False)


def _as_text(cell: Any) -> str:
    return cell.isoformat() if isinstance(cell, datetime) else as_text(cell)


def _opened(file: IO[bytes]) -> Any:
    from pyarrow import parquet

    try:
        return parquet.ParquetFile(file)
    except _BROKEN as broken:
        raise RefusedFile(NO_PARQUET) from broken
