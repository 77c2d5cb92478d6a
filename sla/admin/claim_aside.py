"""What the page of a claim knows of the things beside its decision: put aside, cause, waiver, audit, claims like it."""

from __future__ import annotations

from typing import Any

from entitlements.access import may_approve
from entitlements.admin.pages import DeskRequest
from entitlements.models.worded import rows_of
from entitlements.views.step_up import is_fresh
from sla import review_queue, similar
from sla.actions.aside import can_be_named
from sla.actions.reviews import UNDER_REVIEW
from sla.actions.waivers import reasons_against_waiver
from sla.admin.forms import ReturnForm
from sla.admin.reviewer_forms import AsideForm, AuditForm, CapForm, CauseForm, CloseAuditForm, WaiverForm
from sla.assessment import ClaimAssessment
from sla.models import Claim, ClaimState, Failure
from sla.rules.terms import EnterpriseTerms


def beside(
    request: DeskRequest, claim: Claim, failures: list[Failure], shown: dict[str, Any], assessment: ClaimAssessment
) -> dict[str, Any]:
    """For a claim that was received."""
    audits = rows_of(claim, "audits", "auditor", "opened_by", "closed_by")
    told: dict[str, Any] = {"contract": claim.contract, "now": request.now}
    return {
        "aside": shown.get("aside") or AsideForm(**told),
        "is_aside": claim.aside_until is not None and claim.aside_until > request.now,
        "cause_form": shown.get("cause") or (CauseForm(claim=claim) if can_be_named(claim, failures) else None),
        "audits": audits,
        "open_audit": next((one for one in audits if one.closed_at is None), None),
        "audit": shown.get("audit") or AuditForm(**told),
        "close_audit": shown.get("close_audit") or CloseAuditForm(),
        **_cap_of(claim, shown, assessment.edition.facts()),
        "like": similar.claims_like(claim),
        "after": review_queue.after(claim, request.now),
    }


def _cap_of(claim: Claim, shown: dict[str, Any], terms: EnterpriseTerms) -> dict[str, Any]:
    """S11: where the contract is not in the cap's own currency."""
    if claim.contract.currency == terms.credit_cap_currency:
        return {}
    can_be = claim.state in UNDER_REVIEW and not claim.proposals.waiting().exists()
    return {
        "caps": list(claim.recorded_caps.select_related("recorded_by")),
        "cap_form": (shown.get("cap") or CapForm()) if can_be else None,
        "terms_cap": terms.credit_cap,
        "terms_cap_currency": terms.credit_cap_currency,
    }


def waiver_of(request: DeskRequest, claim: Claim, shown: dict[str, Any], *, late: bool) -> dict[str, Any]:
    """S13: the waiver that waits, that was made, or that could be proposed (`late`: something was), with who may settle it."""
    found = rows_of(claim, "waivers", "proposed_by", "approved_by", "returned_by")
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
