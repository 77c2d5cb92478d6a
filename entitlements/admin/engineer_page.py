"""The page of one engineer: load, sessions ahead, free times, skills, working hours, leave, the private feed (E15, M4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache

from entitlements import wording
from entitlements.access import Who, open_to
from entitlements.actions import engineers as actions
from entitlements.actions.passing_on import booked_in, take_back_leave
from entitlements.admin.engineer_forms import EngineerForm, FreeTimesForm, HoursForm, hours_in_words
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of, what_happened
from entitlements.free_time import FreeTime, free_times, times_of
from entitlements.models import Activity, Engineer, PolicyEdition, WorkingHours
from entitlements.owed import advice_of, owed_by
from entitlements.rules.days import first_instant, local_day
from entitlements.rules.editions import edition_for
from entitlements.rules.engineer_load import WeekOfWork, monday_of, weeks_of_work
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span

PAGE = "admin:engineer"
WEEKS_BACK, WEEKS_AHEAD = 2, 6
WEEK = timedelta(days=7)


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, pk: int) -> HttpResponse:
    """The engineer with everything that is on record of their time."""
    return _page(request, engineer_or_404(pk))


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def change(request: DeskRequest, *, pk: int) -> HttpResponse:
    """E15: zone, skills, and whether they take engagements."""
    engineer, form = engineer_or_404(pk), EngineerForm(request.POST)
    if not form.is_valid():
        return _page(request, engineer, form=form, facts=form)
    given = form.cleaned_data
    refusals = refusals_of(
        lambda: actions.change_engineer(
            engineer=engineer,
            zone=given["zone"],
            skills=[one.pk for one in given["skills"]],
            takes_engagements=given["takes_engagements"],
            by=request.user,
            now=request.now,
        )
    )
    if refusals:
        return _page(request, engineer, refusals=refusals, facts=form)
    return done(request, f"What is on record of {engineer} is changed.", PAGE, pk)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def hours(request: DeskRequest, *, pk: int) -> HttpResponse:
    """E15: the working hours from a day on."""
    engineer = engineer_or_404(pk)
    form = HoursForm(engineer, request.POST, now=request.now)
    if not form.is_valid():
        return _page(request, engineer, form=form, hours=form)
    first = form.cleaned_data["first"]
    refusals = refusals_of(
        lambda: actions.set_working_hours(
            engineer=engineer, first=first, week=form.week, by=request.user, now=request.now
        )
    )
    if refusals:
        return _page(request, engineer, refusals=refusals, hours=form)
    return done(request, f"The working hours of {engineer} are on record.", PAGE, pk)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def take_back(request: DeskRequest, *, pk: int, leave: int) -> HttpResponse:
    """E15: a leave is taken back; the time can be booked again."""
    engineer = engineer_or_404(pk)
    row = get_object_or_404(engineer.leaves, pk=leave)
    refusals = refusals_of(lambda: take_back_leave(leave=row, by=request.user, now=request.now))
    if refusals:
        return _page(request, engineer, refusals=refusals)
    return done(request, f"The leave is taken back. {engineer} can be booked again in that time.", PAGE, pk)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
@never_cache
def feed(request: DeskRequest, *, pk: int) -> HttpResponse:
    """E15: a new private address for a calendar program. It is shown this once."""
    engineer = engineer_or_404(pk)
    token = actions.renew_feed(engineer=engineer, by=request.user, now=request.now)
    address = settings.SITE_URL + reverse("calendar_feed", args=[token])
    return page(
        request, "admin/engineer_feed.html", title="Private calendar address", engineer=engineer, address=address
    )


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def end_feed(request: DeskRequest, *, pk: int) -> HttpResponse:
    """E15: the private address stops."""
    engineer = engineer_or_404(pk)
    actions.end_feed(engineer=engineer, by=request.user, now=request.now)
    return done(request, f"The private calendar address of {engineer} no longer works.", PAGE, pk)


def engineer_or_404(pk: int) -> Engineer:
    known = Engineer.objects.select_related("user").prefetch_related("skills", "hours")
    return get_object_or_404(known, pk=pk)


def _page(request: DeskRequest, engineer: Engineer, *, refusals: Sequence[Refusal] = (), **forms: Any) -> HttpResponse:
    now = request.now
    leaves = engineer.leaves.standing().filter(during__endswith__gt=now - WEEK).select_related("stand_in__user")
    return page(
        request,
        "admin/engineer.html",
        title=str(engineer),
        engineer=engineer,
        zone=engineer.tz,
        weeks=_weeks(engineer, request),
        sessions=booked_in(engineer, now),
        left={"owed": owed_by(engineer, now), "advice": list(advice_of(engineer))},
        leaves=leaves,
        hours_on_record=_hours(engineer),
        feed=engineer.feeds.filter(ended_at__isnull=True).select_related("made_by").first(),
        refusals=refusals,
        history=what_happened(engineer.matter),
        form=forms.get("form"),
        facts=forms.get("facts") or EngineerForm.of(engineer),
        hours=forms.get("hours") or HoursForm(engineer, now=now),
        **_free(request, engineer),
    )


def _weeks(engineer: Engineer, request: DeskRequest) -> tuple[WeekOfWork, ...]:
    monday = monday_of(local_day(request.now, engineer.tz))
    mondays = [monday + n * WEEK for n in range(-WEEKS_BACK, WEEKS_AHEAD)]
    whole = Span(first_instant(mondays[0], engineer.tz), first_instant(mondays[-1] + WEEK, engineer.tz))
    (facts,) = times_of(Engineer.objects.filter(pk=engineer.pk), whole)
    return weeks_of_work(facts, mondays)


def _hours(engineer: Engineer) -> list[dict[str, Any]]:
    """The working hours on record, by their first day and weekday."""
    known: dict[Any, dict[int, list[WorkingHours]]] = {}
    for row in engineer.hours.all():
        known.setdefault((row.days.lower, row.last_day), {}).setdefault(row.weekday, []).append(row)
    return [
        {
            "first": first,
            "last": last,
            "week": [(WorkingHours.Weekday(day).label, hours_in_words(rows)) for day, rows in sorted(week.items())],
        }
        for (first, last), week in known.items()
    ]


def _free(request: DeskRequest, engineer: Engineer) -> dict[str, Any]:
    """The question for free times, and its answer as a list."""
    asked = FreeTimesForm(request.GET if "activity" in request.GET else _first_question(request, engineer))
    if not asked.is_valid():
        return {"asked": asked}
    activity, day = asked.cleaned_data["activity"], asked.cleaned_data["day"]
    minutes = edition_for(PolicyEdition.objects.facts(), day).sessions[activity.pk][0]
    start = max(first_instant(day, asked.tz), request.now)
    within = Span(start, start + WEEK)
    found = free_times(
        activity.pk,
        length=timedelta(minutes=minutes),
        within=within,
        engineers=Engineer.objects.filter(pk=engineer.pk),
    )
    return {"asked": asked, "minutes": minutes, "free_days": _by_day(found, asked.tz)}


def _by_day(found: Sequence[FreeTime], zone: ZoneInfo) -> list[tuple[str, list[tuple[str, str]]]]:
    """The free times as a list: a day in words, and of each time the instant and its clock."""
    days: dict[str, list[tuple[str, str]]] = {}
    for one in found:
        local = one.start.astimezone(zone)
        clock = one.start.isoformat(), wording.clock_in_words(local)
        days.setdefault(wording.weekday_in_words(local.date()), []).append(clock)
    return list(days.items())


def _first_question(request: DeskRequest, engineer: Engineer) -> dict[str, Any]:
    first = next(iter(engineer.skills.all()), None) or Activity.objects.first()
    return {"activity": first and first.pk, "day": local_day(request.now, engineer.tz), "zone": engineer.zone}
