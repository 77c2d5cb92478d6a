"""To reschedule many: choose, see every customer and letter, then do it in one go, each with its own result (M4.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse, QueryDict

from entitlements.access import Who, open_to
from entitlements.actions.reschedules import Plan, Result, reschedule
from entitlements.admin import firsts
from entitlements.admin.engagement_bulk_forms import BulkForm, WhichForm
from entitlements.admin.pages import DeskRequest, page
from entitlements.admin.queues import vendor_zone
from entitlements.models import BookedSession, Letter
from entitlements.rehearsals import taken_back, written_out
from entitlements.rules.days import first_instant

MOST = 100
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """A result, with the letters that it causes."""

    result: Result
    letters: tuple[Letter, ...] = ()

    @property
    def plan(self) -> Plan:
        return self.result.plan


@open_to(Who.MANAGERS)
def bulk(request: DeskRequest) -> HttpResponse:
    """M4.8: opened it asks whose sessions; sent it shows what would become of each; confirmed it moves them."""
    if request.method != "POST":
        return _choose(request)
    form = BulkForm(_sent(request.POST), request.POST, now=request.now)
    if not form.is_valid() or "change" in request.POST:
        return _page(request, form=form)
    if "confirmed" in request.POST:
        return _page(request, told=_done(form, request), is_done=True)
    told = taken_back(lambda: _done(form, request))
    return _page(request, told=told, kept=form.typed(), reason=form.cleaned_data["reason"])


def _choose(request: DeskRequest) -> HttpResponse:
    which = WhichForm(request.GET if "engineer" in request.GET else None)
    if not which.is_valid():
        return _page(request, which=which)
    given = which.cleaned_data
    sessions = _booked(given["engineer"].pk, given["first"], given["last"], request.now)
    later = timedelta(days=given["days"] or 0)
    form = BulkForm(sessions, now=request.now, stand_in=given["stand_in"], later=later)
    return _page(request, which=which, form=form)


def _booked(engineer: int, first: Any, last: Any, now: datetime) -> list[BookedSession]:
    """What the engineer has still to hold on these days of the vendor's zone, in order, up to a hundred."""
    zone = vendor_zone()
    begins = max(first_instant(first, zone), now)
    ahead = _live().filter(released_at=None, held_at=None, engineer=engineer, during__startswith__gte=begins)
    return list(ahead.filter(during__startswith__lt=first_instant(last + _DAY, zone)).order_by("during", "pk")[:MOST])


def _sent(typed: QueryDict) -> list[BookedSession]:
    """The sessions of the lines that were sent, also those that somebody moved since: they are told of too."""
    keys = [int(one) for one in typed.getlist("session")[:MOST] if one.isdecimal() and len(one) < 19]
    return list(_live().filter(pk__in=keys).order_by("during", "pk"))


def _live() -> Any:
    return BookedSession.objects.select_related(
        "engineer__user", "engagement__contract__customer", "engagement__activity"
    )


def _done(form: BulkForm, request: DeskRequest) -> list[Told]:
    """Move them, and read which letters came of it."""
    plans = form.plans()
    matters = {plan.session.engagement.reference for plan in plans}
    before = set(Letter.objects.filter(matter__in=matters).values_list("pk", flat=True))
    results = reschedule(plans=plans, reason=form.cleaned_data["reason"], by=request.user, now=request.now)
    letters = written_out(Letter.objects.filter(matter__in=matters).exclude(pk__in=before))
    return [_told(result, letters) for result in results]


def _told(result: Result, letters: Sequence[Letter]) -> Told:
    engagement = result.plan.session.engagement
    if result.refusals:
        day = result.plan.to.start.astimezone(engagement.contract.tz).date()
        return Told(replace(result, refusals=firsts.named(result.refusals, engagement, day)))
    point = f"move {result.plan.session.part}."
    return Told(
        result, tuple(one for one in letters if one.matter == engagement.reference and one.point.startswith(point))
    )


def _page(request: DeskRequest, **context: Any) -> HttpResponse:
    told: list[Told] = context.get("told", [])
    return page(
        request,
        "admin/engagement_bulk.html",
        title="Reschedule many",
        zone=vendor_zone(),
        moved=sum(one.result.moved for one in told),
        **{"which": None, "form": None, "told": told, "is_done": False, **context},
    )
