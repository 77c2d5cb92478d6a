"""The usage policy as dated data (E1, E2, E4, E9, E10), and which edition of it governs a contract year.

An edition is handed in: no figure of the paper stands in this package. Published editions never change, so the lines of
an edition are worked out once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Protocol, TypeVar

from entitlements.rules.cap_tables import CapLine, CapTable, cap_table
from entitlements.rules.cap_values import NOT_AVAILABLE, UNLIMITED, Cap, check_number
from entitlements.rules.products import Requirement

LEVELS: Mapping[str, str] = {
    "none": "No Services",
    "premium": "Premium Support",
    "silver": "Silver Services",
    "gold": "Gold Services",
}
"""E1: the four entitlement levels, lowest first, with their names."""

ACTIVITIES: Mapping[str, str] = {
    "alert_strategies": "Alert Strategies Workshop",
    "automation_ideation": "Automation Ideation & Guidance",
    "incident_lifecycle": "Incident Lifecycle Assessment",
    "integration": "Integration Consultation",
    "maturity": "Maturity Assessment",
    "roadmap": "Product Roadmap Session",
    "product_feature": "Product/Feature Consultation",
}
"""The activities in the order of the policy's table, with their names."""


@dataclass(frozen=True, slots=True)
class Pool:
    """E4: activities that have one cap in all at a level. `key` is what an override names, `name` what people read."""

    key: str
    level: str
    activities: tuple[str, ...]
    cap: int
    name: str = ""

    def __post_init__(self) -> None:
        if not self.activities or len(set(self.activities)) < len(self.activities):
            raise ValueError(f"a pool needs activities, each once: {self.activities}")
        check_number(self.cap)


@dataclass(frozen=True)
class PolicyEdition:
    """E2: an edition of the usage policy, in force from a day on.

    `caps` has the policy's table by (level, activity): a number or NOT_AVAILABLE; a cell that is absent is
    NOT_AVAILABLE, never unlimited. `pools` (E4) take the place of cells. `requirements` (E9) and `sessions` (E10,
    minutes of each session of an engagement) are by activity. `id` is what the caller knows it by. Raises ValueError if
    a cell is without limit, or has a cap of its own inside a pool.
    """

    name: str
    valid_from: date
    caps: Mapping[tuple[str, str], Cap]
    pools: tuple[Pool, ...] = ()
    requirements: Mapping[str, Requirement] = field(default_factory=dict)
    sessions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    id: str = ""

    def __post_init__(self) -> None:
        for cell, cap in self.caps.items():
            check_number(cap)
            if cap is UNLIMITED:
                raise ValueError(f"only an override can be without limit (E8): {cell}")
        taken = [key for key, cap in self.caps.items() if cap is not NOT_AVAILABLE]
        taken += [(pool.level, name) for pool in self.pools for name in (pool.key, *pool.activities)]
        if twice := {cell for cell in taken if taken.count(cell) > 1}:
            raise ValueError(f"one cap at a level, an activity's own or its pool's (E4): {sorted(twice)}")
        if same := self.pool_keys.intersection(self.activities):
            raise ValueError(f"a pool must not be named like an activity: {sorted(same)}")

    def table(self, level: str | None) -> CapTable:
        """E2, E4: every cap at a level in the policy's order, one line an activity or one for a whole pool.

        No level: all N/A.
        """
        table = self._tables.get(level)
        if table is None:
            table = self._tables[level] = cap_table(level, self._lines_at(level))
        return table

    @cached_property
    def activities(self) -> tuple[str, ...]:
        """Every activity of the policy's table, and any that only this edition names after them."""
        named = [activity for _, activity in self.caps] + [one for pool in self.pools for one in pool.activities]
        return tuple(dict.fromkeys([*ACTIVITIES, *named]))

    @cached_property
    def pool_keys(self) -> frozenset[str]:
        return frozenset(pool.key for pool in self.pools)

    @cached_property
    def _tables(self) -> dict[str | None, CapTable]:
        return {}

    def _lines_at(self, level: str | None) -> Iterable[CapLine]:
        pool_of = {activity: pool for pool in self.pools if pool.level == level for activity in pool.activities}
        for activity in self.activities:
            pool = pool_of.get(activity)
            if pool is None:
                cap = NOT_AVAILABLE if level is None else self.caps.get((level, activity), NOT_AVAILABLE)
                yield CapLine(level, activity, (activity,), cap)
            elif activity == min(pool.activities, key=self.activities.index):
                together = tuple(sorted(pool.activities, key=self.activities.index))
                yield CapLine(level, pool.key, together, pool.cap, pool=pool.key)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two editions: the cap of an activity at a level, and the pool that it comes from, if any."""

    level: str
    activity: str
    old: Cap
    new: Cap
    old_pool: str | None = None
    new_pool: str | None = None


class Dated(Protocol):
    """An edition of any document: what matters is from which day on it is in force."""

    @property
    def valid_from(self) -> date: ...


D = TypeVar("D", bound=Dated)


def edition_for(editions: Sequence[D], first_day_of_year: date) -> D:
    """E2: the edition in force on the first day of a contract year governs all of it; before the first edition, the
    first. ValueError if there is none at all.

    S1 asks the same of the terms, with the day of an occurrence.
    """
    if not editions:
        raise ValueError("no edition of the policy has been published (E2)")
    in_force: D | None = None
    for edition in editions:
        if edition.valid_from <= first_day_of_year and (in_force is None or edition.valid_from > in_force.valid_from):
            in_force = edition
    return in_force or min(editions, key=_valid_from)


def compare(old: PolicyEdition, new: PolicyEdition) -> tuple[Change, ...]:
    """E2: the caps that differ between two editions, level by level in the policy's order, for the page that shows them
    side by side before publication.
    """
    changes = []
    for level in LEVELS:
        before, after = old.table(level), new.table(level)
        for activity in dict.fromkeys([*old.activities, *new.activities]):
            was, becomes = before.line_of(activity), after.line_of(activity)
            if (was.policy, was.pool) != (becomes.policy, becomes.pool):
                changes.append(Change(level, activity, was.policy, becomes.policy, was.pool, becomes.pool))
    return tuple(changes)


def _valid_from(edition: Dated) -> date:
    return edition.valid_from
