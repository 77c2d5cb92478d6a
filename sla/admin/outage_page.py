"""The page of one outage: its log intervals customer by customer, how it stands, and its end (S2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of, what_happened
from entitlements.admin.queues import vendor_zone
from entitlements.models import Customer
from entitlements.rules.days import to_the_second
from entitlements.rules.refusals import Refusal
from sla.actions import outages as actions
from sla.admin.outage_forms import EndForm, StepForm
from sla.models import Claim, Correction, Downtime, Outage, Recomputation
from sla.outage_logs import Logs, logs_of_each
from sla.outage_verdicts import verdicts_on
from sla.wording import verdict_on

PAGE = "admin:outage"
ON_A_PAGE = 50


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
def say(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S2: how it stands, with what is known."""
    outage = _asked_for(reference)
    form = StepForm(request.POST, outage=outage)
    if not form.is_valid():
        return _page(request, outage, form=form, step=form)
    refusals = refusals_of(
        lambda: actions.say_how_it_stands(outage=outage, by=request.user, now=request.now, **form.cleaned_data)
    )
    if refusals:
        return _page(request, outage, refusals=refusals, step=form)
    return done(request, f"How {reference} stands is on record.", PAGE, reference)


def _asked_for(reference: str) -> Outage:
    found = Outage.objects.select_related("cause", "recorded_by", "published_by")
    return get_object_or_404(found, reference=reference)


def _page(request: DeskRequest, outage: Outage, *, refusals: Sequence[Refusal] = (), **forms: Any) -> HttpResponse:
    hit = Customer.objects.filter(pk__in=outage.downtimes.values("customer")).order_by("name", "pk")
    shown = Paginator(hit, ON_A_PAGE).get_page(request.GET.get("page"))
    start_in_zone = {"zone": "UTC"}
    return page(
        request,
        "admin/outage.html",
        title=outage.title,
        outage=outage,
        reference=outage.reference,
        zone=vendor_zone(),
        page_obj=shown,
        rows=_rows(outage, shown.object_list, request.now),
        corrections=Correction.objects.filter(downtime__outage=outage).select_related(
            "downtime__customer", "corrected_by"
        ),
        recomputed=Recomputation.objects.by_what_happened_to(outage.reference),
        findings=outage.findings.select_related("found_by", "outage").prefetch_related("named__customer"),
        still_open=outage.downtimes.standing().filter(during__upper_inf=True).exists(),
        claims=Claim.objects.filter(cause=outage.cause, received_at__isnull=False).select_related("contract__customer"),
        refusals=refusals,
        openings=outage.openings.count(),
        opened=outage.openings.filter(opened_at__isnull=False).count(),
        history=what_happened(outage.reference),
        form=forms.get("form"),
        steps=outage.steps.select_related("noted_by"),
        step=forms.get("step") or StepForm(outage=outage, initial={"state": outage.state}),
        end=forms.get("end") or EndForm(initial=start_in_zone),
    )


def _rows(outage: Outage, customers: Iterable[Customer], now: datetime) -> list[dict[str, Any]]:
    """S2: each customer's intervals, and what they come to once maintenance and findings are cut out, as of the last full second."""
    by_customer: dict[Customer, list[Downtime]] = {customer: [] for customer in customers}
    known = outage.downtimes.filter(customer__in=by_customer).select_related("customer", "recorded_by")
    for one in known.order_by("during", "pk"):
        by_customer[one.customer].append(one)
    judged = logs_of_each(outage, by_customer, to_the_second(now))
    return [
        {
            "customer": customer,
            "downtimes": logged,
            "by_the_logs": verdicts_on(_standing(logged), vendor_zone(), to_the_second(now)),
            **_comes_to(judged.get(customer.pk)),
        }
        for customer, logged in by_customer.items()
    ]


def _comes_to(logs: Logs | None) -> dict[str, Any]:
    """S3, S6: the verdict on each piece that is left, and how much was cut out; nothing where no interval counts."""
    return {"verdicts": [verdict_on(one) for one in logs.pieces], "cut_out": logs.cut_out} if logs else {}


def _standing(logged: Iterable[Downtime]) -> list[Downtime]:
    return [one for one in logged if one.withdrawn_at is None]


pages: list[tuple[str, Any, str]] = [
    ("outages/<str:reference>/", detail, "outage"),
    ("outages/<str:reference>/end/", end, "end_outage"),
    ("outages/<str:reference>/stands/", say, "outage_stands"),
]
