"""What another zone or another first day would do to a contract's years, and to what counts in them (E3, E5).

Stored ends of years are never recomputed: what they would be otherwise is only shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from entitlements.rules.contract_years import ContractYear, contract_years
from entitlements.rules.contracts import ContractFacts
from entitlements.rules.days import first_instant, local_day
from entitlements.rules.engagements import STANDING, EngagementFacts


@dataclass(frozen=True, slots=True)
class Moved:
    """An engagement that would count on another day, in a year of another number or (None) outside the term."""

    id: str
    day: date
    new_day: date
    year: int | None
    new_year: int | None

    @property
    def to_another_year(self) -> bool:
        return self.year != self.new_year


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """E3: each year with its end as it is stored and as it would be computed in the new zone, and the sessions whose local
    date would be another one."""

    years: tuple[tuple[ContractYear, datetime, datetime], ...]
    moved: tuple[Moved, ...]

    @property
    def obstacles(self) -> tuple[Moved, ...]:
        """E5, E14: what would be in another contract year or out of the term: while there is any, the zone stays."""
        return tuple(one for one in self.moved if one.to_another_year)


@dataclass(frozen=True, slots=True)
class StartChange:
    """E3: the contract years before and after, by number; `obstacles` are the engagements that would change years."""

    before: tuple[ContractYear, ...]
    after: tuple[ContractYear, ...]
    obstacles: tuple[Moved, ...]

    @property
    def pairs(self) -> tuple[tuple[ContractYear | None, ContractYear | None], ...]:
        """Each year by its number, before and after; None where there was, or is, none."""
        longest = max(len(self.before), len(self.after))
        return tuple((_nth(self.before, n), _nth(self.after, n)) for n in range(longest))


def zone_at(instant: datetime, periods: Sequence[tuple[date, ZoneInfo]], last: ZoneInfo) -> ZoneInfo:
    """E3: the zone of a contract at an instant. `periods` are (the day after the last one, zone) in order of time, without the
    one that still holds, which is `last`: a zone holds until the midnight that ends its last day there."""
    for end, zone in periods:
        if instant < first_instant(end, zone):
            return zone
    return last


def zone_change(
    contract: ContractFacts,
    stored: Iterable[tuple[ContractYear, datetime]],
    first_sessions: Iterable[tuple[EngagementFacts, datetime]],
    zone: ZoneInfo,
    follow_ups: Iterable[tuple[EngagementFacts, datetime]] = (),
) -> ZoneChange:
    """E3, E5, E14: what a contract's new zone would do. `stored` are its years with their stored ends; `first_sessions` the
    engagements whose first session lies ahead, with its beginning, and `follow_ups` those whose follow-up does."""
    firsts = (
        Moved(one.id, one.day, local_day(start, zone), *_numbers(contract, one.day, local_day(start, zone)))
        for one, start in first_sessions
        if _has_its_year(one)
    )
    later = (_follow_up(contract, one, start, zone) for one, start in follow_ups if _has_its_year(one))
    return ZoneChange(
        years=tuple((year, ends_at, year.ends_at(zone)) for year, ends_at in stored),
        moved=tuple(one for one in (*firsts, *later) if one.new_day != one.day),
    )


def start_change(contract: ContractFacts, engagements: Iterable[EngagementFacts], first: date) -> StartChange:
    """E3, E5: what another first day would do. ValueError if the term would end before it starts."""
    before, after = contract_years(contract.start, contract.last), contract_years(first, contract.last)
    standing = (one for one in engagements if _has_its_year(one))
    moved = (Moved(one.id, one.day, one.day, _number(before, one.day), _number(after, one.day)) for one in standing)
    return StartChange(before, after, tuple(one for one in moved if one.to_another_year))


def _has_its_year(one: EngagementFacts) -> bool:
    """E5, E7: it counts in its year, or runs in it under Professional Services, which counts nothing and keeps to the term."""
    return one.counts() or (one.ps_reference is not None and one.state in STANDING)


def _follow_up(contract: ContractFacts, one: EngagementFacts, start: datetime, zone: ZoneInfo) -> Moved:
    """E14: a follow-up counts nowhere for itself, and only the end of the term stands in its way."""
    day, number = local_day(start, zone), contract.year_of(one.day)
    n = number.n if number else None
    within = contract.start <= day <= contract.last
    return Moved(one.id, local_day(start, contract.zone), day, n, n if within else None)


def _numbers(contract: ContractFacts, day: date, new_day: date) -> tuple[int | None, int | None]:
    years = contract_years(contract.start, contract.last)
    return _number(years, day), _number(years, new_day)


def _number(years: Iterable[ContractYear], day: date) -> int | None:
    return next((year.n for year in years if day in year), None)


def _nth(years: Sequence[ContractYear], n: int) -> ContractYear | None:
    return years[n] if n < len(years) else None
