"""S12: whose place a credit has: of two that turned out to have one cause, the kept one covers what the other had covered, from the
day on which it was set off, though its cause is merged only later."""

from __future__ import annotations

from django.db.models import QuerySet

from sla.models import Claim, ClaimState, Credit, Posting


def kept_for(credit: Credit) -> Credit:
    """S12: the credit itself, or if it is void the one by which it was set off; if that was set off since, the one kept then."""
    while credit.voided_at:
        credit = Credit.objects.get(sets_off__credit=credit, sets_off__approved_at__isnull=False)
    return credit


def covered_by(credit: Credit) -> QuerySet[Claim]:
    """S12, S19: the claims, as they were sent, that ended since this credit covers them."""
    theirs = Claim.objects.filter(contract__customer=credit.customer_id, cause__in=_causes_of(credit))
    return theirs.filter(state=ClaimState.COVERED, received_at__isnull=False)


def _causes_of(credit: Credit) -> set[int]:
    """By key: its own, and those of all that it set off, or that was set off by one of these; each was set off before its keeper was."""
    kept, causes = {credit.pk}, {credit.cause_id}
    approved = Posting.objects.filter(credit__customer=credit.customer_id, approved_at__isnull=False)
    for posting in approved.filter(set_off_by__isnull=False).select_related("credit").order_by("-entry__pk"):
        if posting.set_off_by_id in kept:
            kept.add(posting.credit_id)
            causes.add(posting.credit.cause_id)
    return causes
