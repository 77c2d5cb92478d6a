"""Where the cells of a workbook's sheets stand, read from its XML as it streams by: in little room, however far out a cell says it is."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from xml.parsers import expat

_ADDRESS = re.compile(r"([A-Za-z]{1,4})([0-9]{1,9})")
_FILLED = ("v", "is", "f")
"""What a cell has inside when it is not blank: a value, text of its own, a formula."""


class Unreadable(Exception):
    """It is no workbook, or its XML is broken."""


@dataclass(slots=True)
class Survey:
    """What was come upon: the first filled cell beyond the bounds (by row and column from 1), or zeros; the first formula, or ""."""

    row: int = 0
    column: int = 0
    formula: str = ""


def survey(content: bytes, *, last: tuple[int, int]) -> Survey:
    """Go through every sheet of an XLSX, until a filled cell lies beyond the `last` row or column. Raises Unreadable.

    A sheet is known by its `sheetData`, not by its name in the archive: a workbook says itself where its sheets are kept.
    """
    found = Survey()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            for name in parts.namelist():
                part = parts.read(name)
                if b"sheetData" in part:
                    _Sheet(found, last).read(part)
    except _Beyond:
        pass
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, NotImplementedError, RuntimeError, OSError) as broken:
        raise Unreadable from broken
    return found


class _Beyond(Exception):
    """Enough is known."""


class _Sheet:
    """One sheet. A row or cell that does not say where it stands follows the one before (ECMA-376, part 1, 18.3.1.4 and 73)."""

    def __init__(self, found: Survey, last: tuple[int, int]) -> None:
        self.found, self.last = found, last
        self.row = self.column = 0
        self.address = ""
        self.cell_row = 0
        self.in_cell = False

    def read(self, part: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._begins, self._ends
        parser.Parse(part, True)

    def _begins(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "row":
            self.row = int(said) if (said := attributes.get("r", "")).isdecimal() else self.row + 1
            self.column = 0
        elif local == "c":
            self._stands(attributes.get("r", ""))
        elif self.in_cell and local in _FILLED:
            self._filled(local)

    def _ends(self, name: str) -> None:
        if self.in_cell and name.rpartition(":")[2] == "c":
            self.in_cell = False

    def _stands(self, address: str) -> None:
        self.in_cell, self.address = True, address
        self.cell_row, self.column = self.row, self.column + 1
        if said := _ADDRESS.fullmatch(address):
            self.column, self.cell_row = _number(said[1]), int(said[2])

    def _filled(self, local: str) -> None:
        if self.cell_row > self.last[0] or self.column > self.last[1]:
            self.found.row, self.found.column = self.cell_row, self.column
            raise _Beyond
        if local == "f" and not self.found.formula:
            self.found.formula = f"Cell {self.address}" if self.address else "A cell"


def _number(letters: str) -> int:
    """The number of a column by its letters: A is 1, XFD 16,384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
