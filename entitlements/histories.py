"""The versions of a contract, out of the event log: since when each of its fields is as it is, by whom and why (M3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model

from entitlements import wording
from entitlements.models import Contract, Event

NOT_SHOWN = frozenset({"id", "contract_id", "agreed_at", "agreed_by_id", "turn"})
"""Columns that say nothing to a reader beyond what the version itself says."""
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

    @property
    def what(self) -> str:
        """'Level period: level', as people read it."""
        model, field = _model(self.table), _field(self.table, self.column)
        name = str(field.verbose_name) if field else self.column.removesuffix("_id").replace("_", " ")
        own = str(model._meta.verbose_name) if model and model is not Contract else ""
        return f"{own}: {name}".capitalize() if own else name.capitalize()

    @property
    def was(self) -> str:
        return _in_words(self, self.before)

    @property
    def becomes(self) -> str:
        return _in_words(self, self.after)


@dataclass(frozen=True)
class Version:
    """What one act made of the contract: its line in the log, and each field that it changed."""

    number: int
    act: Event
    changes: tuple[Change, ...]

    @property
    def title(self) -> str:
        return wording.label_in_words(self.act.verb.rpartition(".")[2])


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

    def between(self, earlier: int, later: int) -> list[Change]:
        """The diff of two versions by their numbers: what differs in the later one, whatever happened in between."""
        net: dict[tuple[str, str, str], Change] = {}
        for version in self.versions[earlier:later]:
            for one in version.changes:
                first = net.get((one.table, one.row, one.column), one)
                net[one.table, one.row, one.column] = Change(one.table, one.row, one.column, first.before, one.after)
        return [one for one in net.values() if one.before != one.after]


def history_of(contract: Contract) -> History:
    """The contract's versions, in one query."""
    lines = Event.objects.filter(matter=contract.order_form).select_related("actor").order_by("id")
    acts: dict[int, tuple[Event, list[Change]]] = {}
    for line in lines:
        if not line.table:
            acts[line.pk] = (line, [])
        elif line.part_of_id in acts:
            acts[line.part_of_id][1].extend(_changes(line))
    made = [(act, tuple(changes)) for act, changes in acts.values() if changes]
    return History(tuple(Version(n, act, changes) for n, (act, changes) in enumerate(made, start=1)))


def _changes(line: Event) -> Iterator[Change]:
    for column, pair in (line.changes or {}).items():
        if column not in NOT_SHOWN and isinstance(pair, list):
            yield Change(line.table, line.row_id, column, *pair)


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
    return str(value)


def _days_in_words(first: str, end: str | None) -> str:
    start = date.fromisoformat(first)
    if end is None:
        return f"from {wording.day_in_words(start)}"
    return wording.days_in_words(start, date.fromisoformat(end) - _DAY)
