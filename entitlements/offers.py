"""An activity as it is offered to somebody who would ask for it: what it is, what it needs, what it would use (E9, E12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from entitlements.books import Book
from entitlements.cards import DAY, cap_in_words
from entitlements.models import ActivityDescription, Contract
from entitlements.models.policy import description_in
from entitlements.rules.caps import BookingAnswer, CardLine, year_card
from entitlements.rules.contract_years import ContractYear
from entitlements.rules.products import PRODUCTS
from entitlements.rules.refusals import Refusal


@dataclass(frozen=True)
class Need:
    """One product that the activity asks for in one of its ways, and whether the contract has it."""

    product: str
    there: bool


@dataclass(frozen=True)
class Offered:
    """`day` is the day that was wished for; until one is, the first on which it can be asked for, or today."""

    book: Book
    activity: str
    described: ActivityDescription
    day: date

    @property
    def contract(self) -> Contract:
        return self.book.contract

    @cached_property
    def opens_on(self) -> date | None:
        """The first day on which it can be asked for; None: on none of the term, and no form is shown."""
        return self.book.opens_on(self.activity, self.book.today)

    @property
    def proposed_day(self) -> date | None:
        """What the form begins with: the next place where there is none today, else nothing."""
        return None if self.opens_on == self.book.today else self.opens_on

    @cached_property
    def refusals_today(self) -> list[Refusal]:
        return self.book.refusals(self.activity, self.book.today)

    @cached_property
    def answer(self) -> BookingAnswer:
        return self.book.answer(self.activity, self.day)

    @property
    def cap(self) -> str:
        """The cap that it would be counted under, beside which `line` has what is used of it."""
        return cap_in_words(self.line.cap) if self.line else ""

    @cached_property
    def line(self) -> CardLine | None:
        """The line of the year's card that it would be counted on."""
        return self._line_of(self.answer.year)

    @cached_property
    def next_year(self) -> tuple[ContractYear, CardLine] | None:
        """E3: the year after, in which a later day would count, and what its card says of this activity."""
        year = self.answer.year
        after = self.book.facts.year_of(year.last + DAY) if year else None
        line = self._line_of(after)
        return (after, line) if after and line else None

    @property
    def left_next_year(self) -> str:
        return cap_in_words(self.next_year[1].left) if self.next_year else ""

    @property
    def required(self) -> list[Need]:
        return self._needs("required")

    @property
    def any_of(self) -> list[Need]:
        return self._needs("any_of")

    @property
    def recommended(self) -> list[Need]:
        return self._needs("recommended")

    def _needs(self, kind: str) -> list[Need]:
        answer = self.book.products(self.activity, self.day if self.answer.year else self.book.today)
        return [Need(PRODUCTS[key], key in answer.products) for key in getattr(answer.requirement, kind)]

    def _line_of(self, year: ContractYear | None) -> CardLine | None:
        if year is None:
            return None
        on = max(year.first, self.day)
        card = year_card(self.book.facts, year, self.book.engagement_facts, self.book.editions, on)
        return next((line for line in card if self.activity in line.activities), None)


def offered(book: Book, activity: str) -> Offered | None:
    """The activity as it stands for the contract; None for one that the policy does not know."""
    day = book.opens_on(activity, book.today) if activity in book.edition_on(book.today).requirements else None
    day = day or book.today
    try:
        described = description_in(book.edition_on(day).name, activity)
    except ActivityDescription.DoesNotExist:
        return None
    return Offered(book, activity, described, day)
