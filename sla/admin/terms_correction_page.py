"""A correction to Standard terms, for its second person: what is wrong on record, by which document, and what comes under it (S16)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.access import Who, may_approve, open_to
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of
from entitlements.rules.refusals import Refusal
from entitlements.views.step_up import freshly_signed_in
from sla.actions import terms_corrections as actions
from sla.admin.contract_term_previews import on_standard_terms, standard_terms
from sla.admin.forms import ReturnForm
from sla.models import TermsCorrection
from sla.terms_letters import untold

PAGE = "admin:terms_correction"


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, pk: int) -> HttpResponse:
    """What is proposed, and what it would do, or did."""
    return _page(request, _asked_for(pk))


@open_to(Who.MANAGERS)
@posted_to(PAGE)
@freshly_signed_in
def approve(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S16, S19: a second person makes it, who has just shown that it is them (V47)."""
    correction = _asked_for(pk)
    act = lambda: actions.approve_terms_correction(correction=correction, by=request.user, now=request.now)  # noqa: E731
    if refusals := refusals_of(act):
        return _page(request, correction, refusals=refusals)
    return done(request, "The terms are corrected, and the claims are judged by them.", PAGE, pk)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def send_back(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S16: it is not corrected, with a reason."""
    correction, form = _asked_for(pk), ReturnForm(request.POST)
    if not form.is_valid():
        return _page(request, correction, form=form)
    given: dict[str, Any] = {"reason": form.cleaned_data["reason"], "by": request.user, "now": request.now}
    refusals = refusals_of(lambda: actions.return_terms_correction(correction=correction, **given))
    if refusals:
        return _page(request, correction, refusals=refusals, form=form)
    return done(request, "It is given back. The terms stay as they are.", PAGE, pk)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def tell(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S16: the customer is told of it, since somebody reads for it now."""
    correction = _asked_for(pk)
    refusals = refusals_of(
        lambda: actions.tell_of_terms_correction(correction=correction, by=request.user, now=request.now)
    )
    if refusals:
        return _page(request, correction, refusals=refusals)
    return done(request, "The customer is told.", PAGE, pk)


def _asked_for(pk: int) -> TermsCorrection:
    people = ("proposed_by", "approved_by", "returned_by")
    return get_object_or_404(TermsCorrection.objects.select_related("contract__customer", *people), pk=pk)


def _page(
    request: DeskRequest,
    correction: TermsCorrection,
    *,
    refusals: Sequence[Refusal] = (),
    form: ReturnForm | None = None,
) -> HttpResponse:
    contract, preview = correction.contract, standard_terms if correction.waits else on_standard_terms
    return page(
        request,
        "admin/terms_correction.html",
        title=f"Correction to Standard terms, {contract.order_form}",
        correction=correction,
        contract=contract,
        zone=contract.tz,
        preview=preview(contract, {"first": correction.first}, request.now),
        own=correction.proposed_by_id == request.user.pk,
        may=may_approve(request.user),
        untold=untold().filter(pk=correction.pk).exists(),
        refusals=refusals,
        form=form,
        send_back=form or ReturnForm(),
    )


pages: list[tuple[str, Any, str]] = [
    ("terms-corrections/<int:pk>/", detail, "terms_correction"),
    ("terms-corrections/<int:pk>/approve/", approve, "approve_terms_correction"),
    ("terms-corrections/<int:pk>/return/", send_back, "return_terms_correction"),
    ("terms-corrections/<int:pk>/tell/", tell, "tell_of_terms_correction"),
]
