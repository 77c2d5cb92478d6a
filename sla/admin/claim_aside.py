"""What the page of a claim knows of the things beside its decision: put aside, cause, waiver, audit, claims like it."""

from __future__ import annotations

from typing import Any

from entitlements.access import may_approve
from entitlements.admin.pages import DeskRequest
from entitlements.views.step_up import is_fresh
from sla import review_queue, similar
from sla.actions.waivers import reasons_against_waiver
from sla.admin.forms import ReturnForm
from sla.admin.reviewer_forms import AsideForm, AuditForm, CauseForm, CloseAuditForm, WaiverForm
from sla.models import Claim, ClaimState


def beside(request: DeskRequest, claim: Claim, shown: dict[str, Any], *, of_an_outage: bool) -> dict[str, Any]:
    """For a claim that was received. `of_an_outage`: it has the cause of one that is on record."""
    audits = list(claim.audits.select_related("auditor", "opened_by", "closed_by"))
    told: dict[str, Any] = {"contract": claim.contract, "now": request.now}
    return {
        "aside": shown.get("aside") or AsideForm(**told),
        "is_aside": claim.aside_until is not None and claim.aside_until > request.now,
        "cause_form": shown.get("cause") or (None if of_an_outage else CauseForm(claim=claim)),
        "audits": audits,
        "open_audit": next((one for one in audits if one.closed_at is None), None),
        "audit": shown.get("audit") or AuditForm(**told),
        "close_audit": shown.get("close_audit") or CloseAuditForm(),
        "of_cause": similar.received_by_cause(claim),
        "like": similar.claims_like(claim),
        "after": review_queue.after(claim, request.now),
    }


def waiver_of(request: DeskRequest, claim: Claim, shown: dict[str, Any], *, late: bool) -> dict[str, Any]:
    """S13: the waiver that waits, that was made, or that could be proposed (`late`: something was), with who may settle it."""
    found = list(claim.waivers.select_related("proposed_by", "approved_by", "returned_by"))
    waits = next((one for one in found if one.waits), None)
    can_be = late and not waits and not claim.waived_at
    own = waits is not None and waits.proposed_by_id == request.user.pk
    return {
        "waivers": [one for one in found if one is not waits],
        "waiver_waits": waits,
        "waiver_own": own,
        "waiver_can_approve": waits is not None and not own and may_approve(request.user),
        "fresh": is_fresh(request, request.now),
        "waiver": (shown.get("waiver") or WaiverForm()) if can_be else None,
        "waiver_reasons": reasons_against_waiver(claim, request.now) if can_be and _lapsed(claim) else [],
        "return_waiver": shown.get("return_waiver") or ReturnForm(),
    }


def _lapsed(claim: Claim) -> bool:
    return claim.state == ClaimState.LAPSED
