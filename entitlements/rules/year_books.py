"""The book of one contract year: what is counted in it, day by day, against the cap in force on each day (E5, E6)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from entitlements.rules.cap_tables import CapLine, CapTable
from entitlements.rules.cap_values import Cap, as_figure, within
from entitlements.rules.contract_years import ContractYear
from entitlements.rules.contracts import ContractFacts
from entitlements.rules.editions import PolicyEdition, edition_for
from entitlements.rules.engagements import EngagementFacts
from entitlements.rules.working import Step


@dataclass(frozen=True, slots=True)
class OverCap:
    """E6: a counted engagement that stands above the cap in force on its own day, as number `used` of it."""

    engagement: EngagementFacts
    line: CapLine
    used: int

    @property
    def id(self) -> str:
        return self.engagement.id

    @property
    def cap(self) -> Cap:
        return self.line.cap

    @property
    def working(self) -> Step:
        """The step that says so: the day, the line and the level that it is counted under, and both figures."""
        return Step(
            "over the cap on its day",
            "E6",
            self.id,
            inputs=(
                ("day", self.engagement.day),
                ("activity", self.engagement.activity),
                ("counted under", self.line.target),
                ("level", self.line.level),
                ("used", self.used),
                ("cap", as_figure(self.cap)),
            ),
        )


@dataclass(frozen=True)
class YearBook:
    """The counted engagements of one contract year in order of their days, under the edition that governs the year."""

    contract: ContractFacts
    edition: PolicyEdition
    counted: tuple[EngagementFacts, ...]

    def line_of(self, engagement: EngagementFacts) -> CapLine:
        """The cap in force for an engagement on its own day."""
        table = self._tables.get(engagement.day)
        if table is None:
            table = self._tables[engagement.day] = self.contract.table_on(engagement.day, self.edition)
        return table.line_of(engagement.activity)

    def count(self, line: CapLine, day: date) -> int:
        """E6: the counted engagements of the line's activities, dated on or before the day.

        Two on one day are in each other's count.
        """
        if line.activities not in self._days:
            self._days[line.activities] = [e.day for e in self.counted if e.activity in line.activities]
        return bisect_right(self._days[line.activities], day)

    def over(self) -> Iterator[OverCap]:
        """E6: what stands above its cap, in order of day."""
        for engagement in self.counted:
            line = self.line_of(engagement)
            used = self.count(line, engagement.day)
            if not within(used, line.cap):
                yield OverCap(engagement, line, used)

    def over_with(self, candidate: EngagementFacts) -> Iterator[OverCap]:
        """E6: what would stand above its cap with one more: the candidate first, then, of those dated on or after it,
        each into whose count it enters.
        """
        later = bisect_left(self._all_days, candidate.day)
        for engagement in (candidate, *self.counted[later:]):
            line = self.line_of(engagement)
            if candidate.activity in line.activities:
                used = self.count(line, engagement.day) + 1
                if not within(used, line.cap):
                    yield OverCap(engagement, line, used)

    @cached_property
    def _all_days(self) -> list[date]:
        return [engagement.day for engagement in self.counted]

    @cached_property
    def _days(self) -> dict[tuple[str, ...], list[date]]:
        return {}

    @cached_property
    def _tables(self) -> dict[date, CapTable]:
        return {}


def year_book(
    contract: ContractFacts,
    year: ContractYear,
    engagements: Iterable[EngagementFacts],
    editions: Sequence[PolicyEdition],
) -> YearBook:
    """The book of a contract year, out of any engagements of the contract: those that count (E5) and whose day lies in
    it.
    """
    counted = sorted((e for e in engagements if e.day in year and e.counts()), key=_day)
    return YearBook(contract, edition_for(editions, year.first), tuple(counted))


def _day(engagement: EngagementFacts) -> date:
    return engagement.day
