"""What a customer states of a claim, as the rules read it: its loss by the one method or the other, and its own times (S8–S10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Case, CharField, Count, F, Min, Q, Sum, When

from entitlements.models.worded import Worded
from entitlements.rules.spans import Span
from sla.models import Claim, Evidence, Failure, LostTransaction
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


@dataclass(frozen=True, slots=True)
class Alike:
    """S9: lines of a claim that the rules judge alike, and that one document shows (None: none that counts), with their sums: `within`
    the remedy period or not, struck for one reason or not, at a profit or not; `first` is the first of them, `at` the earliest."""

    first: int
    at: datetime
    struck: str
    within: bool
    document: str | None
    count: int
    revenue: Decimal
    expenses: Decimal

    @property
    def profit(self) -> Decimal:
        """As it is stated."""
        return self.revenue - self.expenses

    def as_one(self) -> LostTransaction:
        """Every figure is that of the lines one by one; it is not on record."""
        return LostTransaction(
            line=self.first, attempted_at=self.at, struck=self.struck, revenue=self.revenue, expenses=self.expenses
        )


def alike(claim: Claim, remedy: Iterable[Span]) -> list[Alike]:
    """S9: all lines of a claim by how they are judged and shown, those that no document shows last; as few however many lines."""
    instants = [at for span in remedy for at in (span.start, span.end)]
    return [Alike(*one) for one in _ALIKE(claim.pk, *instants)]


def _alike(claim: int, *instants: datetime) -> Any:
    never = Q(attempted_at__isnull=True)  # without a period the first would be a constant, by which nothing is grouped
    kinds = {
        "within": Case(When(inside(spans_of(instants)) | never, then=True), default=False, output_field=BooleanField()),
        "at_a_profit": Case(When(revenue__gt=F("expenses"), then=True), default=False, output_field=BooleanField()),
        "shown_by": Case(When(UNDOCUMENTED, then=None), default=F("document__label"), output_field=CharField()),
    }
    lines = LostTransaction.objects.filter(claim=claim).order_by().annotate(**kinds).values("struck", *kinds)
    sums = {"count": Count("pk"), "gained": Sum("revenue"), "spent": Sum("expenses")}
    found = lines.annotate(first=Min("line"), at=Min("attempted_at"), **sums).order_by("shown_by")
    return found.values_list("first", "at", "struck", "within", "shown_by", *sums)


_ALIKE = Worded(_alike)


UNDOCUMENTED = (
    Q(document__isnull=True) | Q(document__removed_at__isnull=False) | Q(document__scan=Evidence.Scan.REFUSED)
)
"""S9: names no document, or one that does not count."""


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
