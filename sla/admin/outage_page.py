"""Outages: put on record from the server logs, ended, and the fix of their cause noted (S2, S12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements import wording
from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of, what_happened
from entitlements.admin.queues import vendor_zone
from entitlements.models import Customer
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal
from sla.actions import outages as actions
from sla.admin.forms import EndForm, OutageForm
from sla.models import Claim, Downtime, Outage, TermsEdition
from sla.rules.outages import AvailabilityOutage, pieces

PAGE = "admin:outage"


@open_to(Who.MANAGERS)
def record(request: DeskRequest) -> HttpResponse:
    """S2: put an outage on record."""
    if request.method != "POST":
        asked = request.GET.get("customer", "")
        named = Customer.objects.filter(pk=int(asked)).first() if asked.isdecimal() else None
        initial = {"customers": named.external_id} if named else {}
        return _form(request, OutageForm(now=request.now, initial=initial))
    form = OutageForm(request.POST, now=request.now)
    start = form.instant("start") if form.is_valid() else None
    if start is None:
        return _form(request, form)
    given, end = form.cleaned_data, form.instant("end")
    outage = actions.record_outage(
        title=given["title"],
        intervals=[actions.LoggedInterval(customer=one, start=start, end=end) for one in given["hit"]],
        source=given["source"],
        cause=given["cause"],
        by=request.user,
        now=request.now,
    )
    return done(request, f"{outage.reference} is on record.", PAGE, outage.reference)


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, reference: str) -> HttpResponse:
    """The outage as the logs have it, customer by customer."""
    return _page(request, _asked_for(reference))


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def end(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S2: the service is back."""
    outage = _asked_for(reference)
    form = EndForm(request.POST)
    ended_at = form.instant("end") if form.is_valid() else None
    if ended_at is None:
        return _page(request, outage, form=form, end=form)
    refusals = refusals_of(
        lambda: actions.end_outage(outage=outage, ended_at=ended_at, by=request.user, now=request.now)
    )
    if refusals:
        return _page(request, outage, refusals=refusals, end=form)
    return done(request, f"The end of {reference} is on record.", PAGE, reference)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def fix(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S12: the cause is fixed, and closed with it."""
    outage = _asked_for(reference)
    cause = actions.record_fix(cause=outage.cause, by=request.user, now=request.now)
    return done(request, f"{cause.reference} is fixed. A recurrence will be a new cause.", PAGE, reference)


def _asked_for(reference: str) -> Outage:
    found = Outage.objects.select_related("cause", "cause__fixed_by", "recorded_by")
    return get_object_or_404(found, reference=reference)


def _form(request: DeskRequest, form: OutageForm) -> HttpResponse:
    return page(request, "admin/record_outage.html", title="Record an outage", form=form)


def _page(request: DeskRequest, outage: Outage, *, refusals: Sequence[Refusal] = (), **forms: Any) -> HttpResponse:
    downtimes = list(outage.downtimes.select_related("customer").order_by("customer__name", "during"))
    start_in_zone = {"zone": "UTC"}
    return page(
        request,
        "admin/outage.html",
        title=outage.title,
        outage=outage,
        reference=outage.reference,
        zone=vendor_zone(),
        rows=_rows(downtimes, request.now),
        still_open=any(one.during.upper is None for one in downtimes),
        claims=Claim.objects.filter(cause=outage.cause, received_at__isnull=False).select_related("contract__customer"),
        refusals=refusals,
        history=what_happened(outage.reference),
        form=forms.get("form"),
        end=forms.get("end") or EndForm(initial=start_in_zone),
    )


def _rows(downtimes: Iterable[Downtime], now: datetime) -> list[dict[str, Any]]:
    """S2: each customer's intervals, and what they come to: thirty minutes or more is an Availability Outage."""
    by_customer: dict[Customer, list[Downtime]] = {}
    for one in downtimes:
        by_customer.setdefault(one.customer, []).append(one)
    return [
        {"customer": customer, "downtimes": known, "verdicts": _verdicts(known, now)}
        for customer, known in by_customer.items()
    ]


def _verdicts(known: list[Downtime], now: datetime) -> list[str]:
    terms = TermsEdition.objects.in_force_on(local_day(known[0].during.lower, vendor_zone())).facts()
    logged = [(one.during.lower, one.during.upper) for one in known]
    asked = now if any(end is None for _, end in logged) else None
    return [
        f"{wording.duration_in_words(piece.span.length)}: "
        f"{'an' if isinstance(piece, AvailabilityOutage) else 'not an'} Availability Outage"
        for piece in pieces(logged, (), terms, asked)
    ]
