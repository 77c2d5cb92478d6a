"""T4: when the product itself stood still, and what is decided about the windows whose last day that cut into."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.access import Who, open_to
from entitlements.admin.base import DeskAdmin, linked, local
from entitlements.admin.engagement_forms import date_field, reason_field
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of
from entitlements.admin.queues import vendor_zone
from entitlements.models import Standstill
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal
from sla.actions.extensions import extend_windows, leave_windows, new_end, reason_against
from sla.admin.forms import Form
from sla.admin.queues import STANDSTILLS
from sla.ended_windows import ELECTION, HELD_FOR, Window, acts_meanwhile, concerned, zones_of
from sla.models import ExtendedWindow, Extension

PAGE = "admin:standstill"
USUAL_DAYS = 3


class ExtendForm(Form):
    last_day = date_field(
        "Last day",
        help_text="Until its end in each contract's own zone. A window that ends later by itself stays as it is.",
    )
    reason = reason_field("Reason", "As it is kept beside the record. The letters give the record's times.")


class LeaveForm(Form):
    prefix = "leave"
    reason = reason_field("Why they can stay", "Such as: the pages answered all the time, and customers filed.")


@admin.register(Standstill)
class StandstillAdmin(DeskAdmin):
    list_display = ("page", "what", "since", "until", "lasted", "windows_ended", "decided")
    list_display_links = None
    list_select_related = ("extension__decided_by",)
    list_filter = ("what",)
    search_fields = ("extension__reason",)
    search_help_text = "Reason of what was decided"
    queues = (STANDSTILLS,)
    exported = {"since": "began_at", "until": "ended_at"}
    fields = ("page", "what", "since", "until", "lasted", "windows_ended", "decided")
    why_empty = "The clock has turned and the pages have answered all the time. A standstill of more than four minutes stands here."

    @admin.display(description="standstill", ordering="began_at")
    def page(self, one: Standstill) -> SafeString:
        return linked(PAGE, one.pk, local(one.began_at, vendor_zone()))

    @admin.display(description="from", ordering="began_at")
    def since(self, one: Standstill) -> str:
        return local(one.began_at, vendor_zone())

    @admin.display(description="until", ordering="ended_at")
    def until(self, one: Standstill) -> str:
        return local(one.ended_at, vendor_zone()) if one.ended_at else "still"

    @admin.display(description="lasted")
    def lasted(self, one: Standstill) -> str:
        return length_of(one)

    @admin.display(description="decided")
    def decided(self, one: Standstill) -> str:
        found = decision_on(one)
        if found is None:
            return "to decide" if one.windows_ended else "–"
        until = f"longer until {wording.day_in_short(found.last_day)}" if found.last_day else "left as they are"
        return f"{until}, by {found.decided_by}"


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, pk: int) -> HttpResponse:
    """The record, whom it concerns, and what can be decided; a POST checks or, confirmed, carries out the longer time."""
    one = _asked_for(pk)
    form = ExtendForm(request.POST if request.method == "POST" else None, initial=_usual(one, request.now))
    if request.method != "POST" or not form.is_valid():
        return _page(request, one, form=form)
    found = form.cleaned_data
    if "confirmed" not in request.POST:
        refusal = reason_against(list(concerned(one)), found["last_day"], request.now)
        return _page(request, one, form=form, refusals=[refusal] if refusal else [], checked=not refusal)
    act = {"standstill": one, "by": request.user, "now": request.now, **found}
    if refusals := refusals_of(lambda: extend_windows(**act)):
        return _page(request, one, form=form, refusals=refusals)
    return done(request, "The windows are longer, and the letters are on their way.", PAGE, pk)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def leave(request: DeskRequest, *, pk: int) -> HttpResponse:
    """T4: nobody was kept from anything, and why."""
    one, form = _asked_for(pk), LeaveForm(request.POST)
    if not form.is_valid():
        return _page(request, one, leaving=form)
    act = {"standstill": one, "by": request.user, "now": request.now, **form.cleaned_data}
    if refusals := refusals_of(lambda: leave_windows(**act)):
        return _page(request, one, refusals=refusals, leaving=form)
    return done(request, "The windows stay as they are; the reason is kept.", PAGE, pk)


def length_of(one: Standstill) -> str:
    """How long it lasted, to the second; a dash while it lasts."""
    if one.ended_at is None:
        return "–"
    return wording.duration_in_words(timedelta(seconds=int((one.ended_at - one.began_at).total_seconds())))


def decision_on(one: Standstill) -> Extension | None:
    """What was decided about it; None: nothing yet."""
    found: Extension | None = getattr(one, "extension", None)
    return found


def _asked_for(pk: int) -> Standstill:
    found: QuerySet[Standstill] = Standstill.objects.select_related("extension__decided_by")
    return get_object_or_404(found, pk=pk)


def _usual(one: Standstill, now: datetime) -> dict[str, Any]:
    windows = wording.counted(one.windows_ended, "window")
    why = f"{one.get_what_display()} for {length_of(one)}; {windows} ended in that time."
    return {"last_day": local_day(now, vendor_zone()) + timedelta(days=USUAL_DAYS), "reason": why}


def _page(
    request: DeskRequest,
    one: Standstill,
    *,
    form: ExtendForm | None = None,
    leaving: LeaveForm | None = None,
    refusals: Sequence[Refusal] = (),
    checked: bool = False,
) -> HttpResponse:
    decision = decision_on(one)
    last_day = form.cleaned_data["last_day"] if form and checked else None
    windows: list[Window] = [] if decision else list(concerned(one))
    hidden = [window for window in windows if window.kind == ELECTION and window.ends_at <= request.now]
    context = {
        "title": f"{one.get_what_display()}: {length_of(one)}" if one.ended_at else one.get_what_display(),
        "one": one,
        "zone": vendor_zone(),
        "length": length_of(one),
        "acts": acts_meanwhile(one),
        "decision": decision,
        "longer": _made_longer(decision) if decision else [],
        "windows": [(window, last_day and new_end(window.tz, last_day)) for window in windows],
        "held_until": one.ended_at + HELD_FOR if one.ended_at and hidden else None,
        "refusals": refusals,
        "checked": checked,
        "wrong": leaving or form,
        "form": form or ExtendForm(initial=_usual(one, request.now)),
        "leaving": leaving or LeaveForm(),
    }
    return page(request, "admin/standstill.html", **context)


def _made_longer(decision: Extension) -> list[tuple[ExtendedWindow, ZoneInfo]]:
    """Each with the zone that counts its days."""
    windows = list(decision.windows.select_related("customer"))
    zones = zones_of([window.matter for window in windows])
    return [(window, zones.get(window.matter, vendor_zone())) for window in windows]


pages: list[tuple[str, Any, str]] = [
    ("standstills/<int:pk>/", detail, "standstill"),
    ("standstills/<int:pk>/leave/", leave, "leave_windows"),
]
