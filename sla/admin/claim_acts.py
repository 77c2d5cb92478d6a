"""On the page of a claim: put it aside, name its cause, close it as covered, have it audited (S12, S14, M5.2)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, posted_to
from sla.actions import aside, audits
from sla.admin.claim_page import PAGE, asked_for, do, page_of
from sla.admin.reviewer_forms import AsideForm, AuditForm, CauseForm, CloseAuditForm
from sla.models import Audit


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def put_aside(request: DeskRequest, *, reference: str) -> HttpResponse:
    """M5.2: out of the queue until a day, with why."""
    claim = asked_for(request, reference)
    form = AsideForm(request.POST, contract=claim.contract, now=request.now)
    if not form.is_valid():
        return page_of(request, claim, form=form, aside=form)
    told = {"until": form.until(), "why": form.cleaned_data["why"]}
    return do(
        request,
        claim,
        lambda: aside.put_aside(claim=claim, **told, by=request.user, now=request.now),
        "It is put aside. It comes back by itself.",
        aside=form,
    )


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def take_up_again(request: DeskRequest, *, reference: str) -> HttpResponse:
    """M5.2: back in the queue, before its day."""
    claim = asked_for(request, reference)
    return do(
        request,
        claim,
        lambda: aside.take_up_again(claim=claim, by=request.user, now=request.now),
        "It is in the queue again.",
    )


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def name_cause(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S12: the same cause as another claim's, or a new one."""
    claim = asked_for(request, reference)
    form = CauseForm(request.POST, claim=claim)
    if not form.is_valid():
        return page_of(request, claim, form=form, cause=form)
    told = {"cause": form.cleaned_data["like"], "title": form.cleaned_data["title"]}
    return do(
        request,
        claim,
        lambda: aside.name_cause(claim=claim, **told, by=request.user, now=request.now),
        "The cause is named.",
        cause=form,
    )


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def cover(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S12: the credit of the same cause covers it."""
    claim = asked_for(request, reference)
    return do(
        request,
        claim,
        lambda: aside.cover_claim(claim=claim, by=request.user, now=request.now),
        "The claim is closed as covered. The customer gets a letter.",
    )


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def open_audit(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S14: what is audited, by whom, and until when; the letters go at once."""
    claim = asked_for(request, reference)
    form = AuditForm(request.POST, contract=claim.contract, now=request.now)
    if not form.is_valid():
        return page_of(request, claim, form=form, audit=form)
    told = form.told()
    return do(
        request,
        claim,
        lambda: audits.open_audit(claim=claim, **told, by=request.user, now=request.now),
        "The claim is in audit. The customer gets a letter, and so does an independent auditor.",
        audit=form,
    )


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def close_audit(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S14: what was found; the change of the amount is worked out."""
    claim = asked_for(request, reference)
    audit = get_object_or_404(Audit.objects.open(), claim=claim)
    form = CloseAuditForm(request.POST)
    if not form.is_valid():
        return page_of(request, claim, form=form, close_audit=form)
    found = form.cleaned_data
    return do(
        request,
        claim,
        lambda: audits.close_audit(audit=audit, **found, by=request.user, now=request.now),
        "The audit is closed. The claim is in review again.",
        close_audit=form,
    )


pages: list[tuple[str, Any, str]] = [
    ("claims/<str:reference>/aside/", put_aside, "put_aside"),
    ("claims/<str:reference>/aside/back/", take_up_again, "take_up_again"),
    ("claims/<str:reference>/cause/", name_cause, "name_cause"),
    ("claims/<str:reference>/cover/", cover, "cover_claim"),
    ("claims/<str:reference>/audit/", open_audit, "open_audit"),
    ("claims/<str:reference>/audit/close/", close_audit, "close_audit"),
]
