"""What each row of a file would do, worked out before anything is written; the same again when it is confirmed. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from entitlements.imports.columns import CONTRACTS, CUSTOMERS, LEVELS_KIND, PRODUCTS, SEATS, Kind
from entitlements.imports.effects import STATES, Against, Change, Effect, World, against, changes, shown
from entitlements.imports.plan_contracts import contract_row
from entitlements.imports.plan_details import level_row, product_row, seats_row, with_meeting_levels
from entitlements.imports.values import BadCell, Raw, Value
from entitlements.rules.refusals import Refusal


class RowAsRead(Protocol):
    @property
    def n(self) -> int: ...
    @property
    def cells(self) -> Mapping[str, Raw]: ...


class TableAsRead(Protocol):
    @property
    def kind(self) -> Kind: ...
    @property
    def rows(self) -> Iterable[RowAsRead]: ...


Planner = Callable[[Effect, World], Effect]


@dataclass(frozen=True, slots=True)
class Plan:
    """The effects of all rows, in the order in which they would be applied."""

    effects: tuple[Effect, ...]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(effect.state for effect in self.effects)
        return {state: found[state] for state in STATES}

    @property
    def does_something(self) -> bool:
        return bool(self.counts["new"] or self.counts["changed"])

    @property
    def fingerprint(self) -> str:
        """The same for the same effects: what is confirmed is what was shown, or it is shown again."""
        said = [as_plain(effect) for effect in self.effects]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def plan(tables: Iterable[TableAsRead], world: World, refused: Mapping[str, Refusal] | None = None) -> Plan:
    """Each row's effect on the world as the rows before it leave it. `refused` are rows, by their key, that an action has refused
    when they were to be applied: they stay so.
    """
    effects: list[Effect] = []
    for table in tables:
        effects += _of_table(table, world, refused or {})
    return Plan(tuple(effects))


def as_plain(effect: Effect) -> dict[str, object]:
    """An effect as it is kept with the import."""
    return {
        "kind": effect.kind,
        "row": effect.row,
        "about": effect.about,
        "state": effect.state,
        "changes": [[one.column, one.before, one.after] for one in effect.changes],
        "follows": [[clause, sentence] for clause, sentence in effect.follows],
        "refusals": [
            [one.column, one.refusal.clause, one.refusal.sentence, one.refusal.what_helps] for one in effect.against
        ],
    }


def _of_table(table: TableAsRead, world: World, refused: Mapping[str, Refusal]) -> Iterator[Effect]:
    read = list(_without_second_mentions(_read(table.kind, row) for row in table.rows))
    if table.kind is LEVELS_KIND:
        read = with_meeting_levels(read, world)
    for effect in read:
        if late := refused.get(effect.key):
            effect = effect.refused(Against("", late))
        yield effect if effect.against else PLANNERS[table.kind.key](effect, world)


def _read(kind: Kind, row: RowAsRead) -> Effect:
    """The row's values; what cannot be read refuses it, each cell with its reason."""
    given: dict[str, Value] = {}
    bad: list[Against] = []
    for column in kind.columns:
        if column.name in row.cells:
            try:
                given[column.name] = column.read(row.cells[column.name])
            except BadCell as why:
                bad.append(against(column.name, "bad_cell", str(why)))
        elif column.needed:
            bad.append(against(column.name, "empty", "The cell is empty.", f"Fill in {column.name}."))
    about = " ".join(str(row.cells.get(name, "")) for name in IDENTITIES[kind.key]).strip()
    return Effect(kind.key, row.n, about[:120], given, against=tuple(bad))


def _without_second_mentions(effects: Iterable[Effect]) -> Iterator[Effect]:
    """A matter is spoken of once in a file: which of two rows holds is not guessed."""
    seen: dict[tuple[object, ...], int] = {}
    for effect in effects:
        identity = tuple(effect.given.get(name) for name in IDENTITIES[effect.kind])
        first = seen.setdefault(identity, effect.row) if None not in identity else effect.row
        if first != effect.row:
            again = against("", "twice", f"Row {first} speaks of it already.", "Keep one of the two rows.")
            effect = effect.refused(again)
        yield effect


def customer_row(effect: Effect, world: World) -> Effect:
    """A customer by its number: put on record, or renamed; and its first owner, who is invited (C1)."""
    number, name = str(effect.given["external_id"]), str(effect.given["name"])
    owner = effect.given.get("owner_email")
    if owner and not effect.given.get("owner_name"):
        return effect.refused(against("owner_name", "no_name", "An owner needs a name.", "Fill in owner_name."))
    known = world.customers.get(number)
    world.customers[number] = name
    invited = {"owner_email": None if owner in world.people.get(number, ()) else owner}
    found = changes({"name": known}, {"name": name, **invited})
    if known is None:
        found = (Change("external_id", "", number), *found)
    return Effect(effect.kind, effect.row, effect.about, effect.given, found, is_new=known is None)


IDENTITIES = {
    CUSTOMERS.key: ("external_id",),
    CONTRACTS.key: ("order_form",),
    LEVELS_KIND.key: ("order_form", "first_day"),
    PRODUCTS.key: ("order_form", "product"),
    SEATS.key: ("order_form", "month"),
}
PLANNERS: Mapping[str, Planner] = {
    CUSTOMERS.key: customer_row,
    CONTRACTS.key: contract_row,
    LEVELS_KIND.key: level_row,
    PRODUCTS.key: product_row,
    SEATS.key: seats_row,
}

__all__ = ["Plan", "as_plain", "plan", "shown"]
