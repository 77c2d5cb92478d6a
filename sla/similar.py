"""What a reviewer sees beside a claim: what the same cause has received already, and claims like it (S12, M5.6)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum

from entitlements.models.worded import Worded
from sla.models import Claim, CreditEntry

MOST = 8


@dataclass(frozen=True, slots=True)
class OfCause:
    """What a cause has been credited so far, whatever of it went into invoices, in one currency: to how many customers, and in all."""

    currency: str
    customers: int
    amount: Decimal


def received_by_cause(claim: Claim) -> list[OfCause]:
    """S12: each customer has a credit of its own for a cause; what all of them come to, currency by currency."""
    if claim.cause_id is None:
        return []
    return [OfCause(*one) for one in _SUMS(claim.cause_id)]


def _sums(cause: int) -> QuerySet[CreditEntry, tuple[str, int, Decimal]]:
    entries = CreditEntry.objects.filter(credit__cause=cause, credit__voided_at__isnull=True, memo__isnull=False)
    sums = entries.values("currency").annotate(customers=Count("customer", distinct=True), amount=Sum("amount"))
    return sums.order_by("currency").values_list("currency", "customers", "amount")


def claims_like(claim: Claim) -> list[Claim]:
    """Others of the same cause, then others of the same customer, the latest first; each with what it was `given`, if anything."""
    return _LIKE(claim.pk, claim.contract.customer_id, claim.cause_id)


def _like(claim: int, customer: int, cause: int | None) -> QuerySet[Claim]:
    received = Claim.objects.order_by().filter(received_at__isnull=False).exclude(pk=claim).values("pk")
    like = received.filter(contract__customer=customer)
    if cause is not None:
        like = like.union(received.filter(cause=cause))
    granting = CreditEntry.objects.order_by().filter(credit__claim=OuterRef("pk"), memo__isnull=False)
    entries = granting.values("credit__claim")
    found = Claim.objects.filter(pk__in=like).select_related("contract__customer", "cause")
    given = Subquery(entries.annotate(sum=Sum("amount")).values("sum"))
    return found.annotate(given=given).order_by("-received_at", "-pk")[:MOST]


_SUMS, _LIKE = Worded(_sums), Worded(_like, planned_once=True)
