"""A claim that reached the vendor in writing, once two people have put it on record (S13, T4)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from sla import letters
from sla.actions.claims import reason_against_claim
from sla.actions.drafts import locked
from sla.actions.listing import put_into_the_list
from sla.actions.receipts import keep_receipts
from sla.actions.windows import last_window
from sla.assessment import terms_on
from sla.entries import lines_of, rates_of
from sla.models import Claim, ClaimFailure, ClaimState, Entry, Evidence, Failure, FailureState, RateBasis
from sla.scanning import before_its_scan


def receive_in_writing(entry: Entry, failure: Failure, *, by: User, now: datetime) -> Claim:
    """S13: the claim, received at the arrival of its document. A draft of the portal for the same failure gives way to it.

    Raises Refused if the document arrived after the window, the failure is out of scope (S1), or is claimed already.
    """
    _take_over_from_a_draft(failure, by, now)
    reported = Failure.objects.select_related("contract__customer", "outage")
    current = reported.select_for_update(of=("self",)).get(pk=failure.pk)
    if refusal := reason_against_claim(current, entry.arrived_at):
        raise Refused(refusal)
    reference = new_reference("CLM")
    record("claim.received_in_writing", matter=reference, by=by, now=now, note=entry.reference)
    claim = Claim.objects.create(
        reference=reference,
        contract=current.contract,
        cause_id=current.cause_id,
        state=ClaimState.SUBMITTED,
        method=Claim.Method.TRANSACTIONS if entry.rates is None else Claim.Method.RATE,
        opened_at=now,
        opened_by=entry.entered_by,
        saved_at=now,
        closes_at=last_window(current, terms_on(current.occurred_at, current.contract), now),
        received_at=entry.arrived_at,
        contact_name=entry.contact_name,
        contact_email=entry.contact_email,
    )
    ClaimFailure.objects.create(claim=claim, failure=current)
    current.state, current.remind_at, current.closed_at = FailureState.CLAIMED, None, None
    current.save()
    _with_loss_and_document(claim, entry)
    keep_receipts([claim], entry=entry)
    letters.claim_received(claim, now=now)
    return claim


def _with_loss_and_document(claim: Claim, entry: Entry) -> None:
    put_into_the_list(claim, lines_of(entry))
    if rates := rates_of(entry):
        signed = {"saved_at": entry.entered_at, "saved_by": entry.entered_by}
        RateBasis.objects.create(claim=claim, **asdict(rates), **signed)
    Evidence.objects.create(
        claim=claim,
        label=f"The claim itself, as it came {entry.get_way_display().lower()}",
        original_name=entry.original_name,
        stored_as=entry.stored_as,
        kind=entry.file_kind,
        size=entry.size,
        sha256=entry.sha256,
        flag=entry.flag,
        scan=before_its_scan(),
        uploaded_at=entry.entered_at,
        uploaded_by=entry.entered_by,
    )


def _take_over_from_a_draft(failure: Failure, by: User, now: datetime) -> None:
    """What was written is sent; a draft is not. What stands in the draft is kept, and it goes on for its other failures, if it has any."""
    attached = ClaimFailure.objects.filter(failure=failure, released_at__isnull=True).select_related("claim")
    if (link := attached.first()) is None:
        return
    begun = locked(link.claim, now)
    if begun.state not in (ClaimState.DRAFT, ClaimState.LAPSED):
        raise Refused(
            Refusal(
                "S13",
                "claimed_already",
                f"{begun.reference} is a claim for this failure already.",
                "Send this back; what it adds can be added there as later evidence.",
            )
        )
    record("claim.came_in_writing", matter=begun.reference, by=by, now=now, note=failure.reference)
    link.released_at = now if begun.is_draft else begun.closed_at
    link.save(update_fields=["released_at"])
    if begun.is_draft and not begun.claim_failures.filter(released_at__isnull=True).exists():
        begun.state, begun.closed_at = ClaimState.COVERED, now
        begun.remind_at = begun.sends_itself_at = None
        begun.save()
