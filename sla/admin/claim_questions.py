"""On the page of a claim: asking its customer for more, and settling their question about a denial (S19)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpResponse

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, posted_to
from sla.actions.information import ask_for_information, take_back_request
from sla.actions.second_looks import decline_second_look, reopen_claim
from sla.admin.claim_page import PAGE, asked_for, do, page_of
from sla.admin.question_forms import AskForm, SecondLookForm


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def ask(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S19: what is needed, and by when; the letter goes at once."""
    claim = asked_for(request, reference)
    form = AskForm(request.POST, contract=claim.contract, now=request.now)
    if not form.is_valid():
        return page_of(request, claim, form=form, ask=form)
    given = {"asked_for": form.cleaned_data["asked_for"], "answer_by": form.answer_by()}
    return do(
        request,
        claim,
        lambda: ask_for_information(claim=claim, **given, by=request.user, now=request.now),
        "The customer is asked. The claim comes back with the answer, or at the deadline.",
        ask=form,
    )


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def take_back(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S19: it is not needed any more."""
    claim = asked_for(request, reference)
    return do(
        request,
        claim,
        lambda: take_back_request(claim=claim, by=request.user, now=request.now),
        "The request is taken back. The claim is in review.",
    )


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def reopen(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S19: a denied claim goes back to review, with a reason."""
    return _looked_again(request, reference, reopen_claim, "The claim is in review again. The customer gets a letter.")


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def decline(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S19: the decision stands, with a reason."""
    return _looked_again(request, reference, decline_second_look, "The decision stands. The customer gets a letter.")


def _looked_again(request: DeskRequest, reference: str, act: Callable[..., Any], told: str) -> HttpResponse:
    claim = asked_for(request, reference)
    form = SecondLookForm(request.POST)
    if not form.is_valid():
        return page_of(request, claim, form=form, second_look=form)
    said = form.cleaned_data["reason"]
    look = partial(act, claim=claim, reason=said, by=request.user, now=request.now)
    return do(request, claim, look, told, second_look=form)


pages: list[tuple[str, Any, str]] = [
    ("claims/<str:reference>/ask/", ask, "ask_for_information"),
    ("claims/<str:reference>/ask/back/", take_back, "take_back_request"),
    ("claims/<str:reference>/reopen/", reopen, "reopen_claim"),
    ("claims/<str:reference>/second-look/decline/", decline, "decline_second_look"),
]
