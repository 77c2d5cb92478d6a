"""Claims as their customer finds them: the list, the claim with its tasks or its way to a decision, the receipt, taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from entitlements.access import Who, open_to
from entitlements.views.lists import InFile, if_asked_as_file
from sla import pdf
from sla.access import claims_visible_to
from sla.actions.claims import withdraw_claim
from sla.claims import after_sending, can_be_withdrawn, receipt_of
from sla.drafts import tasks_and_figures
from sla.forms.lists import ListForm
from sla.rules.claim_window import is_in_time
from sla.rules.lifecycle import ClaimState
from sla.views.drafts import step
from sla.views.requests import PortalRequest, own_claim, refused_on

PAGE = 25
IN_FILE: InFile = {
    "Reference": lambda one: one.reference,
    "State": lambda one: one.get_state_display(),
    "Order form": lambda one: one.contract.order_form,
    "Begun": lambda one: one.opened_at,
    "Send by": lambda one: one.send_by if one.is_draft else None,
    "Window ends": lambda one: one.closes_at,
    "Received": lambda one: one.received_at,
}
INERT = "default-src 'none'; sandbox"


@open_to(Who.CUSTOMERS)
@require_safe
def listing(request: PortalRequest) -> HttpResponseBase:
    form = ListForm(request.GET, states=ClaimState)
    rows = form.narrow(claims_visible_to(request.user).select_related("contract").with_send_by(request.now))
    if file := if_asked_as_file(request, "claims", rows, IN_FILE):
        return file
    found = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    zone = found.object_list[0].contract.zone if found else None
    return render(request, "claims/claim_list.html", {"filter": form, "page_obj": found, "zone": zone})


@open_to(Who.CUSTOMERS)
@require_safe
def detail(request: PortalRequest, reference: str) -> HttpResponse:
    """A draft opens as its list of tasks; everything else with its state, its answers and its timeline."""
    claim = own_claim(request, reference)
    if claim.is_draft and is_in_time(request.now, claim.closes_at):
        return step(request, "claims/claim_tasks.html", claim, **tasks_and_figures(claim, request.now))
    return step(request, "claims/claim.html", claim, **after_sending(claim, request.user, request.now))


@open_to(Who.CUSTOMERS)
@require_safe
def receipt(request: PortalRequest, reference: str) -> HttpResponse:
    """S13: what was received, when, to the second, and what happens next."""
    claim = own_claim(request, reference)
    if not claim.received_at:
        raise Http404("This claim has not been received.")
    return step(request, "claims/receipt.html", claim, **receipt_of(claim))


@open_to(Who.CUSTOMERS)
@require_safe
def receipt_pdf(request: PortalRequest, reference: str) -> HttpResponse:
    claim = own_claim(request, reference)
    if not claim.received_at:
        raise Http404("This claim has not been received.")
    return _paper(pdf.receipt(claim), f"{claim.reference}-receipt.pdf")


@open_to(Who.CUSTOMERS)
@require_safe
def decision_pdf(request: PortalRequest, reference: str) -> HttpResponse:
    claim = own_claim(request, reference)
    decided = claim.proposals.filter(approved_at__isnull=False).first()
    if decided is None:
        raise Http404("This claim has not been decided.")
    return _paper(pdf.decision(decided), f"{claim.reference}-decision.pdf")


@open_to(Who.CLAIMANTS)
@require_http_methods(["GET", "HEAD", "POST"])
@refused_on("claim")
def withdraw(request: PortalRequest, reference: str) -> HttpResponse:
    """S19: asked first, then taken back."""
    claim = own_claim(request, reference)
    if request.method == "POST":
        withdraw_claim(claim=claim, by=request.user, now=request.now)
        messages.success(request, f"{claim.reference} is withdrawn.")
        return redirect("claim", claim.reference)
    if not can_be_withdrawn(claim):
        return redirect("claim", claim.reference)
    return step(request, "claims/withdraw.html", claim)


def _paper(content: bytes, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store, private",
        "Content-Security-Policy": INERT,
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)
