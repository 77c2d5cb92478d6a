"""The vendor's calendar: normal maintenance hours (S3), and the days without business by which notices are counted (S15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, done, page, refusals_of, what_happened
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal
from sla.actions import business_days as actions
from sla.admin.maintenance_forms import CheckForm, EndHoursForm, HoursForm, YearForm
from sla.business_days import vendor_zone
from sla.models import CalendarCheck, NormalHours, VendorYear

PAGE = "admin:maintenance_hours"


@open_to(Who.MANAGERS)
def hours(request: DeskRequest) -> HttpResponse:
    """What is on record, and the forms that add to it: a window, or a year of holidays."""
    if request.method != "POST":
        return _page(request)
    if "year-year" in request.POST:
        return _record_year(request)
    form = HoursForm(request.POST)
    if not form.is_valid():
        return _page(request, hours_form=form, wrong=form)
    refusals = refusals_of(lambda: actions.record_normal_hours(**form.cleaned_data, by=request.user, now=request.now))
    if refusals:
        return _page(request, hours_form=form, refusals=refusals)
    return done(request, "The window is on record.", PAGE)


@open_to(Who.MANAGERS)
def end(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S3: a window opens for the last time."""
    window = get_object_or_404(NormalHours, pk=pk)
    if request.method != "POST":
        return redirect(PAGE)
    form = EndHoursForm(request.POST, prefix=f"end-{pk}")
    if not form.is_valid():
        return _page(request, wrong=form, ending={pk: form})
    last = form.cleaned_data["last"]
    refusals = refusals_of(lambda: actions.end_normal_hours(hours=window, last=last, by=request.user, now=request.now))
    if refusals:
        return _page(request, refusals=refusals, ending={pk: form})
    return done(request, f"{window}: its last day is on record.", PAGE)


@open_to(Who.MANAGERS)
def check(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S3, S15: once a year: the calendar is right as it is on record."""
    asked = get_object_or_404(CalendarCheck, pk=pk)
    if request.method != "POST":
        return redirect(PAGE)
    form = CheckForm(request.POST, prefix=f"check-{pk}")
    if not form.is_valid():
        return _page(request, wrong=form, checking={pk: form})
    given = form.cleaned_data
    refusals = refusals_of(lambda: actions.check_calendar(check=asked, **given, by=request.user, now=request.now))
    if refusals:
        return _page(request, refusals=refusals, checking={pk: form})
    return done(request, f"{asked}: checked.", PAGE)


def _record_year(request: DeskRequest) -> HttpResponse:
    form = YearForm(request.POST)
    if not form.is_valid():
        return _page(request, year_form=form, wrong=form)
    refusals = refusals_of(lambda: actions.record_year(**form.cleaned_data, by=request.user, now=request.now))
    if refusals:
        return _page(request, year_form=form, refusals=refusals)
    return done(request, f"The days without business of {form.cleaned_data['year']} are on record.", PAGE)


def _page(
    request: DeskRequest,
    *,
    hours_form: HoursForm | None = None,
    year_form: YearForm | None = None,
    ending: dict[int, EndHoursForm] | None = None,
    checking: dict[int, CheckForm] | None = None,
    wrong: Any = None,
    refusals: Sequence[Refusal] = (),
) -> HttpResponse:
    today, ending, checking = local_day(request.now, vendor_zone()), ending or {}, checking or {}
    windows = NormalHours.objects.select_related("recorded_by")
    return page(
        request,
        "admin/maintenance_hours.html",
        title="Normal hours and business days",
        zone=vendor_zone(),
        today=today,
        windows=[(one, ending.get(one.pk) or EndHoursForm(prefix=f"end-{one.pk}")) for one in windows],
        checks=[(one, checking.get(one.pk) or CheckForm(prefix=f"check-{one.pk}")) for one in _checks()],
        now=request.now,
        years=VendorYear.objects.select_related("recorded_by").prefetch_related("holidays"),
        hours_form=hours_form or HoursForm(initial={"first": today}),
        year_form=year_form or YearForm(initial=_known(request, today.year)),
        form=wrong,
        refusals=refusals,
        history=[*what_happened(actions.HOURS), *what_happened(actions.DAYS)],
    )


def _checks() -> Sequence[CalendarCheck]:
    """What is to be checked, the first to be due first; then what was, the last year first."""
    found = CalendarCheck.objects.select_related("checked_by")
    return [*found.open().order_by("year"), *found.exclude(checked_at=None).order_by("-year")[:5]]


def _known(request: DeskRequest, this_year: int) -> dict[str, Any]:
    """A year as it is on record, to be changed; else the next one that is not."""
    asked = request.GET.get("year", "")
    known = VendorYear.objects.filter(year=int(asked)).first() if asked.isdecimal() and len(asked) == 4 else None
    if known is None:
        years = set(VendorYear.objects.values_list("year", flat=True))
        return {"year": next(year for year in range(this_year, this_year + 100) if year not in years)}
    lines = "\n".join(f"{one.day.isoformat()} {one.name}" for one in known.holidays.all())
    return {"year": known.year, "weekend": known.weekend, "holidays": lines}


pages: list[tuple[str, Any, str]] = [
    ("maintenance/hours/", hours, "maintenance_hours"),
    ("maintenance/hours/<int:pk>/end/", end, "end_normal_hours"),
    ("maintenance/hours/<int:pk>/check/", check, "check_calendar"),
]
