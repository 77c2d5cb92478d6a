"""A kept file in blocks of whole lines, from any place on, and its rows one by one where they have to be looked at one by one."""

from __future__ import annotations

import csv
import gzip
import importlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any, cast

from django.core.files.storage import storages

from entitlements.uploads import RefusedFile
from sla.alerts.cells import BadCell
from sla.alerts.columns import MOST_COLUMNS
from sla.models import AlertImport

BLOCK = 128 * 1024
"""So much is looked at at once: what it takes apart into stays in the processor's cache."""

MOST_LINE = 64 * 1024
MOST_QUOTED = 1024 * 1024
SAMPLE = 50
DELIMITERS = ",;\t"
NO_PARQUET = "Parquet cannot be read here: it needs the library pyarrow. Install it, or hand in CSV or JSON Lines."

Record = tuple[int, str, Mapping[str, str] | BadCell]
"""A row: its line, how it reads, and its cells by head, or why it has none."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of a file, the first with its number, and the place in the file behind them. Rows of a Parquet file are read already."""

    first: int
    data: bytes
    end: int
    rows: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Shape:
    """How a file is written: its heads, the sign between cells (empty: each row names its own), and where its rows begin."""

    kind: str
    heads: tuple[str, ...]
    delimiter: str = ""
    begins: int = 0
    line: int = 1


def opened(source: AlertImport) -> IO[bytes]:
    """The kept file, unpacked as it is read."""
    kept = storages["evidence"].open(source.stored_as, "rb")
    return cast(IO[bytes], gzip.GzipFile(fileobj=kept)) if source.packed else cast(IO[bytes], kept)


def shape_of(file: IO[bytes], kind: str) -> Shape:
    """What the file is, by its first lines. Raises RefusedFile with a sentence for whoever handed it in."""
    if kind == AlertImport.Kind.PARQUET:
        return _named(Shape(kind, tuple(_parquet(file).schema_arrow.names)))
    try:
        start = file.read(4)
        if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise RefusedFile("The file is text in UTF-16. Save it as UTF-8.")
        at = 3 if start[:3] == b"\xef\xbb\xbf" else 0
        file.seek(at)
        return _named(_jsonl_shape(file, at) if kind == AlertImport.Kind.JSONL else _csv_shape(file, at))
    except (OSError, EOFError, UnicodeDecodeError) as broken:
        raise RefusedFile("The file cannot be read as text in UTF-8. Save it with that encoding.") from broken


def sample(file: IO[bytes], shape: Shape, most: int = SAMPLE) -> list[Record]:
    """The first rows, as they are found."""
    every = (one for block in blocks(file, shape, shape.begins, shape.line) for one in records(block, shape))
    return list(islice(every, most))


def blocks(file: IO[bytes], shape: Shape, position: int, line: int) -> Iterator[Block]:
    """The file from a place on, whose first line has this number; for Parquet both are counts of rows."""
    if shape.kind == AlertImport.Kind.PARQUET:
        yield from _parquet_blocks(file, position)
        return
    file.seek(position)
    rest = b""
    while data := file.read(BLOCK):
        whole = rest + data
        cut = whole.rfind(b"\n") + 1
        if shape.delimiter and b'"' in whole:
            cut = _outside_quotes(whole, cut)
        elif not cut and len(whole) > MOST_LINE:
            whole, cut = _too_long(file, whole)
        if cut:
            yield Block(line, whole[:cut], file.tell() - len(whole) + cut)
            line += whole.count(b"\n", 0, cut)
        rest = whole[cut:]
    if rest:
        yield Block(line, rest + b"\n", file.tell())


def records(block: Block, shape: Shape) -> Iterator[Record]:
    """The rows of a block one by one. Empty lines are none."""
    if shape.kind == AlertImport.Kind.PARQUET:
        yield from ((block.first + n, str(row), row) for n, row in enumerate(block.rows))
        return
    for line, raw in _lines(block, quoted=bool(shape.delimiter)):
        if not raw.strip():
            continue
        as_read = raw[:2_000].decode("utf-8", "replace").replace("\0", "␀")
        try:
            yield line, as_read, _cells(raw, shape)
        except BadCell as bad:
            yield line, as_read, bad


def _cells(raw: bytes, shape: Shape) -> Mapping[str, str]:
    if len(raw) > MOST_LINE:
        raise BadCell("long", f"The row is longer than {MOST_LINE // 1024} kB.")
    if b"\0" in raw:
        raise BadCell("signs", "The row has a sign NUL, which no text has.")
    try:
        text = raw.decode()
    except UnicodeDecodeError as other:
        raise BadCell("encoding", "The row is not text in UTF-8.") from other
    return _csv_cells(text, shape) if shape.delimiter else _json_cells(text)


def _csv_cells(text: str, shape: Shape) -> Mapping[str, str]:
    try:
        found = next(csv.reader([text], delimiter=shape.delimiter, strict=True))
    except (csv.Error, StopIteration) as broken:
        raise BadCell("quote", "The quotes of the row do not fit together.") from broken
    if len(found) != len(shape.heads):
        raise BadCell("cells", f"The row has {len(found)} cells where there are {len(shape.heads)} heads.")
    return dict(zip(shape.heads, (cell.strip() for cell in found), strict=True))


def _json_cells(text: str) -> Mapping[str, str]:
    try:
        found = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as broken:
        raise BadCell("json", "The line is no JSON.") from broken
    if not isinstance(found, dict):
        raise BadCell("json", "The line is no JSON object.")
    return {head: as_text(value) for head, value in found.items()}


def as_text(value: Any) -> str:
    """A value of JSON or Parquet as a cell."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
        case dict() | list():
            return json.dumps(value, default=str)
    return str(value).strip()


def _lines(block: Block, *, quoted: bool) -> Iterator[tuple[int, bytes]]:
    """Each row with the number of its first line. A quote that is not closed within a row's length ends with its line."""
    lines = block.data.replace(b"\r\n", b"\n").split(b"\n")[:-1]
    n = 0
    while n < len(lines):
        row, end = lines[n], n + 1
        while quoted and row.count(b'"') % 2 and end < len(lines) and len(row) <= MOST_LINE:
            row, end = row + b"\n" + lines[end], end + 1
        if quoted and row.count(b'"') % 2:
            row, end = lines[n], n + 1
        yield block.first + n, row
        n = end


def _outside_quotes(whole: bytes, cut: int) -> int:
    """The last end of a line that lies in no quoted cell; the end of all where a quote has been open for too long."""
    while cut and whole.count(b'"', 0, cut) % 2:
        cut = whole.rfind(b"\n", 0, cut - 1) + 1
    return cut if cut or len(whole) < MOST_QUOTED else whole.rfind(b"\n") + 1


def _too_long(file: IO[bytes], whole: bytes) -> tuple[bytes, int]:
    """A line without end: so much of it as shows that, and what comes behind it."""
    start = whole[: MOST_LINE + 1]
    while data := file.read(BLOCK):
        _, ended, behind = data.partition(b"\n")
        if ended:
            return start + b"\n" + behind, len(start) + 1
    return start + b"\n", len(start) + 1


def _csv_shape(file: IO[bytes], at: int) -> Shape:
    head = file.readline(MOST_LINE + 1)
    if len(head) > MOST_LINE:
        raise RefusedFile("The first line is too long to be heads. Check that the file is CSV.")
    text = head.decode().rstrip("\r\n")
    if "\0" in text or text.lstrip().startswith(("<", "{", "PK")):
        raise RefusedFile("The file does not begin with the heads of a CSV. Choose another, or another format.")
    delimiter = max(DELIMITERS, key=text.count)
    heads = next(csv.reader([text], delimiter=delimiter), [])
    return Shape(AlertImport.Kind.CSV, tuple(one.strip() for one in heads), delimiter, at + len(head), 2)


def _jsonl_shape(file: IO[bytes], at: int) -> Shape:
    bare = Shape(AlertImport.Kind.JSONL, (), begins=at)
    found = sample(file, bare)
    if not found or isinstance(found[0][2], BadCell):
        raise RefusedFile("The first line is no JSON object. Write one object on each line.")
    heads = dict.fromkeys(head for _, _, cells in found if not isinstance(cells, BadCell) for head in cells)
    return Shape(bare.kind, tuple(heads), begins=at)


def _named(shape: Shape) -> Shape:
    if not any(shape.heads):
        raise RefusedFile("The file has no heads. Give each column a name on the first line.")
    if len(shape.heads) > MOST_COLUMNS:
        raise RefusedFile(f"The file has more than {MOST_COLUMNS} columns. Leave out what is not needed.")
    if twice := _twice(shape.heads):
        raise RefusedFile(f"The file has the column “{twice[:40]}” twice. Keep one of them.")
    return shape


def _twice(heads: Sequence[str]) -> str:
    return next((head or "(empty)" for n, head in enumerate(heads) if head in heads[:n]), "")


def _parquet(file: IO[bytes]) -> Any:
    try:
        library = importlib.import_module("pyarrow.parquet")
    except ImportError as missing:
        raise RefusedFile(NO_PARQUET) from missing
    try:
        return library.ParquetFile(file)
    except (OSError, ValueError) as broken:
        raise RefusedFile("The file cannot be read as Parquet.") from broken


def _parquet_blocks(file: IO[bytes], position: int) -> Iterator[Block]:
    """By thousands of rows. What was read before is passed over."""
    done = 0
    for batch in _parquet(file).iter_batches(batch_size=5_000):
        if done + batch.num_rows > position:
            rows = tuple(_parquet_cells(batch.slice(max(position - done, 0)).to_pylist()))
            yield Block(max(position, done) + 1, b"", done + batch.num_rows, rows)
        done += batch.num_rows


def _parquet_cells(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, str]]:
    for row in rows:
        yield {
            head: value.isoformat() if isinstance(value, datetime) else as_text(value) for head, value in row.items()
        }
