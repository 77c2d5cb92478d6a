"""What a reviewer sees beside a claim: what the same cause has received already, and claims like it (S12, M5.6)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum

from sla.models import Claim, CreditEntry

MOST = 8


@dataclass(frozen=True, slots=True)
class OfCause:
    """What a cause has been credited so far, in one currency: to how many customers, and in all."""

    currency: str
    customers: int
    amount: Decimal


def received_by_cause(claim: Claim) -> list[OfCause]:
    """S12: each customer has a credit of its own for a cause; what all of them come to, currency by currency."""
    if claim.cause_id is None:
        return []
    entries = CreditEntry.objects.filter(credit__cause=claim.cause_id, credit__voided_at__isnull=True)
    sums = entries.values("currency").annotate(customers=Count("customer", distinct=True), amount=Sum("amount"))
    told = sums.order_by("currency").values_list("currency", "customers", "amount")
    return [OfCause(*one) for one in told]


def claims_like(claim: Claim) -> QuerySet[Claim]:
    """Others of the same cause, then others of the same customer, the latest first; each with what it was `given`, if anything."""
    received = Claim.objects.order_by().filter(received_at__isnull=False).exclude(pk=claim.pk).values("pk")
    like = received.filter(contract__customer=claim.contract.customer_id)
    if claim.cause_id:
        like = like.union(received.filter(cause=claim.cause_id))
    entries = CreditEntry.objects.order_by().filter(credit__claim=OuterRef("pk")).values("credit__claim")
    found = Claim.objects.filter(pk__in=like).select_related("contract__customer", "cause")
    given = Subquery(entries.annotate(sum=Sum("amount")).values("sum"))
    return found.annotate(given=given).order_by("-received_at", "-pk")[:MOST]
