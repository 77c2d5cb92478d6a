"""A contract's book: everything that the booking rules read of it, loaded at once, and what they answer (E2–E9).

The action asks the same rules again under the lock; a page asks them here, a constant number of times whatever it shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject

from entitlements.access import Visitor, contracts_visible_to, keys_of_customers
from entitlements.models import Contract, ContractProduct, Engagement, PolicyEdition, Role
from entitlements.models.worded import rows_of
from entitlements.rules.booking_answers import OUTSIDE_TERM
from entitlements.rules.caps import BookingAnswer, ContractFacts, EngagementFacts, check_booking
from entitlements.rules.days import local_day
from entitlements.rules.editions import PolicyEdition as Edition
from entitlements.rules.editions import edition_for
from entitlements.rules.products import Holding, ProductAnswer, held_on, product_check
from entitlements.rules.refusals import Refusal


def _holding(row: dict[str, Any]) -> Holding:
    first, until = (date.fromisoformat(row[end]) if row[end] else None for end in ("first", "until"))
    return Holding(row["product"], first or date.min, until)


@dataclass(frozen=True)
class Book:
    """A contract with all that the booking rules read of it, as of a local day."""

    contract: Contract
    editions: tuple[Edition, ...]
    holdings: tuple[Holding, ...]
    today: date
    may_book: bool

    @cached_property
    def facts(self) -> ContractFacts:
        return self.contract.facts()

    @cached_property
    def engagements(self) -> list[Engagement]:
        return rows_of(self.contract, "engagements")

    @cached_property
    def engagement_facts(self) -> list[EngagementFacts]:
        return [engagement.facts() for engagement in self.engagements]

    def edition_on(self, day: date) -> Edition:
        """E2: the edition of the contract year of a day; outside the term, of the nearest."""
        year = self.facts.year_of(min(max(day, self.facts.start), self.facts.last))
        return edition_for(self.editions, year.first if year else self.facts.start)

    def answer(self, activity: str, day: date, *, beyond: bool = False) -> BookingAnswer:
        """E6: what the rules would say to a booking on a day; `beyond`: under Professional Services (E7)."""
        agreement = "asked for" if beyond else None
        candidate = EngagementFacts(id="new", activity=activity, day=day, state="requested", ps_reference=agreement)
        return check_booking(self.facts, self.engagement_facts, candidate, self.editions, self.holdings)

    def products(self, activity: str, day: date) -> ProductAnswer:
        """E9: whether the contract's products of a day meet the activity's requirements."""
        return product_check(activity, held_on(day, self.holdings), self.edition_on(day).requirements)

    def refusals(self, activity: str, day: date, *, beyond: bool = False) -> list[Refusal]:
        """What stands against a booking on a day, as the action will see it; an empty list means yes.

        Outside the term there are no products to speak of.
        """
        answer = self.answer(activity, day, beyond=beyond)
        if answer.answer == OUTSIDE_TERM:
            return [refusal for refusal in [answer.refusal] if refusal]
        found = [answer.refusal, self.products(activity, day).refusal]
        return [refusal for refusal in found if refusal]

    def opens_on(self, activity: str, day: date, *, beyond: bool = False) -> date | None:
        """The first day from `day` on at which it can be asked for; None if there is none in the term."""
        if not self.refusals(activity, day, beyond=beyond):
            return day
        return self.answer(activity, day, beyond=beyond).wish.next_place() if self.facts.is_active else None


def book_visible_to(user: Visitor, contract: int, now: datetime) -> Book | None:
    """The book of one contract, in four queries; None if the person may not see it."""
    contracts = contracts_visible_to(user).with_facts().prefetch_related("engagements")
    found = contracts.annotate(**beside("pk")).filter(pk=contract).first()
    return book_of(found, found, user, now) if found else None


def beside(contract: str) -> dict[str, Any]:
    """What else a book needs, as columns of the same query: the editions, and the products."""
    held = ContractProduct.objects.filter(contract=OuterRef(contract)).order_by("days")
    columns = JSONObject(product="product_id", first=F("days__startswith"), until=F("days__endswith"))
    return {
        "published": ArraySubquery(PolicyEdition.objects.published().order_by("valid_from").values("pk")),
        "held": ArraySubquery(held.values(row=columns)),
    }


def book_of(contract: Contract, row: Any, user: Visitor, now: datetime) -> Book:
    """The book of a loaded contract as the person reads it, with the columns of `beside` from the row that has them."""
    return Book(
        contract=contract,
        editions=PolicyEdition.objects.facts(row.published),
        holdings=tuple(map(_holding, row.held)),
        today=local_day(now, contract.tz),
        may_book=contract.customer_id in keys_of_customers(user, Role.OWNER, Role.BOOKINGS),
    )
