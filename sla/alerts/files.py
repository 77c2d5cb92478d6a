"""A kept file in blocks of whole lines, from any place on, and its rows one by one where they have to be looked at one by one."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import IO, cast

from django.core.files.storage import storages

from entitlements.imports.reading import delimiter_of
from entitlements.uploads import RefusedFile
from sla.alerts import parquet
from sla.alerts.cells import BadCell, as_text, presentable
from sla.alerts.columns import MOST_COLUMNS
from sla.models import AlertImport

BLOCK = 1024 * 1024
"""So much is looked at at once: enough for what is done column by column, and little beside the memory of a process."""

MOST_LINE = 64 * 1024
MOST_QUOTED = 1024 * 1024
MOST_SAMPLED = 4 * 1024 * 1024
"""So much of a file, unpacked, is looked at for its first rows."""

UNPACKABLE = (gzip.BadGzipFile, EOFError, zlib.error)
BROKEN = (OSError, *UNPACKABLE, UnicodeDecodeError)
IS_BROKEN = "is broken or not whole: it cannot be unpacked. Pack it again, and hand it in anew."
SAMPLE = 50

Record = tuple[int, str, Mapping[str, str] | BadCell]
"""A row: its line, how it reads, and its cells by head, or why it has none."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of a file, the first with its number, and the place in the file behind them. Rows of a Parquet file are read already."""

    first: int
    data: bytes
    end: int
    rows: tuple[Mapping[str, str], ...] = ()

    @property
    def weight(self) -> int:
        """About as many bytes as it holds in memory."""
        return len(self.data) + 2_000 * len(self.rows)

    @property
    def behind(self) -> int:
        """The number of the line behind it."""
        return self.first + max(lines_in(self.data), len(self.rows))


def lines_in(data: bytes) -> int:
    """How many lines end in it. Looked for by what is missing without their ends: `count` goes sign by sign, ten times as long."""
    return len(data) - len(data.replace(b"\n", b""))


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
        return _named(Shape(kind, parquet.heads_of(file)))
    try:
        start = file.read(4)
        if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise RefusedFile("The file is text in UTF-16. Save it as UTF-8.")
        at = 3 if start[:3] == b"\xef\xbb\xbf" else 0
        file.seek(at)
        return _named(_jsonl_shape(file, at) if kind == AlertImport.Kind.JSONL else _csv_shape(file, at))
    except BROKEN as broken:
        raise RefusedFile("The file cannot be read as text in UTF-8. Save it with that encoding.") from broken


def sample(file: IO[bytes], shape: Shape, most: int | None = SAMPLE) -> list[Record]:
    """The first rows (None: all) in so much of the file as is looked at. Raises RefusedFile where it cannot be unpacked."""
    try:
        start = file if shape.kind == AlertImport.Kind.PARQUET else _beginning(file)
        every = (one for block in blocks(start, shape, shape.begins, shape.line) for one in records(block, shape))
        return list(islice(every, most))
    except BROKEN as broken:
        raise RefusedFile(f"The file {IS_BROKEN}") from broken


def _beginning(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    return io.BytesIO(file.read(MOST_SAMPLED))


def blocks(file: IO[bytes], shape: Shape, position: int, line: int) -> Iterator[Block]:
    """The file from a place on, whose first line has this number; for Parquet both are counts of rows."""
    if shape.kind == AlertImport.Kind.PARQUET:
        for start, rows in parquet.rows_of(file, position):
            yield Block(start + 1, b"", start + len(rows), rows)
        return
    file.seek(position)
    rest = b""
    while data := file.read(BLOCK):
        whole = rest + data
        cut = whole.rfind(b"\n") + 1
        if shape.delimiter and b'"' in whole:
            cut = _outside_quotes(whole, cut)
            if not cut and len(whole) >= MOST_QUOTED:
                whole, cut = _too_long(file, whole)
        elif not cut and len(whole) > MOST_LINE:
            whole, cut = _too_long(file, whole)
        if cut:
            block = Block(line, whole[:cut], file.tell() - len(whole) + cut)
            yield block
            line = block.behind
        rest = whole[cut:]
    if rest:
        yield Block(line, rest + b"\n", file.tell())


def whole_of(file: IO[bytes], source: AlertImport) -> int:
    """How much there is to read: rows of a Parquet file, else bytes as they are kept, packed or not."""
    return parquet.how_many_rows(file) if source.kind == AlertImport.Kind.PARQUET else source.size


def read_of(file: IO[bytes], source: AlertImport, end: int) -> int:
    """How much of it is read once the place `end` is: of a packed file as far as it was unpacked."""
    return cast(IO[bytes], cast(gzip.GzipFile, file).fileobj).tell() if source.packed else end


def records(block: Block, shape: Shape) -> Iterator[Record]:
    """The rows of a block one by one. Empty lines are none."""
    if shape.kind == AlertImport.Kind.PARQUET:
        yield from ((block.first + n, str(row), row) for n, row in enumerate(block.rows))
        return
    for line, raw in _lines(block, shape):
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
    if "\\u" in text and not _is_text(json.dumps(found, ensure_ascii=False, default=str)):
        raise BadCell("signs", "The row has a sign that no text has: NUL, or half of a pair.")
    return {head: as_text(value) for head, value in found.items()}


def _is_text(dumped: str) -> bool:
    return "\\u0000" not in dumped and presentable(dumped) == dumped


def _lines(block: Block, shape: Shape) -> Iterator[tuple[int, bytes]]:
    """Each row with the number of its first line."""
    lines = block.data.replace(b"\r\n", b"\n").split(b"\n")[:-1]
    n = 0
    while n < len(lines):
        end = _end_of_row(lines, n, shape) if shape.delimiter and b'"' in lines[n] else n + 1
        yield block.first + n, b"\n".join(lines[n:end])
        n = end


def _end_of_row(lines: Sequence[bytes], n: int, shape: Shape) -> int:
    """Behind the last line of the row that begins with the nth. A quote that is not closed within a row's length ends with its line,
    and so does one that takes in lines which are rows by themselves: it is a stray one."""
    quotes = length = 0
    for end in range(n + 1, len(lines) + 1):
        quotes, length = quotes + lines[end - 1].count(b'"'), length + len(lines[end - 1]) + 1
        if length > MOST_LINE:
            break
        if quotes % 2 == 0:
            return end if end > n + 1 and _is_one_row(lines[n:end], shape) else n + 1
    return n + 1


def _is_one_row(lines: Sequence[bytes], shape: Shape) -> bool:
    first, *between, last = lines
    if not _is_row(b"\n".join(lines), shape) or any(_is_row(one, shape) for one in between):
        return False
    before, _, behind = first.rpartition(b'"')
    return not (_is_row(before + behind, shape) and _is_row(last, shape))


def _is_row(raw: bytes, shape: Shape) -> bool:
    try:
        return bool(_cells(raw, shape))
    except BadCell:
        return False


def _outside_quotes(whole: bytes, cut: int) -> int:
    """The last end of a line that lies in no quoted cell; the end of all where a quote has been open for too long."""
    quotes = whole.count(b'"', 0, cut)
    while cut and quotes % 2:
        before = whole.rfind(b"\n", 0, cut - 1) + 1
        quotes -= whole.count(b'"', before, cut)
        cut = before
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
    delimiter = delimiter_of(text)
    heads = next(csv.reader([text], delimiter=delimiter), [])
    if not file.read(1):
        raise RefusedFile("The file has heads and no rows. Write it with its rows, and hand it in anew.")
    return Shape(AlertImport.Kind.CSV, tuple(one.strip() for one in heads), delimiter, at + len(head), 2)


def _jsonl_shape(file: IO[bytes], at: int) -> Shape:
    bare = Shape(AlertImport.Kind.JSONL, (), begins=at)
    found = sample(file, bare, most=None)
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
