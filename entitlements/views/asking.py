"""To ask for an engagement: what is there and when, then the check page, then the request (C4; E5, E7, E9, E11, E12)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from entitlements.access import Who, open_to
from entitlements.actions.engagements import request_engagement
from entitlements.actions.refused import Refused
from entitlements.books import book_visible_to
from entitlements.forms.requests import RequestForm
from entitlements.forms.times import begun_with
from entitlements.models import Engagement
from entitlements.offers import Offered, offered
from entitlements.rules.refusals import Refusal
from entitlements.views.requests import PortalRequest

ONLY_READS = "Your role at {} is to read. Its owner, or somebody who books, can do this."
CHECK, SEND, TIMES = "check", "send", "times"


@open_to(Who.BOOKERS)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: PortalRequest, contract: int, activity: str) -> HttpResponse:
    """E9, E11, E12: within the caps of the contract year."""
    return _pages(request, _offered(request, contract, activity))


@open_to(Who.BOOKERS)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_beyond(request: PortalRequest, contract: int, activity: str) -> HttpResponse:
    """E7: under a Professional Services agreement, not counted."""
    return _pages(request, _offered(request, contract, activity, beyond=True))


def _pages(request: PortalRequest, offer: Offered) -> HttpResponse:
    """The first page until its answers are good and nothing stands against them, then the second, until it is sent."""
    step = TIMES if "later" in request.POST else request.POST.get("step", SEND)
    if request.method != "POST" or step not in (CHECK, SEND) or offer.opens_on is None:
        return _first_page(request, offer, RequestForm(initial=_begun(request, offer), offer=offer, now=request.now))
    form = RequestForm(request.POST, offer=offer, now=request.now, sent=step == SEND)
    if not form.is_valid():
        again = form.asks_again or "wished_day" not in form.cleaned_data
        return _first_page(request, offer, form) if again else _second_page(request, offer, form)
    offer = replace(offer, day=form.cleaned_data["wished_day"])
    refusals = offer.stopped_by(form.cleaned_data)
    if step == CHECK:
        refusals = refusals or offer.refusals
        return _first_page(request, offer, form, refusals) if refusals else _second_page(request, offer, form)
    try:
        engagement = _request(request, offer, form, refusals)
    except Refused as refused:
        return _first_page(request, offer, form, list(refused.refusals))
    messages.success(request, f"We have your request. Its reference is {engagement.reference}.")
    return redirect("engagement", engagement.reference)


def _begun(request: PortalRequest, offer: Offered) -> dict[str, Any]:
    """What the first page begins with: what was typed before, else what the refusal or the card proposes."""
    typed = begun_with(request.GET, request.POST)
    return {"form_key": uuid.uuid4(), "wished_day": offer.proposed_day, "ps_reference": offer.agreement} | typed


def _first_page(
    request: PortalRequest, offer: Offered, form: RequestForm, refusals: list[Refusal] | None = None
) -> HttpResponse:
    context = {"offer": offer, "form": form, "refusals": refusals or [], "zone": offer.contract.zone}
    return render(request, "sessions/request.html", context)


def _second_page(request: PortalRequest, offer: Offered, form: RequestForm) -> HttpResponse:
    offer = replace(offer, day=form.cleaned_data["wished_day"])
    context = {"offer": offer, "form": form, "wish": form.cleaned_data, "zone": offer.contract.zone}
    return render(request, "sessions/request_check.html", context)


def _request(request: PortalRequest, offer: Offered, form: RequestForm, refusals: list[Refusal]) -> Engagement:
    if refusals:
        raise Refused(*refusals)
    wish = form.cleaned_data
    return request_engagement(
        contract=offer.contract,
        activity=offer.described.activity,
        wished_day=wish["wished_day"],
        wished_start=wish["wished_start"],
        preparation=form.prepared,
        topic=wish["topic"],
        ps_reference=wish.get("ps_reference", ""),
        advice_wording=offer.described.edition.advice_wording,
        form_key=wish["form_key"],
        by=request.user,
        now=request.now,
    )


def _offered(request: PortalRequest, contract: int, activity: str, *, beyond: bool = False) -> Offered:
    book = book_visible_to(request.user, contract, request.now)
    found = offered(book, activity, beyond=beyond) if book else None
    if book is None or found is None:
        raise Http404
    if not book.may_book:
        raise PermissionDenied(ONLY_READS.format(book.contract.customer))
    return found
