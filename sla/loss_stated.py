"""What a customer states of a claim, as the rules read it: its loss by the one method or the other, and its own times (S8–S10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Case, F, Min, Q, Sum, When

from entitlements.models.worded import Worded
from entitlements.rules.spans import Span
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


def alike_as_one(claim: Claim, remedy: Iterable[Span]) -> list[LostTransaction]:
    """S9: the lines of a claim, those that the rules judge alike as one with their sums: inside the `remedy` or not, struck for one
    reason or not, at a profit or not. Every figure is that of the lines one by one; none of these is on record."""
    instants = [at for span in remedy for at in (span.start, span.end)]
    return [
        LostTransaction(line=line, attempted_at=at, struck=struck, revenue=revenue, expenses=expenses)
        for line, at, struck, revenue, expenses in _ALIKE(claim.pk, *instants)
    ]


def _alike(claim: int, *instants: datetime) -> Any:
    never = Q(attempted_at__isnull=True)  # without a period the first would be a constant, by which nothing is grouped
    judged = {
        "within": Case(When(inside(spans_of(instants)) | never, then=True), default=False, output_field=BooleanField()),
        "at_a_profit": Case(When(revenue__gt=F("expenses"), then=True), default=False, output_field=BooleanField()),
    }
    lines = LostTransaction.objects.filter(claim=claim)
    kinds = lines.order_by().annotate(**judged).values("struck", *judged)
    sums = kinds.annotate(first=Min("line"), at=Min("attempted_at"), gained=Sum("revenue"), spent=Sum("expenses"))
    return sums.values_list("first", "at", "struck", "gained", "spent")


_ALIKE = Worded(_alike)


def spans_of(instants: Sequence[datetime]) -> list[Span]:
    """From the beginning and end of each, one after the other."""
    return [Span(start, end) for start, end in zip(instants[::2], instants[1::2], strict=True)]


def inside(remedy: Iterable[Span]) -> Q:
    """S8, S9: attempted in one of the periods; spans are half open. Without a period: none is."""
    within = Q(pk__in=[])
    for span in remedy:
        within |= Q(attempted_at__gte=span.start, attempted_at__lt=span.end)
    return within


def claimed_of(
    loss: list[Attempt] | Rates,
    failures: Sequence[Failure],
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
