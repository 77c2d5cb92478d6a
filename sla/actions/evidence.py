"""The documents of a claim: added, taken back before sending, opened (S9, S13). Each opening is logged."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla.actions.drafts import locked, open_draft, refuse_after_the_window, saved
from sla.actions.reviews import UNDER_REVIEW
from sla.models import Claim, ClaimState, Evidence, TransactionFile
from sla.rules.claim_window import is_in_time
from sla.uploads import CheckedFile, keep, reason_against_another

NOT_OPENED: dict[str, Refusal] = {
    Evidence.Scan.WAITING: Refusal(
        "S13", "waits_for_scan", "This document waits for its virus scan.", "It counts as received. Try again later."
    ),
    Evidence.Scan.REFUSED: Refusal(
        "S13",
        "has_a_virus",
        "A virus was found in this document, so nobody can open it.",
        "Upload another in its place.",
    ),
}
TOO_LATE = Refusal(
    "S13", "too_late_for_evidence", "The time to add evidence to this claim has ended.", "Wait to be asked."
)


@transaction.atomic
def add_evidence(*, claim: Claim, file: CheckedFile, label: str, by: User, now: datetime) -> Evidence:
    """S9, S13: keep a checked document with the claim. After sending it is *later* evidence, with its own time stamp.

    The same file twice is one document (X9). Raises Refused when the window of a draft has ended, the claim is decided, or
    it has as many documents as a claim may have.
    """
    current = locked(claim, now)
    asked_for = current.state == ClaimState.INFORMATION_REQUESTED
    if current.is_draft:
        refuse_after_the_window(current, now)
    elif not asked_for and not (current.state in UNDER_REVIEW and is_in_time(now, current.closes_at)):
        raise Refused(TOO_LATE)
    kept = list(current.evidence.filter(removed_at__isnull=True))
    if there := next((one for one in kept if one.sha256 == file.sha256), None):
        return there
    in_all = bytes_kept_for(current.contract.customer_id)
    if full := reason_against_another([one.size for one in kept], file, of_customer=in_all):
        raise Refused(full)
    record("evidence.added", matter=current.reference, by=by, now=now, note=file.sha256)
    evidence = Evidence.objects.create(
        claim=current,
        label=label,
        original_name=file.name,
        stored_as=keep(file),
        kind=file.kind,
        size=file.size,
        sha256=file.sha256,
        flag=file.flag,
        scan=file.scan,
        scanned_at=now if file.scan == Evidence.Scan.CLEAN else None,
        uploaded_at=now,
        uploaded_by=by,
        later=not current.is_draft,
        asked_for=asked_for,
    )
    if current.is_draft:
        saved(current, now, keeps_declaration=True)
    return evidence


def bytes_kept_for(customer: int) -> int:
    """V35: of a customer (by key), what the files of its claims have in all: documents and files of transactions."""
    models = (Evidence, TransactionFile)
    of_it = [model.objects.filter(claim__contract__customer=customer) for model in models]
    return sum(one.aggregate(bytes=Sum("size", default=0))["bytes"] for one in of_it)


@transaction.atomic
def remove_evidence(*, evidence: Evidence, by: User, now: datetime) -> Claim:
    """Take back a document before the claim is sent; what was sent stays."""
    current = open_draft(evidence.claim, now)
    record("evidence.removed", matter=current.reference, by=by, now=now, note=evidence.sha256)
    current.evidence.filter(pk=evidence.pk, removed_at__isnull=True).update(removed_at=now, removed_by=by)
    return saved(current, now)


@transaction.atomic
def open_evidence(*, evidence: Evidence, by: User, now: datetime) -> Evidence:
    """Note who opens a document, and when: its readers are on record like its changes.

    Raises Refused for one that waits for its scan, and for one in which the scanner found something (V39).
    """
    if refusal := NOT_OPENED.get(evidence.scan):
        raise Refused(refusal)
    record("evidence.opened", matter=evidence.claim.reference, by=by, now=now, note=evidence.sha256)
    return evidence
