"""To record a finding of cause, or to correct one: what it changes is shown before it is saved (S6, S19)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse

from entitlements.access import Who, open_to
from entitlements.actions.refused import Refused
from entitlements.admin.pages import DeskRequest, done, page, refusals_of
from entitlements.admin.queues import vendor_zone
from entitlements.rules.refusals import Refusal
from sla.actions.finding_facts import Reach
from sla.actions.findings import correct_finding, keep_finding_document, record_finding
from sla.admin.finding_forms import FindingForm, as_it_is
from sla.admin.finding_forms import asked_for as asked_for_by_a_page
from sla.admin.finding_page import PAGE, asked_for
from sla.finding_effects import Effects, effects_of
from sla.models import Finding, FindingDocument

RECORD = "What excludes a failure is found by a person, by evidence. It cuts as maintenance does; open claims are computed anew."
CORRECT = "What it was stays on record beside this. Open claims are computed anew; decided ones stand."
Act = Callable[[FindingDocument], Finding]


@open_to(Who.MANAGERS)
def record(request: DeskRequest) -> HttpResponse:
    """S6: a cause that excludes failures, upon an outage, upon alerts, or upon all that customers had then."""
    if request.method != "POST":
        known = asked_for_by_a_page(request.GET.dict())
        return _page(request, FindingForm(now=request.now, by=request.user, initial=known))
    form = FindingForm(request.POST, request.FILES, now=request.now, by=request.user)
    if not form.is_valid() or "change" in request.POST:
        return _page(request, form)

    def act(document: FindingDocument) -> Finding:
        return record_finding(
            found=form.found,
            document=document,
            form_key=form.cleaned_data["form_key"],
            by=request.user,
            now=request.now,
        )

    return _step(request, form, act, [form.found])


@open_to(Who.MANAGERS)
def correct(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S6: the finding was another; what it was stays."""
    finding = asked_for(reference)
    if request.method != "POST":
        return _page(
            request, FindingForm(now=request.now, by=request.user, finding=finding, initial=as_it_is(finding)), finding
        )
    form = FindingForm(request.POST, request.FILES, now=request.now, by=request.user, finding=finding)
    if not form.is_valid() or "change" in request.POST:
        return _page(request, form, finding)

    def act(document: FindingDocument) -> Finding:
        return correct_finding(
            finding=finding,
            found=form.found,
            document=document,
            reason=form.cleaned_data["reason"],
            form_key=form.cleaned_data["form_key"],
            by=request.user,
            now=request.now,
        )

    return _step(request, form, act, [finding, form.found], finding)


def _step(
    request: DeskRequest, form: FindingForm, act: Act, reaches: Sequence[Reach], finding: Finding | None = None
) -> HttpResponse:
    """Shown with what it changes, the document kept meanwhile; and done when that is confirmed."""
    document: FindingDocument | None = form.cleaned_data["kept"]
    if file := form.cleaned_data["document"]:
        document = keep_finding_document(file=file, by=request.user, now=request.now)
        form.keep(document)
    if document is None:
        return _page(request, form, finding)
    shown = document
    if "confirmed" not in request.POST or file:
        refusals, effects = effects_of(lambda: refusals_of(lambda: act(shown)), reaches, request.now)
        return _page(request, form, finding, refusals=refusals, effects=effects, document=shown)
    try:
        saved = act(shown)
    except Refused as refused:
        return _page(request, form, finding, refusals=refused.refusals, document=shown)
    return done(request, f"{saved.reference} is on record.", PAGE, saved.reference)


def _page(
    request: DeskRequest,
    form: FindingForm,
    finding: Finding | None = None,
    *,
    refusals: Sequence[Refusal] = (),
    effects: Effects | None = None,
    document: FindingDocument | None = None,
) -> HttpResponse:
    there = (
        document
        or (form.cleaned_data.get("kept") if form.is_bound else None)
        or (finding.document if finding else None)
    )
    return page(
        request,
        "admin/finding_form.html",
        title=f"Correct {finding.reference}" if finding else "Record a finding of cause",
        act="Record the correction" if finding else "Record the finding",
        means=CORRECT if finding else RECORD,
        back=finding,
        form=form,
        refusals=refusals,
        effects=effects,
        document=there,
        zone=vendor_zone(),
        answers=_answers(form, there) if effects else (),
        kept=form.typed() if effects else (),
    )


def _answers(form: FindingForm, document: FindingDocument | None) -> list[tuple[str, str]]:
    files = [("The document", f"{document.name}, SHA-256 {document.sha256}")] if document else []
    return [*((label, said) for label, said in form.answers() if label != "The document"), *files]


pages: list[tuple[str, Any, str]] = [
    ("findings/record/", record, "record_finding"),
    ("findings/<str:reference>/correct/", correct, "correct_finding"),
]
