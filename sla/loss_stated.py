"""What a customer states of a claim, as the rules read it: its loss by the one method or the other, and its own times (S8–S10)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sla.models import Claim, Failure, LostTransaction
from sla.rules.assessment import Rates
from sla.rules.losses import Attempt, claimed
from sla.rules.rates import rate_method
from sla.rules.remedy import Failure as CountedFailure
from sla.rules.terms import EnterpriseTerms


def loss_of(claim: Claim, lines: Iterable[LostTransaction] | None, zone: ZoneInfo) -> list[Attempt] | Rates:
    """S9, S10: one method a claim. What was listed before the other was chosen stays on record and does not count. `zone`: the
    contract's at the failure."""
    if claim.method == Claim.Method.RATE and lines is None:
        return claim.rate_basis.facts(zone)
    return [line.facts() for line in (claim.transactions.all() if lines is None else lines)]


def claimed_of(
    loss: list[Attempt] | Rates,
    failures: list[Failure],
    zone: ZoneInfo,
    terms: EnterpriseTerms,
    committed: datetime,
) -> Decimal:
    """S19: what the customer claims, whatever is found: its lines as stated, or its rates for the time that it states."""
    if not isinstance(loss, Rates):
        return claimed(loss)
    stated = [one for failure in failures for one in as_stated_by(failure, terms, committed)]
    if not stated:
        return Decimal("0.00")
    event, periods = min(one.event for one in stated), [span for one in stated for span in one.remedy]
    return rate_method(event, loss.profit, periods, loss.completed, zone, terms, loss.evidence).amount


def as_stated_by(failure: Failure, terms: EnterpriseTerms, now: datetime) -> tuple[CountedFailure, ...]:
    """S8: the failure by the customer's own times; one without an end lasts until now."""
    return failure.stated().failures(
        failure.reference, terms, now, occurrence=failure.occurred_at, deadline=failure.closes_at
    )
