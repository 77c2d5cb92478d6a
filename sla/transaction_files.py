"""A file of lost transactions, row by row before anything of it is taken (S9): what would be added, what is in the list already, and
each row that is refused, with its reasons.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import cast

from entitlements.imports.columns import Kind
from entitlements.imports.reading import Row, Table, csv_lines, delimiter_of, sheets, table_of, too_many_rows
from entitlements.imports.values import BadCell
from entitlements.uploads import CheckedFile, RefusedFile
from sla.models import Claim, LostTransaction, TransactionFile
from sla.transaction_columns import columns_of
from sla.uploads import content_of

MOST_LINES = 50_000
"""V1: so many lost transactions a claim can list; a file has no more."""

_BEFORE_A_COMMA, _BEHIND_IT = re.compile(r"[0-9]{1,3}"), re.compile(r"[0-9]{3}(\.[0-9]{1,2})?")
_WITHOUT_COMMAS = re.compile(r"[0-9]{4,}(\.[0-9]+)?")

Facts = tuple[str, datetime, Decimal, Decimal]
"""What makes two rows the same: the words, the instant (UTC), revenue and expenses."""


@dataclass(frozen=True, slots=True)
class RowTaken:
    """A row by its number in the file, as a lost transaction; `attempted_at` in UTC, money in the contract's currency."""

    n: int
    what: str
    attempted_at: datetime
    revenue: Decimal
    expenses: Decimal

    @property
    def facts(self) -> Facts:
        return self.what, self.attempted_at, self.revenue, self.expenses


@dataclass(frozen=True, slots=True)
class RowRefused:
    """A row that is not taken: what stands in it, and per column why not and what would be taken."""

    n: int
    cells: dict[str, object]
    why: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file: `new` would be added, `there` are in the list already."""

    heads: tuple[str, ...]
    new: tuple[RowTaken, ...]
    there: tuple[RowTaken, ...]
    refused: tuple[RowRefused, ...]

    @property
    def print_of_new(self) -> str:
        """What would be added, in a few signs: whoever confirms it has seen the same."""
        told = "\n".join(f"{row.what}|{row.attempted_at.isoformat()}|{row.revenue}|{row.expenses}" for row in self.new)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def read(file: CheckedFile, kind: Kind) -> Table:
    """The table in a checked file: a CSV, or the one sheet of a workbook that has something in it. Raises RefusedFile."""
    if file.kind == "csv":
        lines = csv_lines(file)
    else:
        found = sheets(file, MOST_LINES)
        if len(found) != 1:
            raise RefusedFile("The workbook must have one sheet with something in it. Save the others elsewhere.")
        (lines,) = found.values()  # type: ignore[assignment]
    table = table_of(kind, lines)
    if len(table.rows) > MOST_LINES:
        raise too_many_rows(MOST_LINES)
    if not table.rows:
        raise RefusedFile("There are heads but no rows in the file. Write your own rows in place of the example.")
    if file.kind == "csv":
        _one_reading(file.content.decode("utf-8-sig"), table)
    return table


def _one_reading(text: str, table: Table) -> None:
    """C6.7: `1,200.50` without quotes in a file with commas is one sum or two. Raises RefusedFile for the first row that can be read
    both ways, unless the file shows elsewhere that it writes its sums without commas."""
    if delimiter_of(text) != "," or '"' in text:
        return
    pairs = [tuple(str(row.cells.get(name, "")).strip() for name in ("revenue", "expenses")) for row in table.rows]
    if any(_WITHOUT_COMMAS.fullmatch(written) for pair in pairs for written in pair):
        return
    for row, (revenue, expenses) in zip(table.rows, pairs, strict=True):
        if _BEFORE_A_COMMA.fullmatch(revenue) and _BEHIND_IT.fullmatch(expenses):
            raise RefusedFile(
                f"Row {row.n} can be read in two ways: revenue {revenue},{expenses}, or revenue {revenue} and expenses {expenses}. "
                f"Write {revenue}{expenses} or {revenue}.00, or separate the columns by semicolons."
            )


def rows_of(file: TransactionFile, now: datetime) -> Rows:
    """S9: the rows of a kept file, beside what its claim lists by now (UTC). Nothing is written. Raises NotAsReceived."""
    content = content_of(file.stored_as, file.sha256)
    contract = file.claim.contract
    kind = columns_of(contract.tz, contract.currency, now)
    return sorted_out(read(CheckedFile(file.name, file.kind, content, file.sha256), kind), kind, listed(file.claim))


def listed(claim: Claim) -> set[Facts]:
    """What a claim lists already."""
    return set(LostTransaction.objects.filter(claim=claim).values_list("what", "attempted_at", "revenue", "expenses"))


def sorted_out(table: Table, kind: Kind, on_record: Collection[Facts]) -> Rows:
    """Each row of a table judged by itself, and beside those before it: the same row twice is not guessed to be two transactions."""
    new: list[RowTaken] = []
    there: list[RowTaken] = []
    refused: list[RowRefused] = []
    seen: dict[Facts, int] = {}
    for row in table.rows:
        taken = _taken(row, kind)
        if isinstance(taken, RowTaken) and taken.facts in seen:
            again = f"The same as row {seen[taken.facts]}. If it is another transaction, tell them apart in its words."
            taken = RowRefused(row.n, dict(row.cells), (("", again),))
        if isinstance(taken, RowRefused):
            refused.append(taken)
            continue
        seen[taken.facts] = row.n
        (there if taken.facts in on_record else new).append(taken)
    return Rows(table.heads, tuple(new), tuple(there), tuple(refused))


def _taken(row: Row, kind: Kind) -> RowTaken | RowRefused:
    given: dict[str, object] = {}
    if why := tuple(_bad_cells(row, kind, given)):
        return RowRefused(row.n, dict(row.cells), why)
    return RowTaken(
        row.n,
        cast("str", given["transaction"]),
        cast("datetime", given["attempted"]),
        cast("Decimal", given["revenue"]),
        cast("Decimal", given.get("expenses", Decimal(0))),
    )


def _bad_cells(row: Row, kind: Kind, given: dict[str, object]) -> Iterator[tuple[str, str]]:
    """What cannot be taken of a row; the rest is put into `given`."""
    for column in kind.columns:
        if column.name in row.cells:
            try:
                given[column.name] = column.read(row.cells[column.name])
            except BadCell as why:
                yield column.name, str(why)
        elif column.needed:
            yield column.name, f"The cell is empty. Fill in {column.name}."
