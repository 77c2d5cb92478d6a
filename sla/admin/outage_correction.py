"""To correct or withdraw an interval of the logs: what it then comes to is said while it is typed; what it was stays (S2, S19)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of
from entitlements.admin.queues import vendor_zone
from entitlements.rules.days import to_the_second
from entitlements.rules.refusals import Refusal
from sla.actions.corrections import correct_downtime, withdraw_downtime
from sla.actions.outages import LoggedInterval
from sla.admin.outage_forms import CorrectionForm, WithdrawalForm
from sla.models import Downtime
from sla.outage_verdicts import Interval, verdicts_on

PAGE = "admin:interval"


@open_to(Who.MANAGERS)
def interval(request: DeskRequest, *, pk: int) -> HttpResponse:
    """One interval with what it was, and the forms to correct or withdraw it."""
    return _page(request, _asked_for(pk))


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def correct(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S2: the interval is another than was recorded; or, asked to work it out, only what it would come to."""
    downtime = _asked_for(pk)
    form = CorrectionForm(request.POST)
    start = form.instant("start") if form.is_valid() else None
    if start is None or "work_it_out" in request.POST:
        return _page(request, downtime, form=form, correction=form, working=_worked_out(request, form, downtime))
    refusals = refusals_of(
        lambda: correct_downtime(
            downtime=downtime,
            start=start,
            end=form.instant("end"),
            reason=form.cleaned_data["reason"],
            by=request.user,
            now=request.now,
        )
    )
    if refusals:
        return _page(request, downtime, refusals=refusals, correction=form)
    return done(request, "The correction is on record.", "admin:outage", downtime.outage.reference)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def withdraw(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S2: the interval should not have been recorded."""
    downtime = _asked_for(pk)
    form = WithdrawalForm(request.POST)
    if not form.is_valid():
        return _page(request, downtime, form=form, withdrawal=form)
    withdraw_downtime(downtime=downtime, by=request.user, now=request.now, **form.cleaned_data)
    return done(request, "The interval is withdrawn. It stays on record.", "admin:outage", downtime.outage.reference)


@open_to(Who.MANAGERS)
@require_POST
def working(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S2: what the customer's intervals would come to, as a part of the page. Nothing is kept."""
    form = CorrectionForm(request.POST)
    form.is_valid()
    answer = {"working": _worked_out(request, form, _asked_for(pk))}
    return TemplateResponse(request, "admin/outage_working.html", answer)


def _worked_out(request: DeskRequest, form: CorrectionForm, downtime: Downtime) -> dict[str, Any]:
    """The customer's other intervals of the outage, with this one as it was typed."""
    start, end = form.instant("start"), form.instant("end")
    if start is None or start > request.now or (end and end <= start):
        return {}
    others = downtime.outage.downtimes.standing().filter(customer=downtime.customer).exclude(pk=downtime.pk)
    intervals: list[Interval] = [*others.select_related("customer"), LoggedInterval(downtime.customer, start, end)]
    return {
        "verdicts": verdicts_on(intervals, vendor_zone(), to_the_second(request.now)),
        "counts": downtime.outage.is_of_the_service,
        "zone": form.cleaned_data["zone"],
    }


def _asked_for(pk: int) -> Downtime:
    found = Downtime.objects.select_related("outage__cause", "customer", "recorded_by", "withdrawn_by")
    return get_object_or_404(found, pk=pk)


def _page(request: DeskRequest, downtime: Downtime, *, refusals: Sequence[Refusal] = (), **shown: Any) -> HttpResponse:
    return page(
        request,
        "admin/outage_correction.html",
        title=f"Interval of {downtime.customer}",
        downtime=downtime,
        outage=downtime.outage,
        zone=vendor_zone(),
        corrections=downtime.corrections.select_related("corrected_by"),
        refusals=refusals,
        form=shown.get("form"),
        working=shown.get("working"),
        correction=shown.get("correction") or CorrectionForm(initial=_as_it_is(downtime)),
        withdrawal=shown.get("withdrawal") or WithdrawalForm(),
    )


def _as_it_is(downtime: Downtime) -> dict[str, Any]:
    start, end = downtime.start.astimezone(UTC), downtime.end
    given = {"zone": "UTC", "start_day": start.date(), "start_time": start.time()}
    if end:
        given |= {"end_day": end.astimezone(UTC).date(), "end_time": end.astimezone(UTC).time()}
    return given


pages: list[tuple[str, Any, str]] = [
    ("outages/intervals/<int:pk>/", interval, "interval"),
    ("outages/intervals/<int:pk>/correct/", correct, "correct_interval"),
    ("outages/intervals/<int:pk>/withdraw/", withdraw, "withdraw_interval"),
    ("outages/intervals/<int:pk>/working/", working, "interval_working"),
]
