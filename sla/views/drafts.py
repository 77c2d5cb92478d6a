"""The steps of a claim before it is sent. Each page saves by one action; which answers are missing is the rules' to say."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entitlements.access import Who, may_claim, open_to
from entitlements.failpoints import failpoint
from sla.access import failures_visible_to
from sla.actions import claims as actions
from sla.drafts import answers, signs
from sla.forms.claims import ContactForm, DeclarationForm
from sla.models import Claim
from sla.views.requests import PortalRequest, as_draft, may_change, own_claim, own_draft, posted, refused_on

FORM = ["GET", "HEAD", "POST"]


def step(request: PortalRequest, template: str, claim: Claim, **context: Any) -> HttpResponse:
    """A page of the claim that `own_claim` found: with its deadline, its reference, and whether the reader may change it."""
    if claim.is_draft and "failures" not in context:
        context["failures"] = claim.read_failures()
    common = {
        "claim": claim,
        "zone": claim.contract.zone,
        "currency": claim.contract.currency,
        "reference": claim.reference,
        "may_change": may_change(claim),
    }
    return render(request, template, {**common, **context})


def asked_again(before: Claim) -> str:
    """S13: said where a change took back the declaration that `before` had."""
    if before.declared_at is None or Claim.objects.filter(pk=before.pk, declared_at__isnull=False).exists():
        return ""
    return " Your answers have changed: declare again that they are true before the claim can be sent."


@open_to(Who.CLAIMANTS)
@require_POST
@refused_on("failure")
def start(request: PortalRequest, reference: str) -> HttpResponse:
    """S13: begin the claim; begun twice, it is the same claim."""
    visible = failures_visible_to(request.user).select_related("contract__customer")
    failure = get_object_or_404(visible, reference=reference)
    if not may_claim(request.user, failure.contract.customer):
        raise PermissionDenied("You can read this report. Claiming is for people who may claim.")
    claim = actions.start_claim(failure=failure, by=request.user, now=request.now)
    return redirect("claim", claim.reference)


@open_to(Who.CUSTOMERS)
@require_safe
@refused_on("claim")
def what_happened(request: PortalRequest, reference: str) -> HttpResponse:
    claim = own_draft(request, reference)
    return step(request, "claims/what_happened.html", claim)


@open_to(Who.CUSTOMERS)
@require_http_methods(FORM)
@refused_on("claim")
def contact(request: PortalRequest, reference: str) -> HttpResponse:
    """S13, S14: whom we may ask, the consent to an audit, and the sending by itself."""
    claim = own_draft(request, reference)
    known = {
        "name": claim.contact_name,
        "email": claim.contact_email,
        "phone": claim.contact_phone,
        "audit_consent": claim.audit_consent_at is not None,
        "sends_itself": claim.sends_itself,
    }
    form = ContactForm(posted(request), initial=known)
    if request.method == "POST" and form.is_valid():
        actions.save_contact(claim=claim, **form.cleaned_data, by=request.user, now=request.now)
        messages.success(request, "Contact and audit are saved.")
        return redirect("claim", claim.reference)
    return step(request, "claims/contact.html", claim, form=form)


@open_to(Who.CUSTOMERS)
@require_http_methods(FORM)
@refused_on("claim")
def check(request: PortalRequest, reference: str) -> HttpResponse:
    """S13: all answers before they are sent. Sent twice, or after it went by itself, the receipt is the same (X9)."""
    claim = own_claim(request, reference)
    if claim.received_at:
        return redirect("claim_receipt", claim.reference)
    form = DeclarationForm(posted(request), signs=signs(request.user, claim))
    if request.method == "POST" and form.is_valid():
        actions.submit_claim(claim=claim, by=request.user, received_at=request.now, declared=True)
        failpoint("claim.answered")
        return redirect("claim_receipt", claim.reference)
    return _answers(request, as_draft(request, claim), form)


@open_to(Who.CLAIMANTS)
@require_POST
@refused_on("claim")
def declare(request: PortalRequest, reference: str) -> HttpResponse:
    """S13: declare without sending, so that the draft can send itself one hour before its deadline."""
    claim = own_draft(request, reference)
    form = DeclarationForm(request.POST, signs=signs(request.user, claim))
    if not form.is_valid():
        return _answers(request, claim, form)
    actions.declare(claim=claim, by=request.user, now=request.now)
    messages.success(request, "Your declaration is saved. The claim is not sent yet.")
    return redirect("claim", claim.reference)


def _answers(request: PortalRequest, claim: Claim, form: DeclarationForm) -> HttpResponse:
    return step(request, "claims/check_answers.html", claim, form=form, **answers(claim, request.now))
