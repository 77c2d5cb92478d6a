"""Files to begin with: the heads and one example for each kind of table, as CSV, or all of them as one workbook that explains them."""

from __future__ import annotations

from entitlements.exports import csv_lines, workbook
from entitlements.imports.columns import KINDS, Kind
from entitlements.imports.reading import EXPLAINED


def as_csv(kind: Kind) -> str:
    return "".join(csv_lines([_heads(kind), kind.example]))


def as_workbook() -> bytes:
    """A sheet for each kind, its example as text, and one that says what each column takes."""
    tables = [(kind.key, _heads(kind), [kind.example]) for kind in KINDS.values()]
    explained = [
        [kind.key, column.name, "needed" if column.needed else "", column.example, column.explained]
        for kind in KINDS.values()
        for column in kind.columns
    ]
    heads = ["sheet", "column", "", "example", "what it takes"]
    return workbook([*tables, (EXPLAINED, heads, explained)])


def _heads(kind: Kind) -> list[str]:
    return [column.name for column in kind.columns]
