"""Any list as a file, CSV or XLSX: exactly its rows, none of them a formula (P31), named after the moment that it is of (X10, X11)."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

Cell = str | int | Decimal | date | datetime | None
Row = Sequence[Cell]
FORMATS = ("csv", "xlsx")
MOST_ROWS = 1_048_575
"""Of a sheet, beside its heads."""

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADERS = {"Cache-Control": "no-store, private", "X-Content-Type-Options": "nosniff"}


def as_file(kind: str, name: str, heads: Sequence[str], rows: Iterable[Row], now: datetime) -> HttpResponseBase:
    """The list as a download of the kind `csv` or `xlsx`, under a name that says as of when (UTC)."""
    named = {"Content-Disposition": attachment(f"{name}-{now.astimezone(UTC):%Y-%m-%d-%H%MZ}.{kind}")}
    if kind == "csv":
        lines = csv_lines(chain([heads], rows))
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers={**HEADERS, **named})
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write_workbook(file, [(name, heads, rows)])
    file.seek(0)
    return FileResponse(file, content_type=WORKBOOK, headers={**HEADERS, **named})


def attachment(name: str) -> str:
    return content_disposition_header(True, name) or "attachment"


def csv_lines(rows: Iterable[Row]) -> Iterator[str]:
    """The table line by line, as it is asked for; no more than one row is held."""
    writer = csv.writer(_Line())
    for row in rows:
        yield writer.writerow([as_text(cell) for cell in row])


def write_workbook(file: Any, sheets: Iterable[tuple[str, Sequence[str], Iterable[Row]]]) -> None:
    """Sheets of (name, heads, rows) as XLSX. Numbers and days are such; text is never read as a formula, link or number."""
    import xlsxwriter  # here, since every process imports this module (decision 015)

    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, {"constant_memory": True, **plain}) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        for name, heads, rows in sheets:
            for shown, portion in _in_sheets(name, rows):
                sheet = book.add_worksheet(shown)
                sheet.freeze_panes(1, 0)
                sheet.set_column(0, max(len(heads) - 1, 0), 20)
                sheet.write_row(0, 0, [safe(head) for head in heads], bold)
                for n, row in enumerate(portion, start=1):
                    for column, cell in enumerate(row):
                        _write(sheet, n, column, cell, day)


def _in_sheets(name: str, rows: Iterable[Row]) -> Iterator[tuple[str, Iterable[Row]]]:
    """As many sheets as it takes to hold them."""
    left = iter(rows)
    yield name[:31], islice(left, MOST_ROWS)
    for n, first in enumerate(left, start=2):
        yield f"{name[:26]} ({n})", chain([first], islice(left, MOST_ROWS - 1))


def workbook(sheets: Iterable[tuple[str, Sequence[str], Iterable[Row]]]) -> bytes:
    """Sheets of (name, heads, rows) as the bytes of an XLSX."""
    file = io.BytesIO()
    write_workbook(file, sheets)
    return file.getvalue()


def found(cell: object) -> Cell:
    """A cell of somebody else's file, to be written again as it was."""
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else Decimal(repr(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date()
    return cell if isinstance(cell, str | int | date) else None if cell is None else str(cell)


def as_text(cell: Cell) -> str:
    """A cell of a CSV: days and instants as ISO 8601, numbers plain, text such that no spreadsheet takes it for a formula."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case int() | Decimal():
            return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
        case date():
            return cell.isoformat()
    return safe(cell)


def safe(text: str) -> str:
    """P31: text that would begin a formula is marked as text."""
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text


def _write(sheet: Any, row: int, column: int, cell: Cell, day: Any) -> None:
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        sheet.write_number(row, column, cell)
    elif isinstance(cell, date) and not isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell, day)
    elif cell is not None:
        sheet.write_string(row, column, as_text(cell)[:32_767])


class _Line:
    """A file that hands each line back."""

    def write(self, line: str) -> str:
        return line
