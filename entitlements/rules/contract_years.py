"""Contract years (E3): they begin on the subscription's start date and its anniversaries, and partition the term.
Nothing rolls over.

Days are local dates in the contract's zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from entitlements.rules.days import first_instant
from entitlements.rules.spans import Span, span_or_none

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ContractYear:
    """E3: the n-th contract year (from 1), from its first to its last day, both included.

    The last one may be cut short; its caps are full.
    """

    n: int
    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def nearest_to(self, day: date) -> date:
        """The day itself if it lies in the year, else the year's nearest: what a card of another year is shown as of."""
        if day < self.first:
            return self.first
        return day if day <= self.last else self.last

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """The first instant (UTC) after the year in the contract's zone: a request still unscheduled lapses then (E5),
        and so does what is unused (E3).
        """
        return first_instant(self.last + _DAY, zone)

    def span(self, zone: ZoneInfo) -> Span | None:
        """The year as a span of instants; None where the zone skipped all of its days."""
        return span_or_none(first_instant(self.first, zone), self.ends_at(zone))


def contract_years(start: date, last: date) -> tuple[ContractYear, ...]:
    """E3: every contract year of the term from `start` to its last day, both included.

    An extension goes on counting. ValueError if the term ends before it starts.
    """
    _check_term(start, last)
    years: list[ContractYear] = []
    while (year := _year(len(years) + 1, start, last)).first <= last:
        years.append(year)
    return tuple(years)


def contract_year_of(start: date, last: date, day: date) -> ContractYear | None:
    """E3: the contract year in which a local date counts; None outside the term.

    ValueError if the term ends before it starts.
    """
    _check_term(start, last)
    if not start <= day <= last:
        return None
    n = day.year - start.year
    return _year(n + 1 if _anniversary(start, n) <= day else n, start, last)


def _anniversary(start: date, years: int) -> date:
    """Always counted from the original date: 29 February comes on the 28th in common years and on the 29th again in
    leap years.
    """
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return start.replace(year=start.year + years, day=28)


def _year(n: int, start: date, last: date) -> ContractYear:
    return ContractYear(n, _anniversary(start, n - 1), min(_anniversary(start, n) - _DAY, last))


def _check_term(start: date, last: date) -> None:
    if last < start:
        raise ValueError(f"a term must not end before it starts: {start} – {last}")
