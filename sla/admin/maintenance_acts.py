"""The page of one maintenance period, and what is done with it: changed, cancelled, begun, ended, corrected (S3, S15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, done, page, refusals_of, what_happened
from entitlements.models import Letter
from entitlements.rehearsals import taken_back, written_out
from entitlements.rules.refusals import Refusal
from sla.actions import maintenance as actions
from sla.actions import maintenance_runs as runs
from sla.actions.maintenance_facts import claims_touched
from sla.admin import maintenance_forms as forms
from sla.admin.maintenance_guard import Guard
from sla.admin.maintenance_standing import Standing, rows_of
from sla.business_days import vendor_zone
from sla.maintenance import concerned, forecast_of_all
from sla.models import MaintenanceNotice, MaintenancePeriod, MaintenanceState

PAGE = "admin:maintenance"
ON_A_PAGE = 50
PLANNED, RUNNING, DONE = MaintenanceState.PLANNED, MaintenanceState.RUNNING, MaintenanceState.DONE


@dataclass(frozen=True, slots=True)
class Act:
    """One act upon a period: its form, the action, in which states it is offered, and whether customers get a letter."""

    title: str
    means: str
    clause: str
    form: type[Any]
    do: Callable[[MaintenancePeriod, Any, dict[str, Any]], object]
    said: str
    states: tuple[str, ...]
    writes: bool = False
    danger: bool = False


def _change(period: MaintenancePeriod, form: Any, who: dict[str, Any]) -> object:
    return actions.change_window(period=period, window=form.window, why=form.cleaned_data["why"], **who)


def _cancel(period: MaintenancePeriod, form: Any, who: dict[str, Any]) -> object:
    return actions.cancel_maintenance(period=period, why=form.cleaned_data["why"], **who)


def _start(period: MaintenancePeriod, form: Any, who: dict[str, Any]) -> object:
    return runs.start_maintenance(period=period, started_at=form.instant("start"), **who)


def _end(period: MaintenancePeriod, form: Any, who: dict[str, Any]) -> object:
    return runs.end_maintenance(period=period, ended_at=form.instant("end"), **who)


def _correct(period: MaintenancePeriod, form: Any, who: dict[str, Any]) -> object:
    times = {"started_at": form.instant("start"), "ended_at": form.instant("end")}
    return runs.correct_run(period=period, why=form.cleaned_data["why"], **times, **who)


ACTS: Mapping[str, Act] = {
    "change": Act(
        "Change the window",
        "Moved or lengthened it needs a new notice, in time for itself; shortened inside what was announced it needs none.",
        "S15", forms.ChangeForm, _change, "The window is changed, and the letters are written.", (PLANNED,), writes=True,
    ),
    "cancel": Act(
        "Cancel it", "It does not happen. Whoever was told is told, and calendars lose it. This cannot be undone.",
        "S15", forms.CancelForm, _cancel, "It is cancelled, and the letters are written.",
        (PLANNED,), writes=True, danger=True,
    ),
    "start": Act(
        "Record that it began", "What really ran counts, never the plan.", "S3", forms.StartForm,
        _start, "Its beginning is on record.", (PLANNED,),
    ),
    "end": Act(
        "Record that it ended", "What really ran counts, never the plan.", "S3", forms.EndForm,
        _end, "Its end is on record.", (RUNNING,),
    ),
    "correct": Act(
        "Correct what really ran", "The old times stay on record. Open claims are judged anew; decided ones stay.", "S3",
        forms.CorrectForm, _correct, "The correction is on record.",
        (RUNNING, DONE),
    ),
}  # fmt: skip


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, reference: str) -> HttpResponse:
    """The period: announced beside what ran, its notices customer by customer, its changes, and the claims that it touches."""
    period = _asked_for(reference)
    notices = period.notices.with_acceptance().select_related("customer").order_by("-version", "customer__name", "pk")
    shown = Paginator(notices, ON_A_PAGE).get_page(request.GET.get("page"))
    return page(
        request,
        "admin/maintenance.html",
        title=period.title,
        period=period,
        reference=period.reference,
        zone=vendor_zone(),
        standing=Standing(period, request.now),
        page_obj=shown,
        rows=rows_of(period, shown),
        month=forecast_of_all(period.begins.date(), request.now),
        changes=period.changes.select_related("changed_by"),
        claims=claims_touched(period, request.now).select_related("contract__customer"),
        acts=[(name, act) for name, act in ACTS.items() if period.state in act.states],
        history=what_happened(period.reference),
    )


@open_to(Who.MANAGERS)
def act(request: DeskRequest, *, reference: str, what: str) -> HttpResponse:
    """An act upon the period. One that writes letters is shown with them first, and done when it is confirmed."""
    period = _asked_for(reference)
    if what not in ACTS or period.state not in ACTS[what].states:
        raise Http404
    chosen = ACTS[what]
    if request.method != "POST":
        return _act_page(request, period, chosen, chosen.form(now=request.now, initial=_known(period, what)))
    form = chosen.form(request.POST, now=request.now)
    if not form.is_valid() or "change" in request.POST:
        return _act_page(request, period, chosen, form)
    if chosen.writes and "confirmed" not in request.POST:
        return _check_page(request, period, chosen, form)
    who = {"by": request.user, "now": request.now}
    if refusals := refusals_of(lambda: chosen.do(period, form, who)):
        return _act_page(request, period, chosen, form, refusals=refusals)
    return done(request, chosen.said, PAGE, reference)


@open_to(Who.MANAGERS)
def accept(request: DeskRequest, *, reference: str, pk: int) -> HttpResponse:
    """S15: the notice reached the customer in another way, and a document shows when."""
    period = _asked_for(reference)
    notice = get_object_or_404(period.notices.select_related("customer"), pk=pk)
    chosen = Act(
        f"Enter the acceptance by {notice.customer}",
        "For a notice that reached the customer in another way than by our letter. The earlier of the two counts.",
        "S15", forms.DocumentForm, partial(_accept, notice), "The acceptance is on record.", (),
    )  # fmt: skip
    form = forms.DocumentForm(request.POST if request.method == "POST" else None, now=request.now)
    if request.method != "POST" or not form.is_valid():
        return _act_page(request, period, chosen, form)
    who = {"by": request.user, "now": request.now}
    if refusals := refusals_of(lambda: chosen.do(period, form, who)):
        return _act_page(request, period, chosen, form, refusals=refusals)
    return done(request, chosen.said, PAGE, reference)


def _accept(notice: MaintenanceNotice, period: MaintenancePeriod, form: Any, who: dict[str, Any]) -> object:
    given = {"accepted_at": form.instant("accepted"), "document": form.cleaned_data["document"]}
    return runs.accept_by_document(notice=notice, **given, **who)


def _asked_for(reference: str) -> MaintenancePeriod:
    found = MaintenancePeriod.objects.select_related("recorded_by", "reason_recorded_by", "cancelled_by", "repairs")
    return get_object_or_404(found, reference=reference)


def _known(period: MaintenancePeriod, what: str) -> dict[str, Any]:
    """What the form begins with: the times that are on record, by the vendor's clock."""
    times = {"change": period.announced, "correct": period.ran}.get(what)
    if times is None:
        return {}
    local = [(name, at.astimezone(vendor_zone())) for name, at in (("start", times.lower), ("end", times.upper)) if at]
    return {
        f"{name}_{part}": getattr(at, ask)() for name, at in local for part, ask in (("day", "date"), ("time", "time"))
    }


def _check_page(request: DeskRequest, period: MaintenancePeriod, chosen: Act, form: Any) -> HttpResponse:
    """M8.4: how many letters it writes, and one of them."""

    def play() -> tuple[tuple[Refusal, ...], int, tuple[Letter, ...]]:
        known = set(Letter.objects.filter(matter=period.reference).values_list("pk", flat=True))
        refusals = refusals_of(lambda: chosen.do(period, form, {"by": request.user, "now": request.now}))
        letters = Letter.objects.filter(matter=period.reference).exclude(pk__in=known)
        return refusals, letters.count(), written_out(letters.filter(pk__in=letters.order_by("pk").values("pk")[:1]))

    refusals, count, letters = taken_back(play)
    if refusals:
        return _act_page(request, period, chosen, form, refusals=refusals)
    return _act_page(
        request,
        period,
        chosen,
        form,
        checked=True,
        count=count,
        letter=next(iter(letters), None),
        answers=form.answers(),
        kept=form.typed(),
    )


def _act_page(
    request: DeskRequest,
    period: MaintenancePeriod,
    chosen: Act,
    form: Any,
    *,
    refusals: Sequence[Refusal] = (),
    **more: Any,
) -> HttpResponse:
    window = getattr(form, "window", None) if form.is_bound and chosen.form is forms.ChangeForm else None
    return page(
        request,
        "admin/maintenance_act.html",
        title=f"{chosen.title}: {period.title}",
        period=period,
        reference=period.reference,
        zone=vendor_zone(),
        act=chosen,
        form=form,
        refusals=refusals,
        guard=Guard(window, tuple(concerned(period)), request.now, period) if window else None,
        kind=period.kind,
        **more,
    )


pages: list[tuple[str, Any, str]] = [
    ("maintenance/<str:reference>/", detail, "maintenance"),
    ("maintenance/<str:reference>/<str:what>/", act, "maintenance_act"),
    ("maintenance/<str:reference>/notices/<int:pk>/", accept, "accept_maintenance_notice"),
]
