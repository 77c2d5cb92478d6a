"""What every list of the portal says about itself: how many rows, in which order (X11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from entitlements.exports import FORMATS, Cell, Row, as_file
from entitlements.wording import counted

COUNTED_TO = 10_000
AT_ONCE = 1_000
InFile = Mapping[str, Callable[[Any], Cell]]
"""The columns of a list as a file: head, and what a row has there."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head: how it is sorted now, for `aria-sort`, and what its link asks for; neither where it cannot be."""

    label: str
    sorted: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list, asked for as `sort=name` or `sort=-name`. What is not one of `fields` is `default`."""

    fields: Mapping[str, str]
    asked: str
    default: str

    @property
    def name(self) -> str:
        return self.asked if self.asked.removeprefix("-") in self.fields else self.default

    def of(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        sign = "-" if self.name.startswith("-") else ""
        return rows.order_by(sign + self.fields[self.name.removeprefix("-")], "-id")

    def columns(self, labels: Mapping[str, str]) -> list[Column]:
        """The heads of the columns, by name; one that is no field cannot be sorted."""
        return [self._column(name, label) for name, label in labels.items()]

    def _column(self, name: str, label: str) -> Column:
        if name not in self.fields:
            return Column(label)
        if self.name == name:
            return Column(label, "ascending", f"-{name}")
        return Column(label, "descending" if self.name == f"-{name}" else "", name)


def if_asked_as_file(request: HttpRequest, name: str, found: QuerySet[Any], columns: InFile) -> HttpResponseBase | None:
    """X11: exactly the rows that were found, all pages of them, if `?format=csv` or `xlsx` asks for them."""
    kind = request.GET.get("format")
    if kind not in FORMATS:
        return None
    return as_file(kind, name, list(columns), _rows(found, columns), request.now)  # type: ignore[attr-defined]


def _rows(found: QuerySet[Any], columns: InFile) -> Iterator[Row]:
    for one in found.iterator(chunk_size=AT_ONCE):
        yield [value(one) for value in columns.values()]


def rows_in_words(count: int, noun: str, nouns: str = "") -> str:
    """'3 engagements'; beyond what is worth counting 'over 10,000 engagements'."""
    return f"over {counted(COUNTED_TO, noun, nouns)}" if count > COUNTED_TO else counted(count, noun, nouns)
