"""What a row of an import would do, and the state of the world that it would do it to. Pure: nothing is read or written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from entitlements.imports.values import Value
from entitlements.rules.contracts import ContractFacts
from entitlements.rules.editions import PolicyEdition
from entitlements.rules.engagements import EngagementFacts
from entitlements.rules.refusals import Refusal

NEW, CHANGED, UNCHANGED, REFUSED = STATES = ("new", "changed", "unchanged", "refused")


@dataclass(frozen=True, slots=True)
class Change:
    """A column's value before and after, as the reader sees them; before is empty for what is new."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Against:
    """A refusal of a row, at the column where the reason stands; empty: the row as a whole."""

    column: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Effect:
    """What a row would do. `given` are its values as they were read; `about` what it is about, in its own words; `follows` what
    follows from it for what is booked, as (clause, sentence).
    """

    kind: str
    row: int
    about: str
    given: Mapping[str, Value]
    changes: tuple[Change, ...] = ()
    against: tuple[Against, ...] = ()
    is_new: bool = False
    follows: tuple[tuple[str, str], ...] = ()

    @property
    def state(self) -> str:
        if self.against:
            return REFUSED
        if self.is_new:
            return NEW
        return CHANGED if self.changes else UNCHANGED

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.row}"

    @property
    def changed(self) -> set[str]:
        return {change.column for change in self.changes}

    def refused(self, *against: Against) -> Effect:
        return replace(self, changes=(), is_new=False, follows=(), against=(*self.against, *against))


@dataclass(frozen=True, slots=True)
class Held:
    """A contract as the import finds it, or as the rows before would leave it. Products as (key, first, last day); `terms` are those
    that it is on at its end, empty where none are on record (S1). A month whose fees changed within it has no one figure.
    `references` are those of the engagements, by id.
    """

    order_form: str
    external_id: str
    customer: str
    account: str
    facts: ContractFacts
    currency: str
    plan: str
    discount: Decimal
    terms: str = ""
    products: tuple[tuple[str, date, date], ...] = ()
    fees: Mapping[date, tuple[int, Decimal] | None] = field(default_factory=dict)
    engagements: tuple[EngagementFacts, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)


@dataclass
class World:
    """What is on record, as far as a file speaks of it, at a moment (UTC). Each good row changes it for the rows that follow.

    `people` are the addresses that belong to a customer, or have an open invitation to it, by the customer's number.
    """

    now: datetime
    customers: dict[str, str]
    contracts: dict[str, Held]
    products: frozenset[str]
    editions: tuple[PolicyEdition, ...] = ()
    people: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _accounts: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _numbers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for held in self.contracts.values():
            self.put(held)

    def put(self, held: Held) -> None:
        """The contract is so from now on."""
        if before := self.contracts.get(held.order_form):
            self._accounts.get((before.customer, before.account), set()).discard(held.order_form)
        self.contracts[held.order_form] = held
        self._accounts.setdefault((held.customer, held.account), set()).add(held.order_form)
        self._numbers[held.external_id] = held.order_form

    def of_account(self, customer: str, account: str, but: str) -> Iterable[Held]:
        """The other contracts of a customer's account, by order form."""
        known = self._accounts.get((customer, account), set())
        return (self.contracts[order_form] for order_form in sorted(known - {but}))

    def with_number(self, external_id: str, but: str) -> Held | None:
        """Another contract that has the number."""
        order_form = self._numbers.get(external_id, but) if external_id else but
        return self.contracts[order_form] if order_form != but else None


def against(column: str, code: str, sentence: str, what_helps: str = "", clause: str = "") -> Against:
    return Against(column, Refusal(clause, code, sentence, what_helps))


def shown(value: object) -> str:
    """A value as the page and the log write it."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return "" if value is None else str(value)


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[Change, ...]:
    """The columns of `after` that differ from what is there; a column that is empty in the row says nothing."""
    return tuple(
        Change(column, shown(before.get(column)), shown(value))
        for column, value in after.items()
        if value is not None and value != before.get(column)
    )
