"""S12: what merging two causes would do, customer by customer: shown before it is done, and asked again when it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Sum

from entitlements.models import Customer
from entitlements.rules.refusals import Refusal
from sla.models import TO_DECIDE, Cause, Claim, ClaimState, Credit, CreditEntry, Downtime, Failure
from sla.rules.causes import CauseCredit, Merge, merge

TWO_CREDITS = "two_credits"
"""S12: why a merge waits until the ledger has set one of two credits off."""


@dataclass(frozen=True, slots=True)
class CustomerMerge:
    """Of one customer: the credit that would be kept, those that would be void, and the claims that the kept one would cover."""

    customer: Customer
    merge: Merge
    covered: tuple[Claim, ...]

    @property
    def kept(self) -> str:
        """The reference of the credit that would be kept."""
        return self.merge.kept.key if self.merge.kept else ""

    @property
    def keeps_one_at_most(self) -> bool:
        return not self.merge.voided


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen, and why it may not (None: it may)."""

    kept: Cause
    merged: Cause
    customers: tuple[CustomerMerge, ...]
    outages: int
    failures: int
    claims: int
    refusal: Refusal | None


def preview(kept: Cause, merged: Cause) -> Preview:
    """S12: `merged` and all that hangs on it goes to `kept`. Nothing is written here."""
    both = (kept, merged)
    credits = _standing(both)
    open_claims = Claim.objects.filter(cause__in=both, state__in=[ClaimState.DRAFT, *TO_DECIDE])
    by_customer: dict[Customer, list[Claim]] = {}
    for claim in open_claims.select_related("contract__customer").order_by("pk"):
        by_customer.setdefault(claim.contract.customer, []).append(claim)
    merges = {one: merge([kept.reference, merged.reference], given) for one, given in credits.items()}
    customers = tuple(
        CustomerMerge(one, merge, tuple(by_customer.get(one, ())) if merge.covers else ())
        for one, merge in merges.items()
    )
    return Preview(
        kept,
        merged,
        customers,
        outages=merged.outages.count(),
        failures=Failure.objects.filter(cause=merged).count(),
        claims=Claim.objects.filter(cause=merged).count(),
        refusal=_reason_against(kept, merged, customers),
    )


def _standing(causes: Iterable[Cause]) -> dict[Customer, list[CauseCredit]]:
    """Each with what of its grant stands, whatever of it went into invoices."""
    found: dict[Customer, list[CauseCredit]] = {}
    standing = Credit.objects.filter(cause__in=causes, voided_at__isnull=True).select_related(
        "customer", "cause", "claim__contract"
    )
    memos = CreditEntry.objects.filter(credit__in=standing, memo__isnull=False).order_by()
    granted = {one: told for one, *told in memos.values_list("credit").annotate(Sum("amount"), Min("posted_at"))}
    for credit in standing.order_by("customer__name", "pk"):
        amount, at = granted[credit.pk]
        theirs = found.setdefault(credit.customer, [])
        sum_of_it = {"amount": amount, "currency": credit.currency, "granted": at}
        theirs.append(CauseCredit(key=credit.reference, cause=credit.cause.reference, **sum_of_it))
    return found


def _reason_against(kept: Cause, merged: Cause, customers: Iterable[CustomerMerge]) -> Refusal | None:
    if kept == merged or kept.merged_into_id or merged.merged_into_id:
        return Refusal("S12", "merged", "They are one already.", "Choose another cause.")
    for one, other in ((kept, merged), (merged, kept)):
        facts = one.facts()
        if any(not facts.takes_in(began) for began in _beginnings(other)):
            return Refusal(
                "S12",
                "recurrence",
                f"Something of {other.reference} began after {one.reference} was fixed.",
                "A recurrence after the fix is a new cause: leave them two.",
            )
    if two := [str(one.customer) for one in customers if not one.keeps_one_at_most]:
        return Refusal(
            "S12",
            TWO_CREDITS,
            f"More than one credit stands for {', '.join(two)}; one cause has a single one.",
            "A credit that is posted becomes void only by an opposite entry of two people in the ledger. Do that first.",
        )
    return None


def _beginnings(cause: Cause) -> list[datetime]:
    logged = [one.during.lower for one in Downtime.objects.standing().filter(outage__cause=cause)]
    return logged or list(Failure.objects.filter(cause=cause).values_list("began_at", flat=True))
