"""A file as it was handed in becomes tables of cells, still as they were found; or a refusal of the whole file that says what to do."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entitlements import uploads
from entitlements.imports import cells_of_sheets
from entitlements.imports.columns import KINDS, REMARKS, Kind
from entitlements.imports.values import Raw, is_blank
from entitlements.uploads import CheckedFile, RefusedFile

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 5_000
MOST_COLUMNS = 60
EXPLAINED = "Explained"
"""A sheet of our template; it is passed over."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its number in the file, with its cells by column."""

    n: int
    cells: Mapping[str, Raw]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of one kind; `heads` are the columns that it has. The untouched example of its template is no row of it."""

    kind: Kind
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    has_example: bool = False


def read(file: CheckedFile, kind: str = "") -> tuple[Table, ...]:
    """The tables of a checked file in the order of KINDS: a CSV has one, of the kind that is said; a workbook one for each sheet,
    named for its kind. Raises RefusedFile.
    """
    tables = [_csv(file, kind)] if file.kind == "csv" else list(_sheets(file))
    if sum(len(table.rows) for table in tables) > MOST_ROWS:
        raise too_many_rows(MOST_ROWS)
    if not any(table.rows for table in tables):
        if any(table.has_example for table in tables):
            raise RefusedFile("There is nothing but the example in the file. Write your own rows in its place.")
        raise RefusedFile("There are heads but no rows in the file. Fill in at least one row.")
    order = list(KINDS)
    return tuple(sorted(tables, key=lambda table: order.index(table.kind.key)))


def csv_lines(file: CheckedFile) -> list[list[str]]:
    """The lines of a checked CSV, cells as text; the delimiter is the one that its first line has most of. Raises RefusedFile."""
    text = file.content.decode("utf-8-sig")
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True))
    except csv.Error as broken:
        raise RefusedFile(f"The table cannot be read ({broken}). Save it again as CSV.") from broken


def delimiter_of(text: str) -> str:
    """What stands between the cells of a CSV: of the comma, the semicolon and the tab the one that its first line has most of."""
    return max(",;\t", key=text.split("\n", 1)[0].count)


def sheets(file: CheckedFile, most_rows: int) -> Mapping[str, Sequence[Sequence[Raw]]]:
    """The sheets of a checked workbook by name, but for our explanations: the values of their cells, none of which comes of a
    formula. Raises RefusedFile."""
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
    )  # here, since every process imports this module (decision 015)

    _look_through(file, most_rows)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
        names = [name for name in book.sheet_names if name != EXPLAINED]
        found = {name: _lines(book, name, most_rows) for name in names}
    except (CalamineError, OSError, ValueError) as broken:
        if isinstance(broken, RefusedFile):
            raise
        raise RefusedFile("The workbook cannot be read. Save it again as XLSX, without a password.") from broken
    return {name: rows for name, rows in found.items() if any(not is_blank(cell) for row in rows for cell in row)}


def _csv(file: CheckedFile, kind: str) -> Table:
    if kind not in KINDS:
        raise RefusedFile("Say what the rows are: customers, contracts, levels, products or seats.")
    return table_of(KINDS[kind], csv_lines(file))


def _sheets(file: CheckedFile) -> Iterable[Table]:
    found = sheets(file, MOST_ROWS)
    if unknown := [name for name in found if name.strip().lower() not in KINDS]:
        raise RefusedFile(
            f"The sheet “{unknown[0][:40]}” is not known. Name each sheet for its rows: {', '.join(KINDS)}."
        )
    return [table_of(KINDS[name.strip().lower()], rows) for name, rows in found.items()]


def _lines(book: CalamineWorkbook, name: str, most_rows: int) -> Sequence[Sequence[Raw]]:
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height > most_rows + 1:
        raise too_many_rows(most_rows)
    return sheet.to_python(skip_empty_area=False)


def too_many_rows(most: int) -> RefusedFile:
    return RefusedFile(f"The file has more than {most:,} rows. Split it into several files.")


def _look_through(file: CheckedFile, most_rows: int) -> None:
    """Before a sheet is made a table, which takes room for every cell up to its last: where that is, and that none is a formula,
    whose result would be taken as it was when the file was last saved.
    """
    try:
        found = cells_of_sheets.survey(file.content, last=(most_rows + 1, MOST_COLUMNS))
    except cells_of_sheets.Unreadable as broken:
        raise RefusedFile("The workbook cannot be read. Save it again as XLSX, without a password.") from broken
    if found.row > most_rows + 1:
        raise too_many_rows(most_rows)
    if found.column > MOST_COLUMNS:
        raise RefusedFile(
            f"Row {found.row} has something in column {found.column}. A sheet has at most {MOST_COLUMNS} columns: "
            "delete the others."
        )
    if found.formula:
        raise RefusedFile(
            f"{found.formula} has a formula. Paste the values in place of the formulas (paste special, values)."
        )


def table_of(kind: Kind, lines: Sequence[Sequence[Raw]]) -> Table:
    """The lines under their heads as a table of the kind. Raises RefusedFile for heads that are not its own."""
    if not lines:
        raise RefusedFile("The file has no heads. Begin with the template.")
    heads = [str(head or "").strip().lower().lstrip("'") for head in lines[0][:MOST_COLUMNS]]
    while heads and not heads[-1]:
        heads.pop()
    _check_heads(kind, heads)
    wanted = [(n, head) for n, head in enumerate(heads) if head not in REMARKS]
    example = {column.name: column.example for column in kind.columns if column.example}
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if any(not is_blank(cell) for cell in line[len(heads) :]):
            raise RefusedFile(f"Row {number} of the {kind.key} has more cells than there are heads. Check its commas.")
        cells = {head: line[n] for n, head in wanted if n < len(line) and not is_blank(line[n])}
        if cells:
            rows.append(Row(number, cells))
    own = tuple(row for row in rows if row.cells != example)
    return Table(kind, tuple(head for _, head in wanted), own, has_example=len(own) < len(rows))


def _check_heads(kind: Kind, heads: Sequence[str]) -> None:
    known = [*kind.by_name, *REMARKS]
    if unknown := [head for head in heads if head not in known]:
        name = unknown[0][:40] or "(empty)"
        raise RefusedFile(
            f"The {kind.key} have a column “{name}” that is not known. Known are: {', '.join(kind.by_name)}."
        )
    if twice := [head for n, head in enumerate(heads) if head in heads[:n]]:
        raise RefusedFile(f"The {kind.key} have the column “{twice[0]}” twice. Keep one of them.")
    if missing := [name for name in kind.needed if name not in heads]:
        raise RefusedFile(f"The {kind.key} lack the column “{missing[0]}”. They need: {', '.join(kind.needed)}.")


def _is_text(name: str, content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RefusedFile(f"{name} is text in UTF-16. Save it as “CSV UTF-8”.")
    uploads.text_of(name, content)
    return ""


def _is_workbook(name: str, content: bytes) -> str:
    if flag := uploads.workbook(name, content):
        raise RefusedFile(f"{name} cannot be opened: {flag.lower()} Save it again as XLSX, without a password.")
    return ""


CHECKS = {"csv": _is_text, "xlsx": _is_workbook}
