"""S11: the most that an outage can cost: for each customer one credit, within five times the annual fees and the cap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from entitlements.rules.money import cents, exact
from entitlements.rules.working import Step
from sla.rules.fees import AnnualFees
from sla.rules.terms import EnterpriseTerms


@dataclass(frozen=True, slots=True)
class Exposure:
    """S11: the most that one cause can cost for one contract; `cap` None where none is recorded in its currency."""

    key: str
    currency: str
    fees: AnnualFees
    cap: Decimal | None
    terms: EnterpriseTerms

    @property
    def most(self) -> Decimal | None:
        """The lesser of the two caps, whatever the loss; None where it cannot be computed yet."""
        if self.fees.exact is None or self.cap is None:
            return None
        return cents(min(self.fees.exact * self.terms.fee_multiple, exact(self.cap)))

    @property
    def working(self) -> Step:
        figures = (("fee_multiple", self.terms.fee_multiple), ("cap", self.cap), ("currency", self.currency))
        return Step(f"most for {self.key}", "S11", self.most, inputs=figures, steps=(self.fees.working,))


def most_for_a_customer(exposures: Iterable[Exposure]) -> tuple[Exposure, ...]:
    """S12: a customer has a single credit for a cause, under one of its contracts: the one that could cost most, of each currency,
    since sums of two currencies are not compared. None that cannot be computed."""
    most: dict[str, Exposure] = {}
    for one in exposures:
        if one.most is not None:
            most[one.currency] = max(most.get(one.currency, one), one, key=lambda known: known.most or Decimal())
    return tuple(most.values())


def totals(exposures: Iterable[Exposure]) -> dict[str, Decimal]:
    """S11: the sums by currency; those that cannot be computed are not in them."""
    found: dict[str, Decimal] = {}
    for one in exposures:
        found[one.currency] = found.get(one.currency, Decimal()) + (one.most or Decimal())
    return found
