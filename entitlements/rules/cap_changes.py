"""What a change of a contract does to its caps of a day, and to what is booked (E6, E8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from entitlements.rules.cap_tables import CapLine
from entitlements.rules.caps import over_cap
from entitlements.rules.contracts import ContractFacts
from entitlements.rules.editions import PolicyEdition, edition_for
from entitlements.rules.engagements import EngagementFacts
from entitlements.rules.year_books import OverCap


@dataclass(frozen=True, slots=True)
class CapChange:
    """The cap in force for an activity on the day of the change, before and after it."""

    activity: str
    before: CapLine
    after: CapLine

    @property
    def differs(self) -> bool:
        return (self.before.cap, self.before.activities) != (self.after.cap, self.after.activities)


@dataclass(frozen=True, slots=True)
class CapEffect:
    """E6: the caps on the first day of a change; `over` is all that would stand above its cap afterwards, `newly_over` what
    does not stand above it today. Nothing of what is booked is taken away.
    """

    caps: tuple[CapChange, ...]
    over: tuple[OverCap, ...]
    newly_over: tuple[OverCap, ...]


def cap_effect(
    before: ContractFacts,
    after: ContractFacts,
    engagements: Iterable[EngagementFacts],
    editions: Sequence[PolicyEdition],
    first: date,
) -> CapEffect:
    """E6, E8: what becomes of the caps of a day and of what is booked. ValueError for a day outside the term."""
    engagements = tuple(engagements)
    year = before.year_of(first)
    if year is None:
        raise ValueError(f"a change begins on a day of the term: {first}")
    edition = edition_for(editions, year.first)
    was, becomes = before.table_on(first, edition), after.table_on(first, edition)
    over = over_cap(after, engagements, editions)
    known = {one.id for one in over_cap(before, engagements, editions)}
    return CapEffect(
        caps=tuple(CapChange(one, was.line_of(one), becomes.line_of(one)) for one in edition.activities),
        over=over,
        newly_over=tuple(one for one in over if one.id not in known),
    )
