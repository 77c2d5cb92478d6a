"""Maintenance is planned, with the guard of its notice, or recorded as an emergency (M8.3, M8.4): typed, checked, confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from entitlements.access import Who, open_to
from entitlements.actions.refused import Refused
from entitlements.admin.pages import DeskRequest, done, page
from entitlements.models import Letter
from entitlements.rehearsals import taken_back, written_out
from entitlements.rules.refusals import Refusal
from sla.actions import maintenance as actions
from sla.actions import maintenance_runs as runs
from sla.actions.maintenance_records import Told
from sla.admin.maintenance_forms import PlanForm, RecordForm
from sla.admin.maintenance_guard import Guard
from sla.business_days import vendor_zone
from sla.models import MaintenancePeriod

PAGE = "admin:maintenance"


@open_to(Who.MANAGERS)
def plan(request: DeskRequest) -> HttpResponse:
    """S15: announce maintenance. Opened it asks; sent it shows who gets which letter; confirmed the letters are written."""
    if request.method != "POST":
        return _plan_page(request, PlanForm(now=request.now))
    form = PlanForm(request.POST, now=request.now)
    window = form.window if form.is_valid() else None
    if window is None or "change" in request.POST or "look" in request.POST:
        return _plan_page(request, form)
    try:
        if "confirmed" in request.POST:
            period = _planned(form, request)
            return done(request, f"{period.reference} is planned, and its letters are written.", PAGE, period.reference)
        return _plan_page(request, form, checked=True, letter=_preview(form, request))
    except Refused as refused:
        return _plan_page(request, form, refusals=refused.refusals)


@open_to(Who.MANAGERS)
def guard(request: DeskRequest) -> HttpResponse:
    """M8.3: what the rules say of what is typed so far, as a part of the page. Nothing is kept."""
    form = PlanForm(request.POST, now=request.now)
    form.is_valid()
    return TemplateResponse(request, "admin/maintenance_guard.html", _guarded(form, request))


@open_to(Who.MANAGERS)
def record(request: DeskRequest) -> HttpResponse:
    """S3: an emergency, or the repair of an outage, that runs or ran."""
    if request.method != "POST":
        return _record_page(request, RecordForm(now=request.now))
    form = RecordForm(request.POST, now=request.now)
    started_at = form.instant("start") if form.is_valid() else None
    if started_at is None:
        return _record_page(request, form)
    given = form.cleaned_data
    try:
        period = runs.record_maintenance(
            told=form.told,
            started_at=started_at,
            ended_at=form.instant("end"),
            emergency_reason=given["reason"],
            repairs=given["repairs"],
            by=request.user,
            now=request.now,
        )
    except Refused as refused:
        return _record_page(request, form, refusals=refused.refusals)
    return done(request, f"{period.reference} is on record.", PAGE, period.reference)


def _planned(form: PlanForm, request: DeskRequest, told: Told | None = None) -> MaintenancePeriod:
    assert form.window is not None
    return actions.plan_maintenance(
        told=told or form.told,
        window=form.window,
        emergency_reason=form.emergency_reason,
        by=request.user,
        now=request.now,
    )


def _preview(form: PlanForm, request: DeskRequest) -> Letter | None:
    """M8.4: the letter as the first customer's first contact would read it; to all others it goes in the same words."""
    first = _guarded(form, request)["guard"].reachable
    if first is None:
        return None

    def play() -> tuple[Letter, ...]:
        period = _planned(form, request, replace(form.told, customers=(first,)))
        return written_out(Letter.objects.filter(matter=period.reference))

    return next(iter(taken_back(play)), None)


def _guarded(form: PlanForm, request: DeskRequest) -> dict[str, Any]:
    window = form.window if form.is_bound and hasattr(form, "cleaned_data") else None
    found = Guard.of(window, form.named, request.now) if window else None
    kind = form.cleaned_data.get("kind") if window else None
    return {"guard": found, "zone": vendor_zone(), "now": request.now, "kind": kind, "against": form.why_no_window}


def _plan_page(
    request: DeskRequest,
    form: PlanForm,
    *,
    checked: bool = False,
    letter: Letter | None = None,
    refusals: Sequence[Refusal] = (),
) -> HttpResponse:
    return page(
        request,
        "admin/maintenance_plan.html",
        title="Plan maintenance",
        form=form,
        refusals=refusals,
        letter=letter,
        checked=checked,
        answers=form.answers() if checked else [],
        kept=form.typed() if checked else [],
        live=reverse("admin:maintenance_guard"),
        **_guarded(form, request),
    )


def _record_page(request: DeskRequest, form: RecordForm, *, refusals: Sequence[Refusal] = ()) -> HttpResponse:
    return page(
        request, "admin/maintenance_record.html", title="Record emergency maintenance", form=form, refusals=refusals
    )


pages: list[tuple[str, Any, str]] = [
    ("maintenance/plan/", plan, "plan_maintenance"),
    ("maintenance/plan/notice/", guard, "maintenance_guard"),
    ("maintenance/record/", record, "record_maintenance"),
]
