"""To put an outage on record: what the log intervals come to is said while they are typed, before anything is kept (M8.1)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from entitlements.access import Who, open_to
from entitlements.actions.refused import Refused
from entitlements.admin.pages import DeskRequest, done, page
from entitlements.admin.queues import vendor_zone
from entitlements.models import Customer
from entitlements.rules.days import to_the_second
from sla.actions.outages import record_outage
from sla.admin.outage_forms import OutageForm
from sla.outage_verdicts import verdicts_on
from sla.rules.components import THE_SERVICE


@open_to(Who.MANAGERS)
def record(request: DeskRequest) -> HttpResponse:
    """S2: put an outage on record; or, asked to work it out, only say what the intervals come to."""
    if request.method != "POST":
        asked = request.GET.get("customer", "")
        named = Customer.objects.filter(pk=int(asked)).first() if asked.isdecimal() else None
        initial = {"customers": named.external_id} if named else {}
        return _page(request, OutageForm(now=request.now, initial=initial))
    form = OutageForm(request.POST, request.FILES, now=request.now)
    if not form.is_valid() or "work_it_out" in request.POST:
        return _page(request, form, working=_worked_out(request, form))
    given = form.cleaned_data
    try:
        outage = record_outage(
            title=given["title"],
            component=given["component"],
            intervals=form.intervals,
            source=given["source"],
            file=given["file"],
            cause=given["cause"],
            by=request.user,
            now=request.now,
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, form, working=_worked_out(request, form))
    return done(request, f"{outage.reference} is on record.", "admin:outage", outage.reference)


@open_to(Who.MANAGERS)
@require_POST
def working(request: DeskRequest) -> HttpResponse:
    """S2: what the intervals typed so far come to, as a part of the page. Nothing is kept."""
    form = OutageForm(request.POST, request.FILES, now=request.now)
    form.is_valid()
    return TemplateResponse(request, "admin/outage_working.html", {"working": _worked_out(request, form)})


def _worked_out(request: DeskRequest, form: OutageForm) -> dict[str, Any]:
    counts = form.cleaned_data.get("component", THE_SERVICE[0]) in THE_SERVICE
    verdicts = verdicts_on(form.intervals, vendor_zone(), to_the_second(request.now))
    zone = form.cleaned_data.get("zone") or "UTC"
    return {"verdicts": verdicts, "counts": counts, "zone": zone, "unread": form.unread}


def _page(request: DeskRequest, form: OutageForm, **more: Any) -> HttpResponse:
    return page(request, "admin/record_outage.html", title="Record an outage", form=form, **more)


pages: list[tuple[str, Any, str]] = [
    ("outages/record/", record, "record_outage"),
    ("outages/record/working/", working, "outage_working"),
]
