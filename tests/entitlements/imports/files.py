"""Files to import, as somebody would hand them in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from entitlements import uploads
from entitlements.actions.imports import apply_import, keep_import_file
from entitlements.imports import reading
from entitlements.imports.on_record import world_of
from entitlements.imports.planning import Plan, plan
from entitlements.imports.reading import Table
from entitlements.models import ImportFile, ImportRun, User
from sla import imports as other_half
from tests import factories as make

Sheets = Mapping[str, Sequence[Sequence[Any]]]

CUSTOMER = ["external_id", "name"], ["N-1", "Blue Heron Energy"]
CONTRACT_HEADS = ["order_form", "customer", "account", "first_day", "last_day", "zone", "plan", "level", "terms"]
CONTRACT = [
    "OF-N1",
    "N-1",
    "blueheron",
    "2026-01-01",
    "2027-12-31",
    "America/Chicago",
    "Business",
    "silver",
    "enterprise",
]
WHOLE: Sheets = {
    "customers": CUSTOMER,
    "contracts": [[*CONTRACT_HEADS, "discount_percent", "external_id"], [*CONTRACT, "7.5", "SUB-1"]],
    "levels": [["order_form", "first_day", "level"], ["OF-N1", "2026-07-01", "gold"]],
    "products": [["order_form", "product"], ["OF-N1", "im"], ["OF-N1", "aiops"]],
    "seats": [
        ["order_form", "month", "paid_seats", "cost_per_seat"],
        ["OF-N1", "2026-01", "120", "41.00"],
        ["OF-N1", "2026-02", "122", "41.00"],
    ],
}
"""A customer with all that belongs to it: seven rows, of which the level changes what another has brought."""


def csv_of(*lines: Sequence[object], delimiter: str = ",") -> bytes:
    return "".join(delimiter.join(map(str, line)) + "\r\n" for line in lines).encode()


def workbook(sheets: Sheets) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, lines in sheets.items():
            sheet = book.add_worksheet(name)
            for n, line in enumerate(lines):
                for column, cell in enumerate(line):
                    if isinstance(cell, date | datetime):
                        sheet.write_datetime(n, column, cell, day)
                    else:
                        sheet.write(n, column, cell)
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def with_cell(book: bytes, before: bytes, after: bytes, *, part: str = SHEET) -> bytes:
    """The workbook with a cell of its first sheet written as another program would write it."""
    parts = _parts(book)
    assert before in parts[part]
    return _packed({**parts, part: parts[part].replace(before, after)})


def kept_elsewhere(book: bytes, place: str) -> bytes:
    """The workbook with its first sheet at another place in the archive, as its relations say."""
    parts = _parts(book)
    moved = {place if name == SHEET else name: content for name, content in parts.items()}
    relations = "xl/_rels/workbook.xml.rels"
    inside = SHEET.removeprefix("xl/").encode()
    moved[relations] = moved[relations].replace(inside, place.removeprefix("xl/").encode())
    return _packed(moved)


def _parts(book: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def checked(content: bytes, name: str = "book.xlsx") -> uploads.CheckedFile:
    upload = SimpleUploadedFile(name, content)
    return uploads.check(upload, reading.CHECKS, allowed="a CSV or XLSX", most_bytes=reading.MOST_BYTES)


def tables(content: bytes, name: str = "book.xlsx", kind: str = "") -> tuple[Table, ...]:
    return reading.read(checked(content, name), kind)


def kept(sheets: Sheets = WHOLE, *, by: User | None = None) -> tuple[ImportFile, tuple[Table, ...]]:
    file = checked(workbook(sheets))
    return keep_import_file(file=file, rows_are="", by=by or make.manager(), now=make.NOW), reading.read(file)


def shown(sheets: Sheets = WHOLE) -> Plan:
    """What the file would do now."""
    found = tables(workbook(sheets))
    return plan(found, world_of(found, make.NOW, other_half.terms_of))


def imported(sheets: Sheets = WHOLE, *, by: User | None = None) -> ImportRun:
    """A file that was handed in, shown and applied."""
    by = by or make.manager()
    file, found = kept(sheets, by=by)
    planned = plan(found, world_of(found, make.NOW, other_half.terms_of))
    return apply_import(
        file=file, tables=found, fingerprint=planned.fingerprint, refused={}, half=other_half, by=by, now=make.NOW
    )
