"""What a new edition of the policy would change: which contract years it governs, their caps before and after, and what would
stand above its cap (E2, E5, E6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from entitlements.rules.cap_tables import CapLine
from entitlements.rules.cap_values import UNLIMITED
from entitlements.rules.contract_years import ContractYear, contract_years
from entitlements.rules.contracts import ContractFacts
from entitlements.rules.days import day_in_words
from entitlements.rules.editions import D, PolicyEdition, edition_for
from entitlements.rules.engagements import EngagementFacts
from entitlements.rules.level_changes import CapChange
from entitlements.rules.refusals import Refusal
from entitlements.rules.year_books import OverCap, year_book

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class YearChange:
    """E2, E6: what another edition does to a contract year. Nothing of what is booked is taken away by it.

    `caps` are those that differ, each once for every pair of figures that the year's levels bring; `newly_over` what would
    stand above its cap and does not today.
    """

    year: ContractYear
    governed_by: PolicyEdition
    caps: tuple[CapChange, ...]
    newly_over: tuple[OverCap, ...]

    @property
    def gains(self) -> tuple[CapChange, ...]:
        return tuple(one for one in self.caps if _worth(one.after) > _worth(one.before))

    @property
    def loses(self) -> tuple[CapChange, ...]:
        return tuple(one for one in self.caps if _worth(one.after) < _worth(one.before))


def is_governed_anew(day: date, editions: Sequence[D], new: D) -> bool:
    """E2, S1: whether a contract year that begins, or a failure that occurs, on this day would come under the new edition."""
    return edition_for((*editions, new), day) is new


def begun_years_stay(begun: Iterable[date], editions: Sequence[PolicyEdition], new: PolicyEdition) -> Refusal | None:
    """E2: an edition governs a whole contract year from its first day, so it must not take over one that has begun.

    `begun` are the first days of all years that have begun. None if nothing stands against it.
    """
    taken = sorted(first for first in begun if is_governed_anew(first, editions, new)) if editions else []
    if not taken:
        return None
    years = "A contract year" if len(taken) == 1 else f"{len(taken)} contract years"
    return Refusal(
        "E2",
        "years_have_begun",
        f"{years} that began by {day_in_words(taken[-1])} would be counted anew by it.",
        f"Let it hold from a day after {day_in_words(taken[-1])}.",
    )


def year_changes(
    contract: ContractFacts,
    engagements: Iterable[EngagementFacts],
    editions: Sequence[PolicyEdition],
    new: PolicyEdition,
) -> tuple[YearChange, ...]:
    """E2: each year of the contract that the new edition would govern, with its caps before and after.

    `editions` are the published ones, `new` none of them.
    """
    counted = [one for one in engagements if one.counts()]
    years = contract_years(contract.start, contract.last)
    governed = [year for year in years if is_governed_anew(year.first, editions, new)]
    return tuple(_change(contract, year, counted, editions, new) for year in governed)


def _change(
    contract: ContractFacts,
    year: ContractYear,
    counted: Iterable[EngagementFacts],
    editions: Sequence[PolicyEdition],
    new: PolicyEdition,
) -> YearChange:
    before, after = (year_book(contract, year, counted, known) for known in (editions, (*editions, new)))
    known = {one.id for one in before.over()}
    return YearChange(
        year=year,
        governed_by=before.edition,
        caps=tuple(_caps(contract, year, before.edition, new)),
        newly_over=tuple(one for one in after.over() if one.id not in known),
    )


def _caps(contract: ContractFacts, year: ContractYear, old: PolicyEdition, new: PolicyEdition) -> Iterable[CapChange]:
    """The caps that differ on any day of the year: they can change only where a level or an override begins or ends."""
    found: dict[object, CapChange] = {}
    for day in _turns(contract, year):
        was, becomes = contract.table_on(day, old), contract.table_on(day, new)
        for activity in dict.fromkeys([*old.activities, *new.activities]):
            change = CapChange(activity, was.line_of(activity), becomes.line_of(activity))
            if change.differs:
                figures = (activity, change.before.level, change.before.cap, change.after.cap)
                found.setdefault(figures, change)
    return found.values()


def _turns(contract: ContractFacts, year: ContractYear) -> list[date]:
    levels = (first for first, _ in contract.levels)
    overrides = chain.from_iterable((one.first, one.last and one.last + _DAY) for one in contract.overrides)
    return sorted({year.first, *(day for day in chain(levels, overrides) if day and day in year)})


def _worth(line: CapLine) -> tuple[bool, int, bool]:
    """Without limit before any number, a number before N/A; as many of one's own are worth more than in a pool."""
    return line.cap is UNLIMITED, line.cap if isinstance(line.cap, int) else -1, not line.is_pool
