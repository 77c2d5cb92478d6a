"""A change of level from a day on, and what it does to the caps of that day and to what is booked (E1, E6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from entitlements.rules.cap_changes import CapChange, cap_effect
from entitlements.rules.contracts import ContractFacts
from entitlements.rules.editions import PolicyEdition
from entitlements.rules.engagements import EngagementFacts
from entitlements.rules.year_books import OverCap


@dataclass(frozen=True, slots=True)
class LevelChange:
    """E6: what a change of level would do. Nothing of what is booked is taken away by it.

    `over` is all that would stand above its cap afterwards, `newly_over` what does not stand above it today. `replaced` are the
    later changes (first day, level) that it takes the place of.
    """

    contract: ContractFacts
    caps: tuple[CapChange, ...]
    over: tuple[OverCap, ...]
    newly_over: tuple[OverCap, ...]
    replaced: tuple[tuple[date, str], ...]


def with_level_from(contract: ContractFacts, level: str, first: date) -> ContractFacts:
    """E1: the contract with a level from a day on to the end of its term; what was planned for later days is replaced.

    ValueError for a day outside the term.
    """
    if not contract.start <= first <= contract.last:
        raise ValueError(f"a level changes on a day of the term: {first}")
    before = tuple(period for period in contract.levels if period[0] < first)
    if before and before[-1][1] == level:
        return replace(contract, levels=before)
    return replace(contract, levels=(*before, (first, level)))


def level_change(
    contract: ContractFacts,
    engagements: Iterable[EngagementFacts],
    editions: Sequence[PolicyEdition],
    level: str,
    first: date,
) -> LevelChange:
    """E6: the caps before and after on the first day, and what would stand above its cap. ValueError for a day outside the term."""
    changed = with_level_from(contract, level, first)
    effect = cap_effect(contract, changed, engagements, editions, first)
    return LevelChange(
        contract=changed,
        caps=effect.caps,
        over=effect.over,
        newly_over=effect.newly_over,
        replaced=tuple(period for period in contract.levels if period[0] > first),
    )
