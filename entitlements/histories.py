"""The versions of a contract, out of the event log: since when each of its fields is as it is, by whom and why (M3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, DateTimeField, Field, Model

from entitlements import wording
from entitlements.acts_in_words import act_in_words, note_in_words
from entitlements.models import Contract, Event

NOT_SHOWN = frozenset({"id", "contract_id", "agreed_at", "agreed_by_id", "turn"})
"""Columns that say nothing to a reader beyond what the version itself says."""
KEPT_WITH = frozenset(
    {"levels", "zones", "plans", "terms_periods", "products", "suspensions", "overrides", "fee_months", "years"}
)
"""The rows of other tables that are part of a contract, as it calls them."""
NAMED_BY = frozenset({"level", "zone", "terms", "product_id", "month", "plan", "activity_id", "pool_key", "n"})
"""Columns by which a reader knows the row."""
_RANGE = re.compile(r"\[(\d{4}-\d\d-\d\d),(\d{4}-\d\d-\d\d)?\)")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Change:
    """A field of one row, before and after; None: there was, or is, no such row."""

    table: str
    row: str
    column: str
    before: Any
    after: Any
    named: str = ""

    @property
    def is_the_contracts(self) -> bool:
        return self.table == Contract._meta.db_table

    @property
    def field(self) -> str:
        field = _field(self.table, self.column)
        return str(field.verbose_name) if field else self.column.removesuffix("_id").replace("_", " ")

    @property
    def row_in_words(self) -> str:
        """'Level period (Gold Services)': which row it is, as people read it."""
        model = _model(self.table)
        kind = str(model._meta.verbose_name).capitalize() if model else self.table
        return f"{kind} ({self.named})" if self.named else kind

    @property
    def was(self) -> str:
        return _in_words(self, self.before)

    @property
    def becomes(self) -> str:
        return _in_words(self, self.after)


@dataclass(frozen=True)
class Line:
    """A line of a diff, in words: a field, or a whole row that was added or went."""

    what: str
    was: str
    becomes: str


@dataclass(frozen=True)
class Version:
    """What one act made of the contract: its line in the log, and each field that it changed."""

    number: int
    act: Event
    changes: tuple[Change, ...]

    @property
    def lines(self) -> list[Line]:
        return lines_of(self.changes)

    @property
    def title(self) -> str:
        return act_in_words(self.act.verb)

    @property
    def note(self) -> str:
        return note_in_words(self.act.verb, self.act.note)


@dataclass(frozen=True)
class History:
    """Every version of a contract, the first first."""

    versions: tuple[Version, ...]

    def since(self, table: str, row: object, column: str = "") -> Version | None:
        """The version since which a field, or any field of a row, is as it is; None where the log does not say."""
        for version in reversed(self.versions):
            for change in version.changes:
                if (change.table, change.row) == (table, str(row)) and column in ("", change.column):
                    return version
        return None

    def undone(self, table: str) -> list[tuple[Version, Version, Change]]:
        """The rows of a table that are there no more: the version that made each, the one that took it away, and its days."""
        gone = [(version, one) for version in self.versions for one in version.changes if _is_gone(one, table)]
        made = {one.row: version for version in self.versions for one in version.changes if _is_new(one, table)}
        return [(made[one.row], version, one) for version, one in gone if one.row in made]

    def between(self, earlier: int, later: int) -> list[Line]:
        """The diff of two versions by their numbers: what differs in the later one, whatever happened in between."""
        net: dict[tuple[str, str, str], Change] = {}
        for version in self.versions[earlier:later]:
            for one in version.changes:
                first = net.get((one.table, one.row, one.column), one)
                net[one.table, one.row, one.column] = replace(one, before=first.before)
        return lines_of(one for one in net.values() if one.before != one.after)


def _is_gone(change: Change, table: str) -> bool:
    return (change.table, change.column) == (table, "days") and change.after is None


def _is_new(change: Change, table: str) -> bool:
    return (change.table, change.column) == (table, "days") and change.before is None


def history_of(contract: Contract) -> History:
    """The contract's versions, in one query."""
    acts: dict[int, tuple[Event, list[Change]]] = {}
    names: dict[tuple[str, str], str] = {}
    for event in Event.objects.filter(matter=contract.order_form).select_related("actor").order_by("id"):
        if not event.table:
            acts[event.pk] = (event, [])
        elif event.part_of_id in acts and event.table in _tables_of_a_contract():
            changes = list(_changes(event))
            row = (event.table, event.row_id)
            names[row] = next(
                (_in_words(one, one.after) for one in changes if one.column in NAMED_BY and one.after),
                names.get(row, ""),
            )
            acts[event.part_of_id][1].extend(replace(one, named=names[row]) for one in changes)
    made = [(act, tuple(changes)) for act, changes in acts.values() if changes]
    return History(tuple(Version(n, act, changes) for n, (act, changes) in enumerate(made, start=1)))


def lines_of(changes: Iterable[Change]) -> list[Line]:
    """The diff in words: of a row that is new, or gone, one line; of the others, and of the contract's own row, each field."""
    rows: dict[tuple[str, str], list[Change]] = {}
    for one in changes:
        rows.setdefault((one.table, one.row), []).append(one)
    return [line for fields in rows.values() for line in _lines_of_row(fields)]


def _lines_of_row(fields: list[Change]) -> list[Line]:
    first = fields[0]
    if first.is_the_contracts:
        return [Line(one.field.capitalize(), one.was, one.becomes) for one in fields]
    if all(one.before is None for one in fields) and any(
        one.column == "days" or one.column in NAMED_BY for one in fields
    ):
        return [Line(first.row_in_words, "–", "; ".join(f"{one.field}: {one.becomes}" for one in fields))]
    if all(one.after is None for one in fields):
        return [Line(first.row_in_words, "; ".join(f"{one.field}: {one.was}" for one in fields), "–")]
    return [Line(f"{one.row_in_words}: {one.field}", one.was, one.becomes) for one in fields]


def _changes(line: Event) -> Iterator[Change]:
    for column, pair in (line.changes or {}).items():
        if column not in NOT_SHOWN and isinstance(pair, list):
            yield Change(line.table, line.row_id, column, *pair)


@cache
def _tables_of_a_contract() -> frozenset[str]:
    related = (one for one in Contract._meta.related_objects if one.get_accessor_name() in KEPT_WITH)
    return frozenset({Contract._meta.db_table, *(one.related_model._meta.db_table for one in related)})


@cache
def _tables() -> dict[str, type[Model]]:
    return {model._meta.db_table: model for model in apps.get_models()}


def _model(table: str) -> type[Model] | None:
    return _tables().get(table)


def _field(table: str, column: str) -> Field[Any, Any] | None:
    model = _model(table)
    try:
        return model._meta.get_field(column.removesuffix("_id")) if model else None  # type: ignore[return-value]
    except FieldDoesNotExist:
        return None


def _in_words(change: Change, value: Any) -> str:
    field = _field(change.table, change.column)
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, int | float):
        return wording.number_in_words(Decimal(str(value)))
    if found := _RANGE.fullmatch(str(value)):
        return _days_in_words(found[1], found[2])
    if isinstance(field, DateField) and not isinstance(field, DateTimeField):
        return wording.day_in_words(date.fromisoformat(str(value)))
    return str(value)


def _days_in_words(first: str, end: str | None) -> str:
    start = date.fromisoformat(first)
    if end is None:
        return f"from {wording.day_in_words(start)}"
    return wording.days_in_words(start, date.fromisoformat(end) - _DAY)
