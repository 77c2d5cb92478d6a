"""Where the running contract years stand today: used, left, over, and what will lapse (E3, E5, E6). For many contracts at once.

A page asks the database a constant number of times, however many contracts it shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet

from entitlements.cards import runs_on
from entitlements.models import Activity, Contract, ContractYear, Customer, Level, PolicyEdition
from entitlements.models.worded import Worded, read_with, rows_of
from entitlements.rules.cap_values import UNLIMITED
from entitlements.rules.caps import CardLine, ContractFacts, EngagementFacts, OverCap, unused, year_book, year_card
from entitlements.rules.days import local_day
from entitlements.rules.editions import PolicyEdition as Edition
from entitlements.rules.editions import edition_for
from entitlements.rules.forecasts import SHORTEST_HISTORY, Forecast, forecast_unused
from entitlements.rules.year_cards import lapsing
from entitlements.wording import counted

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """One contract year that runs today (a day of the contract's zone), with all the contract's engagements."""

    year: ContractYear
    contract: Contract
    facts: ContractFacts
    engagements: Sequence[EngagementFacts]
    editions: Sequence[Edition]
    today: date

    @property
    def level(self) -> str:
        level = self.facts.level_on(self.today)
        return Level(level).label if level else "none on record"

    @property
    def days_left(self) -> int:
        """Whole days until the year's last one; on that day 0."""
        return (self.year.last_day - self.today).days

    @property
    def edition(self) -> Edition:
        """E2: the edition that governs the year."""
        return edition_for(self.editions, self.year.first_day)

    @cached_property
    def card(self) -> tuple[CardLine, ...]:
        return year_card(self.facts, self.year.facts(), self.engagements, self.editions, self.today)

    @property
    def unused(self) -> int:
        """E3: the places that lapse with the year if nothing is booked."""
        return unused(self.card)

    @property
    def left(self) -> list[CardLine]:
        """The lines of which a number is left."""
        return [line for line, _ in lapsing(self.card)]

    @property
    def exhausted(self) -> list[CardLine]:
        """The lines whose cap is a number above zero and used up."""
        return [line for line in self.card if isinstance(line.cap, int) and line.cap and line.left == 0]

    @cached_property
    def over(self) -> list[OverCap]:
        """E6: the engagements that stand above a cap that was lowered after they were booked."""
        book = year_book(self.facts, self.year.facts(), self.engagements, self.editions)
        return list(book.over())

    @property
    def may_lapse(self) -> int:
        """PL3: how many places will likely lapse; where there is too little to go by, as many as are left."""
        return self.forecast.likely if self.forecast else self.unused

    @property
    def too_little_data(self) -> str:
        """PL3: why there is no forecast."""
        days = (self.today - self.contract.first_day).days + 1
        if days < SHORTEST_HISTORY.days:
            return f"on record for {counted(days, 'day')} only"
        return "no session in the past 12 months"

    @cached_property
    def forecast(self) -> Forecast | None:
        """PL3: how many places will lapse at the customer's pace; None where there is too little to go by."""
        days = (one.day for one in self.engagements if one.counts())
        return forecast_unused(
            self.unused, days, start=self.contract.first_day, today=self.today, last=self.year.last_day
        )


@dataclass(frozen=True)
class Utilisation:
    """Of the places of an activity or pool at one level, over all running years: what is delivered, held, and kept although it
    ended otherwise (E5)."""

    entitled: int
    delivered: int
    held: int
    kept: int

    @property
    def used(self) -> int:
        return self.delivered + self.held + self.kept

    @property
    def done(self) -> int:
        """PL1: what is drawn solid, as on the cards."""
        return self.delivered + self.kept

    @property
    def percent(self) -> int:
        """Used of entitled in whole hundredths, rounded half up as every figure that is shown."""
        return (200 * self.used + self.entitled) // (2 * self.entitled) if self.entitled else 0


def running_standings(
    now: datetime, *, ending_within: timedelta | None = None, most: int | None = None
) -> list[Standing]:
    """Every contract year of an active contract that runs at `now` (UTC), the soonest to end first.

    `ending_within`: only those whose last day is no further than that from today. `most`: only so many of them, the first to end.
    """
    running = _running(_active_years(ending_within, most)(now.date(), now), now)
    if ending_within is not None:
        running = [one for one in running if one.days_left <= ending_within.days]
    return running


def standings_of(customer: Customer, now: datetime) -> list[Standing]:
    """The contract years of one customer that run at `now` (UTC), whatever the contracts' states."""
    return _running(list(_years_around(now.date()).filter(contract__customer=customer)), now)


@cache
def _active_years(ending_within: timedelta | None, most: int | None) -> Worded:
    """Of a day of UTC and a moment in it: what may run then in some zone, and end so soon, the first to end first."""

    def asked(today: date, now: datetime) -> QuerySet[ContractYear]:
        years = _years_around(today).filter(contract__status=Contract.Status.ACTIVE)
        if ending_within is not None:
            years = years.filter(closed_at__isnull=True, ends_at__lte=now + ending_within + 3 * DAY)
        return years.order_by("ends_at", "pk")[:most]

    return Worded(asked)


def _years_around(today: date) -> QuerySet[ContractYear]:
    """What runs on a day of UTC in some zone, each with its contract, and with the editions that are `published`."""
    published = ArraySubquery(PolicyEdition.objects.published().order_by("valid_from").values("pk"))
    years = ContractYear.objects.filter(days__overlap=DateRange(today - DAY, today + 2 * DAY))
    return years.select_related("contract__customer").annotate(published=published)


def _running(years: Sequence[Any], now: datetime) -> list[Standing]:
    read_with([year.contract for year in years], "levels", "overrides", "engagements")
    editions = PolicyEdition.objects.facts(years[0].published) if years else ()
    running = [one for one in (_standing(year, editions, now) for year in years) if runs_on(one.year, one.today)]
    return sorted(running, key=lambda one: (one.year.last_day, one.contract.customer.name, one.year.pk))


def _standing(year: ContractYear, editions: Sequence[Edition], now: datetime) -> Standing:
    contract = year.contract
    engagements = [engagement.facts() for engagement in rows_of(contract, "engagements")]
    return Standing(year, contract, contract.facts(), engagements, editions, local_day(now, contract.tz))


def standing_of(year: ContractYear, now: datetime) -> Standing:
    """How one contract year stands at `now` (UTC), whatever the contract's state."""
    return _standing(year, PolicyEdition.objects.facts(), now)


def utilisation(standings: Iterable[Standing]) -> Mapping[str, Mapping[str, Utilisation]]:
    """By the key of an activity or pool, then by level: over the years that run. What is N/A or without limit is left out."""
    sums: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0, 0]))
    for one in standings:
        for line in one.card:
            if isinstance(line.cap, int):
                for place, figure in enumerate((line.cap, line.delivered, line.held, line.kept)):
                    sums[line.target][one.level][place] += figure
    return {target: {level: Utilisation(*found) for level, found in levels.items()} for target, levels in sums.items()}


def instead_of_a_figure(standings: Sequence[Standing], target: str, level: str) -> str:
    """E2, E4, E8: why there is no figure for an activity or pool at a level: it has no limit, is counted in a pool, its activities are
    counted by themselves, or it is N/A.
    """
    lines = [line for one in standings if one.level == level for line in one.card]
    if any(line.target == target and line.cap is UNLIMITED for line in lines):
        return "no limit"
    if any(line.is_pool and target in line.activities for line in lines):
        return "in a pool"
    of_its_own = {line.target for line in lines if isinstance(line.cap, int)}
    pooled = {key for one in standings for line in one.card if line.target == target for key in line.activities}
    return "each by itself" if pooled - {target} and pooled & of_its_own else "N/A"


def behind(
    standings: Iterable[Standing], target: str, level: str
) -> tuple[list[tuple[Standing, CardLine]], Utilisation]:
    """PL1: the years that are summed in one figure of `utilisation`, each with its line, and that figure."""
    found = [
        (one, line)
        for one in standings
        for line in one.card
        if (line.target, one.level) == (target, level) and isinstance(line.cap, int)
    ]
    return found, utilisation([one for one, _ in found]).get(target, {}).get(level, Utilisation(0, 0, 0, 0))


def names_of_lines(standings: Iterable[Standing]) -> dict[str, str]:
    """What a line of a card is called, by its key: an activity by its name, a pool by those of its activities."""
    activities = dict(Activity.objects.values_list("key", "name"))
    lines = {line.target: line.activities for one in standings for line in one.card}
    return {target: " or ".join(activities[key] for key in keys) for target, keys in lines.items()}
