from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from entitlements import missed
from entitlements.access import Who, may_claim, open_to
from entitlements.actions.refused import Refused
from entitlements.rules.days import local_day
from entitlements.views.lists import InFile, if_asked_as_file
from sla import letters
from sla.access import contracts_to_report_on, failures_visible_to
from sla.actions.claims import reason_against_claim
from sla.actions.failures import report_failure
from sla.drafts import of_the_same_cause
from sla.forms.failures import ReportForm
from sla.forms.lists import ListForm
from sla.home import known_outages
from sla.models import Failure, FailureState, TermsEdition
from sla.outage_logs import logged_pieces, outage_known_for
from sla.rules.claim_window import claim_window
from sla.rules.outages import AvailabilityOutage
from sla.terms_shown import terms_shown
from sla.timeline import timeline_of
from sla.views.requests import PortalRequest, posted

PAGE = 25
IN_FILE: InFile = {
    "Reference": lambda one: one.reference,
    "What failed": lambda one: one.get_kind_display(),
    "Order form": lambda one: one.contract.order_form,
    "Began": lambda one: one.began_at,
    "Ended": lambda one: one.ended_at,
    "Reported": lambda one: one.reported_at,
    "Claim by": lambda one: one.closes_at,
    "State": lambda one: one.get_state_display(),
}
MINUTE = timedelta(minutes=1)


@open_to(Who.CUSTOMERS)
@require_safe
def listing(request: PortalRequest) -> HttpResponseBase:
    form = ListForm(request.GET, states=FailureState)
    rows = form.narrow(failures_visible_to(request.user).select_related("contract"))
    if file := if_asked_as_file(request, "failures", rows, IN_FILE):
        return file
    found = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    zone = found.object_list[0].contract.zone if found else None
    return render(request, "failures/failure_list.html", {"filter": form, "page_obj": found, "zone": zone})


@open_to(Who.CLAIMANTS)
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: PortalRequest) -> HttpResponse:
    """S13: reported as soon as it occurs; received at `request.now`, whatever the form says."""
    contracts = contracts_to_report_on(request.user, request.now)
    form = ReportForm(posted(request), contracts=contracts, now=request.now)
    if request.method == "POST" and form.is_valid():
        try:
            failure = report_failure(**form.facts(), by=request.user, now=request.now)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"We have received your report. Its reference is {failure.reference}.")
            return redirect("failure", failure.reference)
    zone = contracts[0].zone if contracts else None
    known = known_outages(request.user, request.now)
    return render(request, "failures/report.html", {"form": form, "contracts": contracts, "zone": zone, "known": known})


@open_to(Who.CUSTOMERS)
@require_safe
def detail(request: PortalRequest, reference: str) -> HttpResponse:
    """The report with its receipt, the end of its claim window, what our logs know, and its claim."""
    failure = _own(request, reference)
    claims = [link.claim for link in failure.claim_failures.select_related("claim").order_by("-id")]
    context = {
        "failure": failure,
        "zone": failure.contract.zone,
        "reference": failure.reference,
        "claims": claims,
        "terms_shown": terms_shown(failure.contract, [failure.occurred_at]),
        "same_cause": of_the_same_cause(failure) if failure.state == FailureState.REPORTED else (),
        "missed": missed.of([failure.reference], request.now),
        "can_start": failure.state == FailureState.REPORTED and may_claim(request.user, failure.contract.customer),
        "refusal": reason_against_claim(failure, request.now) if failure.state == FailureState.REPORTED else None,
        "events": timeline_of([failure.reference], reader=request.user),
        **_figures(failure, request.now),
    }
    return render(request, "failures/failure.html", context)


@open_to(Who.CUSTOMERS)
@require_safe
def calendar(request: PortalRequest, reference: str) -> HttpResponse:
    """The last hour to claim, for a calendar: the file that also came with the letter."""
    name, kind, text = letters.deadline_file(_own(request, reference))
    return HttpResponse(text, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _own(request: PortalRequest, reference: str) -> Failure:
    visible = failures_visible_to(request.user).select_related("contract__customer", "outage", "reported_by", "came_as")
    failure: Failure = get_object_or_404(visible, reference=reference)
    return failure


def _figures(failure: Failure, now: datetime) -> dict[str, Any]:
    """S2, S8, S13: how the stored deadline came about, and each piece of the logs with whether it counts."""
    zone = failure.contract.tz
    terms = TermsEdition.objects.in_force_on(local_day(failure.began_at, zone)).facts()
    window = replace(claim_window(failure.occurred_at, zone, terms), deadline=failure.closes_at)
    outage = outage_known_for(failure)
    pieces = logged_pieces(outage, failure.contract.customer, terms, now) if outage else ()
    return {
        "window": window.working,
        "terms": terms,
        "delay": (failure.reported_at - failure.began_at) // MINUTE * MINUTE,
        "outage": outage,
        "outages": [piece for piece in pieces if isinstance(piece, AvailabilityOutage)],
        "too_short": [piece for piece in pieces if not isinstance(piece, AvailabilityOutage)],
    }
