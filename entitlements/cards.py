"""Year cards and offers as people read them: the rules' answers beside the rows that they are about (E2–E9).

A page asks the database a constant number of times, however many contracts, lines and engagements it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from entitlements.access import Visitor, keys_of_customers, may_manage, of_contracts_visible_to
from entitlements.books import Book, beside, book_of
from entitlements.card_rows import Bar, Offer, Row
from entitlements.card_words import cap_in_words
from entitlements.models import Contract, ContractYear, Engagement, EngagementState
from entitlements.models.worded import Worded, read_with
from entitlements.rules.caps import CardLine, year_card
from entitlements.rules.days import local_day
from entitlements.rules.editions import ACTIVITIES, LEVELS, PolicyEdition
from entitlements.rules.refusals import Refusal
from entitlements.wording import zone_in_words

DAY = timedelta(days=1)
SCHEDULED = EngagementState.SCHEDULED


@dataclass(frozen=True)
class LevelSpan:
    """The days of a contract year at one level, with the caps in force today or on the day next to it, by activity."""

    level: str
    first: date
    last: date
    caps: list[str]


@dataclass(frozen=True)
class Card:
    """A contract year as its customer sees it."""

    book: Book
    year: ContractYear

    @property
    def contract(self) -> Contract:
        return self.book.contract

    @property
    def edition(self) -> PolicyEdition:
        return self.book.edition_on(self.year.first_day)

    @property
    def zone_in_words(self) -> str:
        return zone_in_words(self.contract.tz)

    @property
    def is_current(self) -> bool:
        return runs_on(self.year, self.book.today)

    @property
    def is_over(self) -> bool:
        """E3, E14: with its last day, or with the term's if that ended before it."""
        return min(self.year.last_day, self.contract.last_day) < self.book.today

    @property
    def ends_early(self) -> bool:
        """E14: the term ends before the year would."""
        return self.contract.last_day < self.year.last_day

    @property
    def is_terminated(self) -> bool:
        """E14: nothing more can be booked, whatever is left."""
        return self.contract.status == Contract.Status.TERMINATED

    @property
    def next_level(self) -> LevelSpan | None:
        """E6: the level to which the contract changes later in this year; None if it stays."""
        return next((span for span in self.levels if span.first > self.book.today), None)

    @property
    def resets_on(self) -> date | None:
        """E3: the first day of the next year; None in the last one."""
        return self.year.last_day + DAY if self.year.last_day < self.contract.last_day else None

    @property
    def refusal(self) -> Refusal | None:
        """E14: what stands against any booking on the contract."""
        answer = self.book.answer(self.edition.activities[0], self._first_bookable_day)
        return answer.refusal if answer.answer == "not_active" else None

    @property
    def share_of_year(self) -> int:
        """How much of the year is over at the end of today, in hundredths."""
        days = (self.year.last_day - self.year.first_day).days + 1
        return max(0, min(100, 100 * ((self.book.today - self.year.first_day).days + 1) // days))

    @cached_property
    def rows(self) -> list[Row]:
        lines = year_card(
            self.book.facts, self.year.facts(), self.book.engagement_facts, self.book.editions, self.book.today
        )
        return [self._row(line) for line in lines]

    @cached_property
    def totals(self) -> dict[str, int]:
        """Of the lines whose cap is a number: what they allow, and what is used and left of it."""
        counted = [row.line for row in self.rows if isinstance(row.line.cap, int)]
        return {
            "cap": sum(line.cap for line in counted if isinstance(line.cap, int)),
            "used": sum(line.used for line in counted),
            "left": sum(line.left for line in counted if isinstance(line.left, int)),
        }

    @property
    def booked(self) -> list[tuple[str, Engagement]]:
        """What is scheduled for today or a later day of this year, the next first, each with its activity's name."""
        year, today = self.year.facts(), self.book.today
        ahead = [
            one for one in self.book.engagements if one.state == SCHEDULED and one.day >= today and one.day in year
        ]
        return [(self.name_of(one.activity_id), one) for one in sorted(ahead, key=lambda one: (one.day, one.pk))]

    @property
    def lacking(self) -> list[tuple[int, str]]:
        """E9: how many of the places left need which products that the contract does not include."""
        sums: dict[str, int] = {}
        for row in self.rows:
            if row.lacks and isinstance(row.line.left, int):
                sums[row.lacks] = sums.get(row.lacks, 0) + row.line.left
        return [(places, products) for products, places in sums.items()]

    @property
    def to_be_had(self) -> int:
        """Of what is left, what can be booked with the products that the contract includes (E9)."""
        return self.totals["left"] - sum(places for places, _ in self.lacking)

    @cached_property
    def levels(self) -> list[LevelSpan]:
        """E1, E6: the levels of this year, with their caps."""
        year, facts = self.year.facts(), self.book.facts
        starts = [year.first, *(first for first, _ in facts.levels if year.first < first <= year.last)]
        ends = [*(first - DAY for first in starts[1:]), year.last]
        return [self._span(first, last) for first, last in zip(starts, ends, strict=True)]

    @property
    def caps_by_level(self) -> list[tuple[str, list[str]]]:
        """Each activity with its cap at each level of the year."""
        columns = [span.caps for span in self.levels]
        names = [self.name_of(key) for key in self.edition.activities]
        return [(name, list(caps)) for name, *caps in zip(names, *columns, strict=True)]

    @cached_property
    def overrides(self) -> list[dict[str, Any]]:
        """E8: what binding agreements put in the place of the policy in this year, each beside the policy's own cap."""
        year, found = self.year.facts(), []
        for override in self.book.facts.overrides:
            first, last = max(year.first, override.first or year.first), min(year.last, override.last or year.last)
            if first <= last:
                level = self.book.facts.level_on(max(first, min(last, self.book.today)))
                policy = self.edition.table(level).line_of(override.target).policy
                found.append(
                    {
                        "name": self.name_of(override.target),
                        "policy": cap_in_words(policy),
                        "first": first,
                        "last": last,
                    }
                    | {"cap": cap_in_words(override.cap), "document": override.reference, "reason": override.reason}
                )
        return found

    @property
    def _first_bookable_day(self) -> date:
        """A day of the term, also of a year in which none is left."""
        return min(max(self.book.today, self.year.first_day), self.contract.last_day)

    def _row(self, line: CardLine) -> Row:
        year = self.year.facts()
        behind = [one for one in self.book.engagements if one.day in year and one.activity_id in line.activities]
        offers = [self._offer(activity) for activity in line.activities] if self._can_still_be_asked else []
        meetings = self.edition.sessions[line.activities[0]] if len(line.activities) == 1 else ()
        return Row(
            line, self.name_of(line.target), behind, offers, self._bar(line), self._names, self.is_over, meetings
        )

    @property
    def _can_still_be_asked(self) -> bool:
        return self.book.today <= self.year.last_day and self.refusal is None

    def _offer(self, activity: str) -> Offer:
        day = self._first_bookable_day
        refusals = self.book.refusals(activity, day)
        opens = self.book.opens_on(activity, day)
        missing = self.book.products(activity, day)
        out_of_reach = missing.refused and (opens is None or opens > self.year.last_day)
        lacks = missing.lacking if out_of_reach else ""
        return Offer(activity, self.name_of(activity), refusals[0] if refusals else None, opens, lacks)

    def _bar(self, line: CardLine) -> Bar | None:
        if not isinstance(line.cap, int) or not (whole := max(line.cap, line.used)):
            return None
        done, held = (100 * figure // whole for figure in (line.delivered + line.kept, line.held))
        share = self.share_of_year * line.cap // whole if self.is_current else None
        return Bar(done, held, 100 * line.cap // whole, share)

    def _span(self, first: date, last: date) -> LevelSpan:
        table = self.book.facts.table_on(min(max(self.book.today, first), last), self.edition)
        lines = [table.line_of(key) for key in self.edition.activities]
        caps = [cap_in_words(line.cap) + (" in all" if line.is_pool else "") for line in lines]
        return LevelSpan(LEVELS.get(table.level or "", "No level"), first, last, caps)

    def name_of(self, target: str) -> str:
        """The name of an activity, or of a pool of the year's edition."""
        return self._names.get(target, target)

    @cached_property
    def _names(self) -> dict[str, str]:
        return {pool.key: pool.name for pool in self.edition.pools} | dict(ACTIVITIES)


def years_visible_to(user: Visitor, *, of_the_contract_of: int | None = None) -> list[ContractYear]:
    """Every contract year that the person may see, the latest first, with its contract and what a card needs beside it; with the
    key of a year, only those of its contract.
    """
    if of_the_contract_of is None and not may_manage(user):
        return _OF_CUSTOMERS(*keys_of_customers(user))
    visible = of_contracts_visible_to(user)
    of_it = Q() if of_the_contract_of is None else Q(contract__years=of_the_contract_of)
    return list(_years(ContractYear.objects.filter(visible).filter(of_it)))


def _years(visible: QuerySet[ContractYear]) -> QuerySet[ContractYear]:
    years = visible.select_related("contract__customer").annotate(**beside("contract"))
    return years.order_by("contract__customer__name", "contract__order_form", "-n")


_OF_CUSTOMERS = Worded(lambda *keys: _years(ContractYear.objects.filter(contract__customer__in=keys)))


def cards_of(years: Sequence[ContractYear], user: Visitor, now: datetime) -> list[Card]:
    """The cards of these years (of `years_visible_to`) as the person reads them, in one query."""
    read_with([year.contract for year in years], "levels", "overrides", "engagements")
    return [Card(book_of(year.contract, year, user, now), year) for year in years]


def current_years(years: Sequence[ContractYear], now: datetime) -> list[ContractYear]:
    """Those that run today, by the local date of their contracts."""
    return [year for year in years if runs_on(year, local_day(now, year.contract.tz))]


def runs_on(year: ContractYear, day: date) -> bool:
    """E3, E14: whether a day lies in the year, and in the term."""
    return day in year.facts() and day <= year.contract.last_day


def card_of(years: Sequence[ContractYear], pk: int, user: Visitor, now: datetime) -> Card | None:
    """The card of one of these years (of `years_visible_to`); None if it is none of them."""
    return next(iter(cards_of([one for one in years if one.pk == pk], user, now)), None)
