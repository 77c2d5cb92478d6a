"""What the booking rules read of a contract, in one round trip (E6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from entitlements.models import Contract, ContractProduct, Engagement, EngagementState, PolicyEdition
from entitlements.rules.cap_values import NOT_AVAILABLE, UNLIMITED, Override
from entitlements.rules.caps import BookingAnswer, ContractFacts, EngagementFacts, check_booking
from entitlements.rules.contracts import ACTIVE
from entitlements.rules.editions import PolicyEdition as Edition
from entitlements.rules.editions import edition_for
from entitlements.rules.products import Holding, product_check
from entitlements.rules.refusals import Refusal

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpenBook:
    """A contract as it was read for a day: with the engagements of the day's year and of later ones.

    Outside the term there is no year and no engagement.
    """

    contract: ContractFacts
    engagements: tuple[EngagementFacts, ...]
    editions: tuple[Edition, ...]
    products: tuple[str, ...]
    contract_id: int
    first_of_year: date | None
    year_id: int | None

    def while_active(self) -> OpenBook:
        """The same book as if the contract were active: for a question about caps alone."""
        return replace(self, contract=replace(self.contract, status=ACTIVE))

    def answer(self, candidate: EngagementFacts) -> BookingAnswer:
        """E6: what the rules say to a booking; where they refuse it, with the next day on which its products are there too (E9)."""
        return answer_of(self.contract, self.engagements, candidate, self.editions, self.contract_id)

    def refusals(self, candidate: EngagementFacts) -> list[Refusal]:
        """E6, E9, E14: everything that stands against a booking; an empty list means yes."""
        refusals = [self.answer(candidate).refusal]
        if self.first_of_year:
            edition = edition_for(self.editions, self.first_of_year)
            refusals.append(product_check(candidate.activity, self.products, edition.requirements).refusal)
        return [refusal for refusal in refusals if refusal]


def answer_of(
    contract: ContractFacts,
    engagements: Iterable[EngagementFacts],
    candidate: EngagementFacts,
    editions: Sequence[Edition],
    contract_id: int,
) -> BookingAnswer:
    """E6, E7, E9: as the rules say it. The contract's products are read only where a later place is to be named."""
    engagements = tuple(engagements)
    answer = check_booking(contract, engagements, candidate, editions)
    if answer.next_place is None:
        return answer
    held = ContractProduct.objects.filter(contract=contract_id).values_list("product_id", "days")
    holdings = [Holding(product, days.lower, days.upper) for product, days in held]
    return check_booking(contract, engagements, candidate, editions, holdings)


def open_book(contract_id: int, day: date) -> OpenBook:
    """Read what the rules need for a booking on a day of the contract."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT read_book(%s, %s)", [contract_id, day])
        return as_book(cursor.fetchone()[0], contract_id)


def refusals_against(
    contract: Contract, activity: str, day: date, engagement: Engagement | None = None
) -> list[Refusal]:
    """E6, E9, E14: everything that stands against an engagement on a day, from what the database holds now; an empty list means yes.

    `engagement`: it moves there.
    """
    if engagement is None:
        candidate = EngagementFacts(id="new", activity=activity, day=day, state=EngagementState.REQUESTED)
    else:
        candidate = replace(engagement.facts(), day=day)
    return open_book(contract.pk, day).refusals(candidate)


def as_book(row: list[Any], contract_id: int) -> OpenBook:
    """The book of a contract out of what `read_book` (in migration 0008) answers."""
    status, start, end, zone, year_id, first_of_year, levels, overrides, engagements, products, editions = row
    return OpenBook(
        contract=ContractFacts(
            start=date.fromisoformat(start),
            last=date.fromisoformat(end) - _DAY,
            zone=ZoneInfo(zone),
            levels=tuple((date.fromisoformat(first), level) for first, level in levels or ()),
            status=status,
            overrides=tuple(_override(*one) for one in overrides or ()),
        ),
        engagements=tuple(_engagement(*one) for one in engagements or ()),
        editions=PolicyEdition.objects.facts(editions or ()),
        products=tuple(products or ()),
        contract_id=contract_id,
        first_of_year=date.fromisoformat(first_of_year) if first_of_year else None,
        year_id=year_id,
    )


def _override(
    target: str,
    on_pool: bool,
    unlimited: bool,
    cap: int | None,
    first: str | None,
    end: str | None,
    document: str,
    reason: str,
) -> Override:
    return Override(
        target=target,
        cap=UNLIMITED if unlimited else NOT_AVAILABLE if cap is None else cap,
        first=date.fromisoformat(first) if first else None,
        last=date.fromisoformat(end) - _DAY if end else None,
        reference=document,
        reason=reason,
        on_pool=on_pool,
    )


def _engagement(
    pk: int, activity: str, day: str, state: str, side: str, counted: bool, held: bool, ps_reference: str, back: bool
) -> EngagementFacts:
    return EngagementFacts(
        id=str(pk),
        activity=activity,
        day=date.fromisoformat(day),
        state=state,
        cancelled_by=side or None,
        counted_by_manager=counted,
        first_session_held=held,
        ps_reference=ps_reference or None,
        given_back=back,
    )
