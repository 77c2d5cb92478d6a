"""The customer's own figures while a claim is filled in (C6.5): what its answers come to at this moment, in a few lines.

Nothing here decides: it is the rules' answer to the customer's own entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from entitlements.rules.days import months_before
from entitlements.rules.money import cents
from entitlements.rules.spans import Span
from entitlements.rules.working import Step
from sla.assessment import ClaimAssessment, what_counts
from sla.models import Claim, LostTransaction
from sla.rules.losses import RealizedLoss
from sla.transaction_files import RowTaken

MOST_WORKED = 25
"""So many lines open to their working on a page; the list of all stands beside it, and is a file."""


@dataclass(frozen=True, slots=True)
class InBrief:
    """S8–S11: the figures of a claim without their working. Revenue and expenses are of the lines that count; a claim by the rate
    has none. `fees_bound` and `amount` are None where no credit can be computed."""

    remedy: timedelta
    revenue: Decimal | None
    expenses: Decimal | None
    loss: Decimal
    fees_bound: Decimal | None
    cap: Decimal
    amount: Decimal | None


def in_brief(assessment: ClaimAssessment) -> InBrief | None:
    """None while no failure counts."""
    found = assessment.figures
    if found is None:
        return None
    revenue = expenses = None
    if isinstance(found.loss, RealizedLoss):
        counted = [line.counted for line in found.loss.kept]
        revenue = sum((one.revenue for one in counted), Decimal(0))
        expenses = sum((one for attempt in counted for one in attempt.documented_expenses), Decimal(0))
    bound = found.credit.fees_bound
    return InBrief(
        remedy=found.union.counted.time,
        revenue=revenue,
        expenses=expenses,
        loss=found.assessed,
        fees_bound=None if bound is None else cents(bound),
        cap=cents(found.credit.cap),
        amount=found.capped,
    )


def working_of_loss(assessment: ClaimAssessment, lines: Sequence[LostTransaction], of: int) -> Step | None:
    """S9, S10: the working of the loss as a page shows it, of a list of thousands its beginning; None while no failure counts.
    `lines`: its first ones, `of` so many."""
    if assessment.figures is None:
        return None
    loss = assessment.figures.loss
    if not isinstance(loss, RealizedLoss):
        return loss.working
    return loss.working_with([line.facts() for line in lines[:MOST_WORKED]], of=of)


def months_of_the_rate(claim: Claim, now: datetime) -> tuple[Span, ZoneInfo] | None:
    """S10: the months before the earliest failure that counts, by whose profit the rate goes, and the zone that the contract had
    then; None while none counts."""
    found = what_counts(claim, now=now, as_stated=True)
    event = found.union.counted.first_event
    if event is None:
        return None
    return Span(months_before(event, found.terms.rate_months, found.zone), event), found.zone


def outside_the_period(claim: Claim, rows: Iterable[RowTaken], now: datetime) -> int | None:
    """S8: how many of these rows of a file lie outside the remedy period; None while there is none."""
    spans = what_counts(claim, now=now, as_stated=True).remedy
    if not spans:
        return None
    return sum(not any(span.contains(row.attempted_at) for span in spans) for row in rows)
