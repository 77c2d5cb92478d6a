"""What a claim needs before it can be sent (S9, S13): asked by the actions, the task list and the reminders."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from entitlements.models.worded import Worded
from entitlements.rules.refusals import Refusal
from sla.models import Claim, Evidence, LostTransaction, RateBasis
from sla.models.claims import ClaimQuerySet


def is_complete(claim: Claim) -> bool:
    """S13: whether it could be sent as it stands."""
    return claim.declared_at is not None and not what_is_missing(claim)


def complete(claims: ClaimQuerySet) -> ClaimQuerySet:
    """S13: those of many that could be sent as they stand; the same as `is_complete` of each."""
    own = OuterRef("pk")
    by_rate = Q(method=Claim.Method.RATE) & Exists(RateBasis.objects.filter(claim=own))
    listed = Q(method=Claim.Method.TRANSACTIONS) & Exists(LostTransaction.objects.filter(claim=own))
    named = ~Q(contact_name="") & ~Q(contact_email="") & Q(declared_at__isnull=False)
    return claims.filter(by_rate | listed, named, Exists(Evidence.objects.that_counts().filter(claim=own)))


def what_is_missing(claim: Claim, has: tuple[bool, bool] | None = None) -> list[Refusal]:
    """S13: each thing that a claim needs before it can be sent and does not have; an empty list means complete. `has`: whether it
    lists a lost transaction, and whether a document of it counts, where both are read.

    Consent to an audit is not among them: refusing one is a ground for denial (S14), never a reason to lose the claim. Nor are the
    questions about expenses: what is left open there is asked by the review (S9).
    """
    missing = []
    listed, documented = has or _HAS.one(claim.pk)
    if claim.method == Claim.Method.TRANSACTIONS and not listed:
        missing.append(Refusal("S9", "transactions", "No lost transaction is listed.", "Add at least one."))
    if not documented:
        missing.append(Refusal("S13", "evidence", "There is no evidence yet.", "Upload at least one document."))
    if not claim.contact_email or not claim.contact_name:
        missing.append(Refusal("S13", "contact", "We do not know whom to ask.", "Name a contact."))
    if claim.declared_at is None:
        missing.append(
            Refusal("S13", "declaration", "Nobody has declared that the answers are true.", "Tick it below.")
        )
    return missing


def _has(claim: int) -> QuerySet[Claim, tuple[bool, bool]]:
    """Whether it lists a lost transaction, and whether a document of it counts."""
    own = OuterRef("pk")
    listed = Exists(LostTransaction.objects.filter(claim=own))
    documented = Exists(Evidence.objects.that_counts().filter(claim=own))
    return Claim.objects.order_by().filter(pk=claim).values_list(listed, documented)


_HAS = Worded(_has)
