"""The page of a proposed decision, for its second person: the figures, the working, and the letter as it will go (S19, M5.9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.access import Who, may_approve, open_to
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of
from entitlements.rules.refusals import Refusal
from entitlements.views.step_up import freshly_signed_in, is_fresh
from sla import letters
from sla.access import claims_visible_to
from sla.actions import decisions as actions
from sla.admin import claim_facts as facts
from sla.admin.forms import ReturnForm
from sla.assessment import ClaimAssessment, assess, read_what_judges
from sla.lines import by_document
from sla.models import Claim, ClaimState, Proposal
from sla.terms_shown import entered_since
from sla.wording import BOUNDS

PAGE = "admin:proposal"


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, pk: int) -> HttpResponse:
    """The proposal as it was frozen."""
    return _page(request, _asked_for(request, pk))


@open_to(Who.MANAGERS)
@posted_to(PAGE)
@freshly_signed_in
def approve(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S12, S19: a second person approves, who has just shown that it is them (V47). Whoever may not is refused by the action,
    whatever is posted."""
    proposal = _asked_for(request, pk)
    refusals = refusals_of(lambda: actions.approve_proposal(proposal=proposal, by=request.user, now=request.now))
    if refusals:
        return _page(request, proposal, refusals=refusals)
    return done(request, "Approved. The customer gets the letter.", "admin:claim", proposal.claim.reference)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def send_back(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S19: back to the review, with a reason."""
    proposal = _asked_for(request, pk)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _page(request, proposal, form=form, send_back=form)
    reason = form.cleaned_data["reason"]
    refusals = refusals_of(
        lambda: actions.return_proposal(proposal=proposal, reason=reason, by=request.user, now=request.now)
    )
    if refusals:
        return _page(request, proposal, refusals=refusals, send_back=form)
    return done(request, "The proposal is returned to the review.", "admin:claim", proposal.claim.reference)


def _asked_for(request: DeskRequest, pk: int) -> Proposal:
    found = Proposal.objects.filter(claim__in=claims_visible_to(request.user)).select_related(
        "claim__contract__customer", "cause", "edition", "proposed_by", "approved_by", "returned_by"
    )
    return get_object_or_404(found, pk=pk)


def _page(request: DeskRequest, proposal: Proposal, *, refusals: Sequence[Refusal] = (), **forms: Any) -> HttpResponse:
    claim = proposal.claim
    open_still = proposal.waits
    waits = open_still and claim.state == ClaimState.IN_REVIEW
    own = proposal.proposed_by_id == request.user.pk
    failures = claim.read_failures()
    read_what_judges(claim.contract)
    assessment = assess(claim, now=proposal.proposed_at, in_sums=True, failures=failures) if waits else None
    return page(
        request,
        "admin/proposal.html",
        title=f"Proposal: {proposal.get_outcome_display().lower()} the claim of {claim.contract.customer}",
        proposal=proposal,
        claim=claim,
        zone=claim.contract.tz,
        currency=claim.contract.currency,
        reference=claim.reference,
        bound=BOUNDS.get(proposal.bound, ""),
        waits=waits,
        overtaken=open_still and not waits,
        own=own,
        can_approve=waits and not own and may_approve(request.user),
        fresh=is_fresh(request, request.now),
        letter=letters.preview_of_decision(proposal, now=request.now) if waits else None,
        readings=_readings(claim, assessment, proposal.proposed_at) if assessment else (),
        documents=by_document(assessment.summed) if assessment else (),
        obstacles=assessment.obstacles if assessment else (),
        same_cause=actions.cause_is_credited(claim) if waits else None,
        entered_since=entered_since(claim.contract, [one.occurred_at for one in failures]),
        refusals=refusals,
        form=forms.get("form"),
        send_back=forms.get("send_back") or ReturnForm(),
    )


def _readings(claim: Claim, assessment: ClaimAssessment, now: datetime) -> list[tuple[str, str, Decimal]]:
    return [*facts.other_readings(assessment), *facts.without_emergencies(claim, assessment, now)]
