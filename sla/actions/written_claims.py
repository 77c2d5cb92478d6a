"""A claim that reached the vendor in writing, once two people have put it on record (S13, T4)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from entitlements.actions.log import record, record_each
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from sla import letters
from sla.actions.claims import reason_against_claim
from sla.actions.drafts import WINDOW_ENDED, locked, receive
from sla.actions.listing import put_into_the_list
from sla.actions.windows import last_window
from sla.assessment import terms_on
from sla.entries import lines_of, rates_of
from sla.models import Claim, ClaimFailure, ClaimState, Entry, Evidence, Failure, FailureState, RateBasis
from sla.scanning import before_its_scan


def receive_in_writing(entry: Entry, failure: Failure, *, by: User, now: datetime) -> Claim:
    """S13: the claim, received at the arrival of its document. A draft of the portal for the same failure gives way to it. Where the
    document arrived after the window, the claim is on record as lapsed, and its customer is told so: two people can let it in.

    Raises Refused if the failure is out of scope (S1) or is claimed already.
    """
    _take_over_from_a_draft(failure, by, now)
    reported = Failure.objects.select_related("contract__customer", "outage")
    current = reported.select_for_update(of=("self",)).get(pk=failure.pk)
    refusal = reason_against_claim(current, entry.arrived_at)
    if refusal and refusal.code != WINDOW_ENDED:
        raise Refused(refusal)
    if refusal:
        return _came_too_late(entry, current, by=by, now=now)
    closes_at = last_window(current, terms_on(current.occurred_at, current.contract), now)
    claim = _claim_of(entry, current, closes_at, "claim.received_in_writing", by=by, now=now)
    current.state, current.remind_at, current.closed_at = FailureState.CLAIMED, None, None
    current.save()
    receive(claim, entry.arrived_at, now=now, entry=entry)
    return claim


def _came_too_late(entry: Entry, failure: Failure, *, by: User, now: datetime) -> Claim:
    """S13, T3: lapsed as of its deadline, like a draft that nobody sent; nothing of it is lost."""
    claim = _claim_of(entry, failure, failure.closes_at, "claim.came_too_late", by=by, now=now)
    record_each("claim.lapsed", {claim.reference: claim.closes_at}, also={failure.reference: claim.reference})
    claim.state, claim.closed_at = ClaimState.LAPSED, claim.closes_at
    claim.save()
    failure.state, failure.remind_at, failure.closed_at = FailureState.CLOSED, None, claim.closes_at
    failure.save()
    letters.claim_came_too_late(claim, entry, now=now)
    return claim


def _claim_of(entry: Entry, failure: Failure, closes_at: datetime, verb: str, *, by: User, now: datetime) -> Claim:
    reference = new_reference("CLM")
    record(verb, matter=reference, by=by, now=now, note=entry.reference)
    claim = Claim.objects.create(
        reference=reference,
        contract=failure.contract,
        cause_id=failure.cause_id,
        method=Claim.Method.TRANSACTIONS if entry.rates is None else Claim.Method.RATE,
        opened_at=now,
        opened_by=entry.entered_by,
        saved_at=now,
        closes_at=closes_at,
        contact_name=entry.contact_name,
        contact_email=entry.contact_email,
    )
    ClaimFailure.objects.create(claim=claim, failure=failure)
    _with_loss_and_document(claim, entry)
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
