"""The figures of one claim in the order of the document: failures in time (S13), remedy (S8), loss (S9 or S10), credit (S11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from entitlements.rules.spans import Span
from entitlements.rules.working import Step
from sla.rules.credits import Credit, credit
from sla.rules.fees import AnnualFees, FeeLine, annual_fees
from sla.rules.losses import Attempt, RealizedLoss, realized_loss
from sla.rules.rates import RateLoss, rate_method
from sla.rules.remedy import ClaimUnion, Failure, claim_union
from sla.rules.terms import EnterpriseTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """S10: the evidence of a rate instead of documented attempts: profit of the months before, profit completed in the remedy
    period, the time that records cover (None: all of the months), and the reason why no record of attempts exists."""

    profit: Decimal
    completed: Decimal
    reason: str
    evidence: tuple[Span, ...] | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("the method of the rate needs a reason")


@dataclass(frozen=True, slots=True)
class Assessment:
    """S8–S13: every figure of a claim. Its working holds all that went in; `replay` computes it again from there."""

    union: ClaimUnion
    loss: RealizedLoss | RateLoss
    method_reason: str
    fees: AnnualFees
    credit: Credit
    terms: EnterpriseTerms

    @property
    def assessed(self) -> Decimal:
        """S19: the assessed figure, as shown."""
        return self.loss.amount

    @property
    def capped(self) -> Decimal | None:
        """S19: the capped figure; None where no credit can be computed."""
        return self.credit.amount

    @property
    def working(self) -> Step:
        return Step(
            "assessment of the claim",
            "S11",
            self.credit.amount,
            inputs=(("assessed", self.assessed), ("method_reason", self.method_reason)),
            steps=(
                self.terms.working,
                self.union.working,
                self.loss.working,
                self.fees.working,
                self.credit.working,
            ),
        )


def assess(
    failures: Iterable[Failure],
    committed: datetime,
    zone: ZoneInfo,
    terms: EnterpriseTerms,
    *,
    loss: Iterable[Attempt] | Rates,
    months: Mapping[date, Iterable[FeeLine]],
    start: date | None,
    cap: Decimal | None = None,
    credited_before: Decimal = Decimal(),
) -> Assessment:
    """S8–S13: assesses a claim received at `committed` (UTC) in the contract's `zone`, by one method: its attempts (S9) or its
    rates (S10). `failures` are those of one cause on Enterprise terms (S1); fees and rates look back from the earliest that
    counts. `months`, `start` and `cap` are as in `annual_fees` and `credit`. Raises ValueError if no failure was in time.
    """
    union = claim_union(failures, committed, zone, terms)
    occurrence, event = union.counted.first_occurrence, union.counted.first_event
    if occurrence is None or event is None:
        raise ValueError("no failure of the claim was in time")
    lost: RealizedLoss | RateLoss
    if isinstance(loss, Rates):
        spans = union.counted.spans
        lost = rate_method(event, loss.profit, spans, loss.completed, zone, terms, loss.evidence)
    else:
        lost = realized_loss(loss, union.counted.spans)
    fees = annual_fees(months, occurrence, zone, start, terms)
    given = credit(lost.exact, fees.exact, terms, cap, credited_before=credited_before)
    return Assessment(union, lost, loss.reason if isinstance(loss, Rates) else "", fees, given, terms)
