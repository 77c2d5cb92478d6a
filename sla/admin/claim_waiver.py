"""On the page of a claim: its lateness waived as goodwill, proposed by one person and approved by another (S13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, posted_to
from entitlements.views.step_up import freshly_signed_in
from sla.actions import waivers
from sla.admin.claim_page import PAGE, asked_for, do, page_of
from sla.admin.forms import ReturnForm
from sla.admin.reviewer_forms import WaiverForm
from sla.models import Claim, Waiver


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def propose(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S13: why it is to come in although it was late."""
    claim = asked_for(request, reference)
    form = WaiverForm(request.POST)
    if not form.is_valid():
        return page_of(request, claim, form=form, waiver=form)
    reason = form.cleaned_data["reason"]
    return do(
        request,
        claim,
        lambda: waivers.propose_waiver(claim=claim, reason=reason, by=request.user, now=request.now),
        "The waiver is proposed. Another person has to approve it.",
        waiver=form,
    )


@open_to(Who.MANAGERS)
@posted_to(PAGE)
@freshly_signed_in
def approve(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S13: a second person, who has just shown that it is them (V47)."""
    claim = asked_for(request, reference)
    return do(request, claim, _settled(request, claim, waivers.approve_waiver), "Lateness is waived.")


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def send_back(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S13: no goodwill, with a reason."""
    claim = asked_for(request, reference)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return page_of(request, claim, form=form, return_waiver=form)
    act = _settled(request, claim, waivers.return_waiver, reason=form.cleaned_data["reason"])
    return do(request, claim, act, "The waiver is returned.", return_waiver=form)


def _settled(request: DeskRequest, claim: Claim, act: Callable[..., Any], **told: str) -> Callable[[], object]:
    waiver = get_object_or_404(Waiver.objects.waiting(), claim=claim)
    return lambda: act(waiver=waiver, **told, by=request.user, now=request.now)


pages: list[tuple[str, Any, str]] = [
    ("claims/<str:reference>/waiver/", propose, "propose_waiver"),
    ("claims/<str:reference>/waiver/approve/", approve, "approve_waiver"),
    ("claims/<str:reference>/waiver/return/", send_back, "return_waiver"),
]
