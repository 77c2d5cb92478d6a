"""What is answered to a wish for a place: allowed or not, the refusal that the reader sees, the next place, and the
working (E6, E7, E14).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

from entitlements.rules.cap_tables import CapLine
from entitlements.rules.cap_values import NOT_AVAILABLE, Cap, as_figure
from entitlements.rules.contract_years import ContractYear, contract_years
from entitlements.rules.contracts import ContractFacts
from entitlements.rules.days import day_in_words
from entitlements.rules.editions import ACTIVITIES, LEVELS, PolicyEdition
from entitlements.rules.engagements import EngagementFacts
from entitlements.rules.products import Holding, held_on, product_check
from entitlements.rules.refusals import Refusal
from entitlements.rules.working import Step
from entitlements.rules.year_books import OverCap, YearBook, year_book

ALLOWED = "allowed"
PROFESSIONAL_SERVICES = "professional_services"
CAP_USED_UP = "cap_used_up"
NOT_IN_LEVEL = "not_available"
OUTSIDE_TERM = "outside_term"
NOT_ACTIVE = "not_active"

DAY_IS_OVER = Refusal("E5", "in_the_past", "That day is over.", "Choose today or a later day.")

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wish:
    """The question: may `candidate` be booked on this contract beside `others` (its engagements without the candidate
    itself)? With `holdings`, the contract's products, a later day must meet the requirements too (E9).
    """

    contract: ContractFacts
    candidate: EngagementFacts
    others: tuple[EngagementFacts, ...]
    editions: tuple[PolicyEdition, ...]
    holdings: tuple[Holding, ...] | None = None

    def book(self, year: ContractYear) -> YearBook:
        """The book of a contract year without the candidate."""
        if year.n not in self._books:
            self._books[year.n] = year_book(self.contract, year, self.others, self.editions)
        return self._books[year.n]

    def fits_on(self, day: date) -> bool:
        """E6, E9: would the same booking be allowed on this day of the term, all else unchanged?"""
        year = self.contract.year_of(day)
        if year is None or self._lacks_a_product(day, self.book(year).edition):
            return False
        return bool(self.candidate.ps_reference) or not any(self.book(year).over_with(replace(self.candidate, day=day)))

    def _lacks_a_product(self, day: date, edition: PolicyEdition) -> bool:
        if self.holdings is None or self.candidate.activity not in edition.requirements:
            return False
        return product_check(self.candidate.activity, held_on(day, self.holdings), edition.requirements).refused

    def next_place(self) -> date | None:
        """E7: the first later day of the term on which the same booking would be allowed; None if there is none."""
        return next((day for day in sorted(self._turns()) if self.fits_on(day)), None)

    def _turns(self) -> set[date]:
        """The later days of the term on which a refusal can turn into a yes: a year, a level or a product begins, an override
        begins or has ended.

        Between two of them cap and pool stay what they are and the count only grows: with an engagement behind that would
        have fallen out of its cap, the candidate itself falls out of the same one.
        """
        contract = self.contract
        turns = {year.first for year in contract_years(contract.start, contract.last)}
        turns.update(first for first, _ in contract.levels)
        turns.update(one.first for one in self.holdings or ())
        turns.update(override.first for override in contract.overrides if override.first)
        turns.update(override.last + _DAY for override in contract.overrides if override.last)
        return {day for day in turns if self.candidate.day < day <= contract.last}

    @cached_property
    def _books(self) -> dict[int, YearBook]:
        return {}


@dataclass(frozen=True)
class BookingAnswer:
    """The answer to a wish for a place.

    `answer` is one of the six words above. `used_with_it` is what is used of `cap` on the wished day with the candidate
    (under Professional Services without it, since it is not counted); both are None outside the term and on a contract
    that is not active. `over` is what would stand above its cap, the candidate first.
    """

    wish: Wish = field(repr=False)
    answer: str
    year: ContractYear | None = None
    line: CapLine | None = None
    used_with_it: int | None = None
    over: tuple[OverCap, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.answer in (ALLOWED, PROFESSIONAL_SERVICES)

    @property
    def cap(self) -> Cap | None:
        """The cap in force on the wished day."""
        return None if self.line is None else self.line.cap

    @property
    def blocked(self) -> tuple[str, ...]:
        """The ids of what would stand above its cap, in order of day, the candidate first."""
        return tuple(one.id for one in self.over)

    @cached_property
    def next_place(self) -> date | None:
        """E7: when the next place opens; None if none does in the term, or if the refusal is not for a cap or N/A."""
        return self.wish.next_place() if self.answer in (CAP_USED_UP, NOT_IN_LEVEL) else None

    @cached_property
    def refusal(self) -> Refusal | None:
        """Why not, for the reader; None if it is allowed."""
        match self.answer:
            case "cap_used_up":
                return Refusal("E6", self.answer, self._over_the_cap(), self._beyond())
            case "not_available":
                return Refusal(
                    self.line.clause if self.line else "E2", self.answer, self._not_included(), self._beyond()
                )
            case "outside_term":
                term = f"{day_in_words(self.wish.contract.start)} to {day_in_words(self.wish.contract.last)}"
                sentence = f"{self._day} lies outside the contract's term, {term}."
                return Refusal("E14", self.answer, sentence, "Choose a day within the term.")
            case "not_active":
                status = self.wish.contract.status
                helps = "Booking is open again once the suspension ends." if status == "suspended" else ""
                return Refusal("E14", self.answer, f"The contract is {status}, so nothing can be booked on it.", helps)
        return None

    @property
    def working(self) -> Step:
        """How the answer came about, step by step."""
        wish = self.wish.candidate
        asked = (("activity", wish.activity), ("day", wish.day), ("status of the contract", self.wish.contract.status))
        return Step("booking", "E6", self.answer, asked, tuple(self._steps()))

    def _steps(self) -> Iterator[Step]:
        contract, candidate = self.wish.contract, self.wish.candidate
        term = (("term's first day", contract.start), ("term's last day", contract.last))
        yield Step("contract year", "E3", self.year.n if self.year else None, term)
        if self.year is None or self.line is None:
            return
        book = self.wish.book(self.year)
        yield Step("edition in force", "E2", book.edition.name, (("year's first day", self.year.first),))
        yield self.line.working
        if candidate.ps_reference:
            yield Step("Professional Services", "E7", candidate.ps_reference, note="not counted")
        counted = [e.id for e in book.counted if e.activity in self.line.activities and e.day <= candidate.day]
        with_it = "used on that day" if candidate.ps_reference else "used on that day with it"
        yield Step(with_it, "E5", self.used_with_it, (("counted till then", tuple(counted)),))
        yield from (one.working for one in self.over)
        if not self.allowed:
            yield Step("next place", "E7", self.next_place)

    @property
    def _day(self) -> str:
        return day_in_words(self.wish.candidate.day)

    @property
    def _year_in_words(self) -> str:
        return f"contract year {self.year.n}" if self.year else "no contract year"

    @property
    def _activity(self) -> str:
        return ACTIVITIES.get(self.wish.candidate.activity, self.wish.candidate.activity)

    def _over_the_cap(self) -> str:
        first = self.over[0]
        counted = " and ".join(ACTIVITIES.get(activity, activity) for activity in first.line.activities)
        cap = 0 if first.cap is NOT_AVAILABLE else as_figure(first.cap)
        number = f"number {first.used} where the cap is {cap} in {self._year_in_words} ({counted})"
        if first.engagement is self.wish.candidate:
            return f"On {self._day} this would be {number}."
        return (
            f"With one more on {self._day}, the one booked for {day_in_words(first.engagement.day)} would be {number}."
        )

    def _not_included(self) -> str:
        line = self.line
        if line is not None and line.override is not None:
            source = f"under {line.override.reference}" if line.override.reference else "under the contract's own terms"
        else:
            source = f"at the level {LEVELS[line.level]}" if line and line.level else "without a level on record"
        return f"{self._activity} is not available on {self._day} {source}."

    def _beyond(self) -> str:
        opens = f"The next place opens on {day_in_words(self.next_place)}." if self.next_place else ""
        opens = opens or "No further place opens before the contract's term ends."
        return f"It may be available through a separate Professional Services agreement. {opens}"
