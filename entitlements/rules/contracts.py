"""A contract as the rules read it: its term, zone, levels (E1), overrides (E8) and status (E14), and the caps in force
on a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

from entitlements.rules.cap_tables import CapTable
from entitlements.rules.cap_values import UNLIMITED, NoFigure, Override
from entitlements.rules.contract_years import ContractYear, contract_year_of
from entitlements.rules.editions import LEVELS, PolicyEdition

ACTIVE = "active"
STATUSES = (ACTIVE, "suspended", "terminated")


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """A contract from `start` to `last` (local dates in `zone`, both included). `levels` has (first day, level) in
    order of time; each holds until the next begins.

    ValueError for a term that ends before it starts, for an unknown status or level, and for periods out of order.
    """

    start: date
    last: date
    zone: ZoneInfo
    levels: tuple[tuple[date, str], ...]
    status: str = ACTIVE
    overrides: tuple[Override, ...] = ()

    def __post_init__(self) -> None:
        if self.last < self.start:
            raise ValueError(f"a term must not end before it starts: {self.start} – {self.last}")
        if self.status not in STATUSES:
            raise ValueError(f"not a status of a contract: {self.status!r}")
        if unknown := [level for _, level in self.levels if level not in LEVELS]:
            raise ValueError(f"not an entitlement level (E1): {unknown}")
        firsts = [first for first, _ in self.levels]
        if any(later <= earlier for earlier, later in pairwise(firsts)):
            raise ValueError(f"exactly one level on each day (E1): {firsts}")

    @property
    def is_active(self) -> bool:
        return self.status == ACTIVE

    def level_on(self, day: date) -> str | None:
        """E1: the level on a day; None where none is on record, which is not entitled to anything."""
        in_force = None
        for first, level in self.levels:
            if first > day:
                break
            in_force = level
        return in_force

    def year_of(self, day: date) -> ContractYear | None:
        """E3: the contract year of a local date; None outside the term."""
        return contract_year_of(self.start, self.last, day)

    def overrides_on(self, day: date) -> Mapping[str, Override]:
        """E8: the overrides in force on a day, by target.

        Should two agreements speak of one target on one day, the more generous (doubt goes to the customer).
        """
        in_force: dict[str, Override] = {}
        for override in self.overrides:
            if override.in_force_on(day):
                other = in_force.get(override.target)
                in_force[override.target] = override if other is None else max(other, override, key=_generosity)
        return in_force

    def table_on(self, day: date, edition: PolicyEdition) -> CapTable:
        """E2, E4, E8: every cap in force on a day under the edition that governs its year."""
        table = edition.table(self.level_on(day))
        if not self.overrides:
            return table
        return table.under(self.overrides_on(day), edition.pool_keys)


def _generosity(override: Override) -> tuple[bool, int]:
    if isinstance(override.cap, NoFigure):
        return override.cap is UNLIMITED, -1
    return False, override.cap
