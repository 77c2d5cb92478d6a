"""An activity as it is offered to somebody who would ask for it: what it is, what it needs, what it would use (E9, E12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from typing import Any
from zoneinfo import ZoneInfo

from entitlements.books import Book
from entitlements.card_words import cap_in_words
from entitlements.cards import DAY
from entitlements.free_time import free_times, next_free_times
from entitlements.models import ActivityDescription, Contract
from entitlements.models.policy import description_in
from entitlements.rules.booking_answers import CAP_USED_UP, DAY_IS_OVER, NOT_IN_LEVEL
from entitlements.rules.caps import BookingAnswer, CardLine, year_card
from entitlements.rules.contract_years import ContractYear
from entitlements.rules.days import first_instant, local_day
from entitlements.rules.offered_times import spread
from entitlements.rules.products import PRODUCTS
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span
from entitlements.wording import zone_in_words

NOTICE, NEAR = timedelta(days=1), timedelta(days=45)
"""How soon a time is offered, and how near the end of a year the page says so: figures of ours."""

MOST_LOOKED_AT = 1500
_KEYS = {name: key for key, name in PRODUCTS.items()}


@dataclass(frozen=True)
class Need:
    """One product that the activity asks for in one of its ways, and whether the contract has it."""

    product: str
    there: bool


@dataclass(frozen=True)
class Question:
    """One thing that the activity asks for; `stops`: it cannot be asked for while the answer is *not yet*."""

    key: str
    thing: str
    help: str
    stops: bool


@dataclass(frozen=True)
class Offered:
    """`day` is the day that was wished for; until one is, the first on which it can be asked for, or today. `beyond`: under a
    Professional Services agreement (E7)."""

    book: Book
    activity: str
    described: ActivityDescription
    day: date
    beyond: bool = False

    @property
    def contract(self) -> Contract:
        return self.book.contract

    @cached_property
    def opens_on(self) -> date | None:
        """The first day on which it can be asked for; None: on none of the term, and no form is shown."""
        return self.book.opens_on(self.activity, self.book.today, beyond=self.beyond)

    @property
    def proposed_day(self) -> date | None:
        """What the form begins with: the next place where there is none today, else nothing."""
        return None if self.opens_on == self.book.today else self.opens_on

    @cached_property
    def refusals_today(self) -> list[Refusal]:
        return self.book.refusals(self.activity, self.book.today, beyond=self.beyond)

    @cached_property
    def answer(self) -> BookingAnswer:
        return self.book.answer(self.activity, self.day, beyond=self.beyond)

    @property
    def zone_in_words(self) -> str:
        return zone_in_words(self.contract.tz)

    @property
    def refusals(self) -> list[Refusal]:
        """What stands against the wished day, as the action will see it."""
        if self.day < self.book.today <= self.book.facts.last and self.book.facts.start <= self.day:
            return [DAY_IS_OVER]
        return self.book.refusals(self.activity, self.day, beyond=self.beyond)

    @property
    def may_go_beyond(self) -> bool:
        """E7: it is refused for a cap or N/A, for which a Professional Services agreement may help."""
        return not self.beyond and any(
            one.code in (CAP_USED_UP, NOT_IN_LEVEL) for one in (*self.refusals, *self.refusals_today)
        )

    @property
    def agreement(self) -> str:
        """E7: the agreement that this contract was asked under before, to begin with."""
        return next((one.ps_reference for one in self.book.engagements if one.ps_reference), "")

    @property
    def year_ends_soon(self) -> bool:
        """E5: so near to the year's end that a reader must be told in which year it counts."""
        return self.answer.year is not None and self.answer.year.last - self.day < NEAR

    @cached_property
    def questions(self) -> list[Question]:
        """E9, E12: each thing that is asked for, to be answered with yes, not yet or not sure (C4.2)."""
        asked = [Question("bring", self.described.should_bring, "You need it for the session.", False)]
        if self.described.recommended:
            asked.append(Question("recommended", self.described.recommended, "Good to have; it stops nothing.", False))
        for need in self.required:
            asked.append(Question(f"required_{_key(need)}", need.product, "Required. In use on your side?", True))
        if there := [need.product for need in self.any_of if need.there]:
            asked.append(Question("any_of", " or ".join(there), "One of them is required. In use on your side?", True))
        for need in self.recommended:
            if need.there:
                asked.append(Question(f"better_{_key(need)}", need.product, "Better with it; it stops nothing.", False))
        return asked

    def stopped_by(self, answers: dict[str, Any]) -> list[Refusal]:
        """E9: a required product that is not in use yet stops the request; whoever is not sure may go on."""
        missing = [one.thing for one in self.questions if one.stops and answers.get(one.key) == "not_yet"]
        helps = "Ask once it is in use. Answer “not sure” if we should look at it with you first."
        return [
            Refusal("E9", "not_in_use", f"This activity builds on {thing}, which you do not use yet.", helps)
            for thing in missing
        ]

    @property
    def length(self) -> timedelta:
        """E10: of its first session."""
        return timedelta(minutes=self.described.sessions[0].minutes)

    def earliest(self, now: datetime) -> datetime:
        """The first instant (UTC) at which a time is offered: not at once, and not before the next place opens."""
        opens = first_instant(self.opens_on or self.book.today, self.contract.tz)
        return max(now + NOTICE, opens)

    def next_times(self, after: datetime, zone: ZoneInfo, part: str = "") -> list[datetime]:
        """E15: the next times (UTC) at which an engineer is free, on days on which it can be booked: of the working day of the
        reader's zone, or of a part of it (`rules.offered_times`)."""
        is_open = cache(self._is_open)
        return next_starts(
            self.activity, self.length, after, zone, part, lambda start: is_open(local_day(start, self.contract.tz))
        )

    def is_free(self, start: datetime) -> bool:
        """E15: an engineer is free for it at this instant (UTC)."""
        return bool(free_times(self.activity, length=self.length, within=Span(start, start + self.length), limit=1))

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

    def _is_open(self, day: date) -> bool:
        return not self.book.refusals(self.activity, day, beyond=self.beyond)

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


def next_starts(
    activity: str,
    length: timedelta,
    after: datetime,
    zone: ZoneInfo,
    part: str = "",
    is_open: Callable[[datetime], bool] = lambda _: True,
) -> list[datetime]:
    """E15: the next times (UTC) at which an engineer is free for so long, that are open, and suit the reader's day."""
    free = next_free_times(activity, length=length, after=after, count=MOST_LOOKED_AT)
    return spread((one.start for one in free if is_open(one.start)), zone, part)


def _key(need: Need) -> str:
    return _KEYS[need.product]


def offered(book: Book, activity: str, *, beyond: bool = False) -> Offered | None:
    """The activity as it stands for the contract; None for one that the policy does not know."""
    day = (
        book.opens_on(activity, book.today, beyond=beyond)
        if activity in book.edition_on(book.today).requirements
        else None
    )
    day = day or book.today
    try:
        described = description_in(book.edition_on(day).name, activity)
    except ActivityDescription.DoesNotExist:
        return None
    return Offered(book, activity, described, day, beyond)
