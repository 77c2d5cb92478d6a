"""The page of a finding of cause: what it excludes, by which evidence, what it was, and the way to withdraw it (S6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.access import Who, open_to
from entitlements.actions.refused import Refused
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of, what_happened
from entitlements.admin.queues import vendor_zone
from entitlements.rules.refusals import Refusal
from sla.actions.finding_facts import claims_touched
from sla.actions.findings import note_examined, open_finding_document, withdraw_finding
from sla.admin.finding_forms import ExaminedForm, WithdrawFindingForm
from sla.checklists import detail_in_words
from sla.exclusions import facts_of
from sla.finding_effects import Effects, effects_of
from sla.handed_out import scanned_now
from sla.models import Claim, Finding, Recomputation

PAGE = "admin:finding"
MOST_NAMED = 50


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, reference: str) -> HttpResponse:
    """What was found, upon what, and what became of it."""
    return _page(request, asked_for(reference))


def _page(request: DeskRequest, finding: Finding, *, refusals: Sequence[Refusal] = ()) -> HttpResponse:
    reference = finding.reference
    return page(
        request,
        "admin/finding.html",
        title=f"({finding.kind}) {finding.get_kind_display()}",
        **_shown(finding),
        refusals=refusals,
        changed=Recomputation.objects.filter(matter=reference).select_related("claim"),
        claims=claims_touched(finding).select_related("contract__customer").order_by("pk")[:MOST_NAMED],
        history=what_happened(reference),
    )


@open_to(Who.MANAGERS)
def withdraw(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S6: it should not have been recorded. What that changes is shown first; it is done when it is confirmed."""
    finding = asked_for(reference)
    if request.method != "POST":
        return _withdrawal(request, finding, WithdrawFindingForm())
    form = WithdrawFindingForm(request.POST)
    if not form.is_valid() or "change" in request.POST:
        return _withdrawal(request, finding, form)

    def act() -> Sequence[Refusal]:
        given = {"reason": form.cleaned_data["reason"], "by": request.user, "now": request.now}
        return refusals_of(lambda: withdraw_finding(finding=finding, **given))

    if "confirmed" not in request.POST:
        refusals, effects = effects_of(act, [finding], request.now)
        return _withdrawal(request, finding, form, refusals=refusals, effects=effects)
    if refusals := act():
        return _withdrawal(request, finding, form, refusals=refusals)
    return done(request, f"{reference} is withdrawn. It stays on record.", PAGE, reference)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def document(request: DeskRequest, *, reference: str) -> HttpResponse:
    """By POST, since every opening is put on record. A file to keep, without a type to run; scanned first, where there is a scanner."""
    finding = asked_for(reference)
    kept = open_finding_document(finding=finding, by=request.user, now=request.now)
    try:
        return scanned_now(kept.stored_as, kept.sha256, kept.name)
    except Refused as refused:
        return _page(request, finding, refusals=refused.refusals)


@open_to(Who.MANAGERS)
def examined(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S6: it was looked for an exclusion of a claim, and none was found."""
    claim = get_object_or_404(Claim, reference=reference, received_at__isnull=False)
    form = ExaminedForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        note_examined(claim=claim, by=request.user, now=request.now, **form.cleaned_data)
        return done(request, "It is on the checklist.", "admin:claim", reference)
    return page(request, "admin/finding_examined.html", title="Looked for, not found", form=form, claim=claim)


def asked_for(reference: str) -> Finding:
    found = Finding.objects.select_related("document", "found_by", "outage", "corrects", "withdrawn_by")
    return get_object_or_404(found, reference=reference)


def _shown(finding: Finding) -> dict[str, Any]:
    return {
        "finding": finding,
        "reference": finding.reference,
        "facts": facts_of(finding),
        "detail": detail_in_words(finding.detail),
        "customers": finding.named.select_related("customer").order_by("customer__name")[:MOST_NAMED],
        "replaced_by": Finding.objects.filter(corrects=finding).first(),
        "zone": vendor_zone(),
    }


def _withdrawal(
    request: DeskRequest,
    finding: Finding,
    form: WithdrawFindingForm,
    *,
    refusals: Sequence[Refusal] = (),
    effects: Effects | None = None,
) -> HttpResponse:
    return page(
        request,
        "admin/finding_form.html",
        title=f"Withdraw {finding.reference}",
        act="Withdraw the finding",
        means="It stays on record with your reason, and excludes nothing any more.",
        back=finding,
        form=form,
        refusals=refusals,
        effects=effects,
        zone=vendor_zone(),
        answers=form.answers() if effects else (),
        kept=form.typed() if effects else (),
    )


pages: list[tuple[str, Any, str]] = [
    ("findings/<str:reference>/", detail, "finding"),
    ("findings/<str:reference>/withdraw/", withdraw, "withdraw_finding"),
    ("findings/<str:reference>/document/", document, "finding_document"),
    ("claims/<str:reference>/examined/", examined, "examine_exclusion"),
]
