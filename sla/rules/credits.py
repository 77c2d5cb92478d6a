"""S11: the credit for one cause: the least of the remedy amount, five times the annual fees, and the cap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from entitlements.rules.money import cents, exact
from entitlements.rules.refusals import Refusal
from entitlements.rules.working import Step
from sla.rules.terms import EnterpriseTerms


class Bound(StrEnum):
    """S11: which of the three is the least; equal ones are named in this order."""

    REMEDY = "remedy"
    FEES = "fees"
    CAP = "cap"


@dataclass(frozen=True, slots=True)
class Credit:
    """S11: a credit with its three bounds, exact. `annual` is None where no month of fees counts: then there is no credit."""

    remedy_amount: Fraction
    annual: Fraction | None
    cap: Fraction
    credited_before: Fraction
    terms: EnterpriseTerms

    @property
    def fees_bound(self) -> Fraction | None:
        """Five times the annual fees."""
        return None if self.annual is None else self.annual * self.terms.fee_multiple

    @property
    def working_of_fees_bound(self) -> Step:
        """The first of the two caps by itself: the multiple of the annual fees, as it stands without any claim."""
        return Step(
            "annual fees times the multiple",
            "S11",
            None if self.fees_bound is None else cents(self.fees_bound),
            inputs=(("annual", self.annual), ("fee_multiple", self.terms.fee_multiple)),
        )

    @property
    def bound(self) -> Bound | None:
        """The least of the three, the first of equals; None where there is no credit."""
        if self.fees_bound is None:
            return None
        bounds = {Bound.REMEDY: self.remedy_amount, Bound.FEES: self.fees_bound, Bound.CAP: self.cap}
        return min(bounds, key=bounds.__getitem__)

    @property
    def amount(self) -> Decimal | None:
        """The credit, rounded once; None where no credit can be computed."""
        return None if self.fees_bound is None else cents(min(self.remedy_amount, self.fees_bound, self.cap))

    @property
    def is_limited(self) -> bool:
        """Whether fees or cap make it less than the remedy amount."""
        return self.bound in (Bound.FEES, Bound.CAP)

    @property
    def refusal(self) -> Refusal | None:
        """Why there is no credit, or None."""
        if self.amount is not None:
            return None
        return Refusal(
            "S11",
            "no_fees",
            "No credit can be computed: no month of fees before the failure is on record.",
            "Record the fees of the three calendar months before the month of the failure.",
        )

    @property
    def other_readings(self) -> tuple[tuple[str, Decimal], ...]:
        """S11: the cap is read *per credit*. The sentence can also mean a cap on annual fees, or on all credits together.

        What each would give, for both approvers; empty where neither would give another figure.
        """
        if self.amount is None or self.annual is None:
            return ()
        by_fees = min(self.remedy_amount, min(self.annual, self.cap) * self.terms.fee_multiple)
        left = max(self.cap - self.credited_before, Fraction())
        together = min(exact(self.amount), left)
        readings = (("cap on annual fees", cents(by_fees)), ("cap on all credits together", cents(together)))
        return readings if any(figure != self.amount for _, figure in readings) else ()

    @property
    def working(self) -> Step:
        return Step(
            "credit",
            "S11",
            self.amount,
            inputs=(
                ("bound", self.bound and self.bound.value),
                ("remedy_amount", self.remedy_amount),
                ("annual", self.annual),
                ("fee_multiple", self.terms.fee_multiple),
                ("fees_bound", self.fees_bound),
                ("cap", self.cap),
                ("cap_scope", self.terms.credit_cap_scope),
                ("credited_before", self.credited_before),
            ),
            steps=tuple(Step(f"other reading: {name}", "S11", figure) for name, figure in self.other_readings),
        )


def credit(
    remedy_amount: Decimal | Fraction,
    annual: Decimal | Fraction | None,
    terms: EnterpriseTerms,
    cap: Decimal | Fraction | None = None,
    *,
    credited_before: Decimal | Fraction = Decimal(),
) -> Credit:
    """S11: the least of the three bounds, all in the contract's currency. Hand in the exact figures, not the rounded ones.

    `annual` is None where no month of fees counts. `cap` is the sum recorded in a contract that is not in the cap's
    currency (`recorded_cap`); None: the edition's. `credited_before` is what all other causes were credited; it only feeds
    the other reading of the cap. Raises ValueError for a figure below zero.
    """
    figures = (
        exact(remedy_amount),
        None if annual is None else exact(annual),
        exact(terms.credit_cap if cap is None else cap),
        exact(credited_before),
    )
    if any(figure is not None and figure < 0 for figure in figures):
        raise ValueError("a bound of a credit is never below zero")
    return Credit(*figures, terms)


@dataclass(frozen=True, slots=True)
class ConvertedCap:
    """S11: the cap in another currency, as recorded at approval, with the rate and its date."""

    currency: str
    amount: Decimal
    rate: Decimal
    day: date


def recorded_cap(currency: str, terms: EnterpriseTerms, recorded: ConvertedCap | None) -> Decimal | None:
    """S11: the cap that holds in a contract's currency; None where none is recorded yet, and then nothing can be approved."""
    if currency == terms.credit_cap_currency:
        return terms.credit_cap
    return recorded.amount if recorded is not None and recorded.currency == currency else None
