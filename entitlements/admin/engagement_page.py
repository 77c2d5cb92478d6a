"""The page of one engagement: its facts, what is used this year, and what a manager does with it (E5, E9, E10, E15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.access import Who, engagements_visible_to, open_to
from entitlements.actions import engagements as actions
from entitlements.admin.engagement_forms import CancelForm, DeclineForm, ScheduleForm, as_day
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of, what_happened
from entitlements.models import (
    Activity,
    BookedSession,
    Engagement,
    EngagementState,
    Engineer,
    PolicyEdition,
    SessionLength,
)
from entitlements.rules.cap_values import as_figure
from entitlements.rules.caps import CardLine, year_card
from entitlements.rules.days import first_instant
from entitlements.rules.editions import edition_for
from entitlements.rules.refusals import Refusal

PAGE = "admin:engagement"


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, reference: str) -> HttpResponse:
    """The engagement with everything that its next step needs."""
    return _page(request, _asked_for(request, reference))


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def schedule(request: DeskRequest, *, reference: str) -> HttpResponse:
    """E5, E9, E10, E15: accept the request and book its sessions."""
    engagement = _asked_for(request, reference)
    form = ScheduleForm(engagement, _parts(engagement), request.POST, now=request.now)
    if not form.is_valid():
        return _page(request, engagement, form=form, schedule=form)
    refusals = refusals_of(
        lambda: actions.schedule_engagement(
            engagement=engagement, sessions=form.sessions(), by=request.user, now=request.now
        )
    )
    if refusals:
        return _page(request, engagement, schedule=form, refusals=refusals)
    return done(request, f"{reference} is scheduled. The customer gets a letter with a calendar file.", PAGE, reference)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def decline(request: DeskRequest, *, reference: str) -> HttpResponse:
    """E5: turn the request down, with a reason."""
    engagement = _asked_for(request, reference)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _page(request, engagement, form=form, decline=form)
    reason = form.cleaned_data["reason"]
    refusals = refusals_of(
        lambda: actions.decline_engagement(engagement=engagement, reason=reason, by=request.user, now=request.now)
    )
    if refusals:
        return _page(request, engagement, decline=form, refusals=refusals)
    return done(
        request, f"{reference} is declined. The place is back, and the customer gets a letter.", PAGE, reference
    )


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def cancel(request: DeskRequest, *, reference: str) -> HttpResponse:
    """E5: cancel what is scheduled, for one side or the other."""
    engagement = _asked_for(request, reference)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _page(request, engagement, form=form, cancel=form)
    refusals = refusals_of(
        lambda: actions.cancel_engagement(engagement=engagement, by=request.user, now=request.now, **form.cleaned_data)
    )
    if refusals:
        return _page(request, engagement, cancel=form, refusals=refusals)
    return done(request, f"{reference} is cancelled. The customer gets a letter.", PAGE, reference)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def hold(request: DeskRequest, *, reference: str, part: int) -> HttpResponse:
    """E10: note that a session was held."""
    engagement = _asked_for(request, reference)
    session = get_object_or_404(engagement.sessions.filter(released_at__isnull=True), part=part)
    refusals = refusals_of(lambda: actions.hold_session(session=session, by=request.user, now=request.now))
    if refusals:
        return _page(request, engagement, refusals=refusals)
    return done(request, f"The session of {reference} is marked as held.", PAGE, reference)


def _asked_for(request: DeskRequest, reference: str) -> Engagement:
    found = engagements_visible_to(request.user).select_related(
        "contract__customer", "activity", "year", "requested_by", "decided_by", "ended_by", "advice_accepted_by"
    )
    facts = ("contract__levels", "contract__overrides", "contract__engagements")
    return get_object_or_404(found.prefetch_related(*facts), reference=reference)


def _page(
    request: DeskRequest, engagement: Engagement, *, refusals: Sequence[Refusal] = (), **forms: Any
) -> HttpResponse:
    contract = engagement.contract
    sessions = list(engagement.sessions.filter(released_at__isnull=True).select_related("engineer__user"))
    waits = engagement.state == EngagementState.REQUESTED
    return page(
        request,
        "admin/engagement.html",
        title=f"{engagement.activity} for {contract.customer}",
        engagement=engagement,
        contract=contract,
        zone=contract.tz,
        reference=engagement.reference,
        sessions=sessions,
        to_hold=_to_hold(engagement, sessions, request.now),
        card=_card(engagement),
        booking=actions.booking_answer(contract, engagement.facts()) if waits else None,
        can_schedule=waits,
        can_cancel=engagement.state == EngagementState.SCHEDULED,
        refusals=refusals,
        history=what_happened(engagement.reference),
        form=forms.get("form"),
        **(_scheduling(request, engagement, forms.get("schedule")) if waits else {}),
        decline=forms.get("decline") or DeclineForm(),
        cancel=forms.get("cancel") or CancelForm(),
    )


def _scheduling(request: DeskRequest, engagement: Engagement, typed: ScheduleForm | None) -> dict[str, Any]:
    """The form, and the engineers' diary of the days that were typed or asked for, else of the wished one."""
    form = typed or ScheduleForm(engagement, _parts(engagement), now=request.now)
    asked = as_day(request.GET.get("day"))
    days = [asked] if asked else form.days() or [engagement.wished_day]
    return {"schedule": form, "diary": _diary(engagement, days), "diary_days": days}


def _to_hold(engagement: Engagement, sessions: list[BookedSession], now: datetime) -> BookedSession | None:
    """The next session that is over and not yet marked as held."""
    if engagement.state != EngagementState.SCHEDULED:
        return None
    return next((one for one in sessions if one.held_at is None and one.during.upper <= now), None)


def _parts(engagement: Engagement) -> list[tuple[str, int]]:
    """E10: the sessions of the activity, by the edition that governs the engagement's year: name and minutes."""
    edition = edition_for(PolicyEdition.objects.facts(), engagement.year.first_day)
    rows = SessionLength.objects.filter(edition__name=edition.name, activity=engagement.activity_id)
    return list(rows.order_by("part").values_list("name", "minutes"))


def _card(engagement: Engagement) -> list[dict[str, Any]]:
    """The year card of the engagement's contract year, on its day; its own line is marked."""
    contract = engagement.contract
    others = [one.facts() for one in contract.engagements.all()]
    editions = PolicyEdition.objects.facts()
    names = dict(Activity.objects.values_list("key", "name"))
    card = year_card(contract.facts(), engagement.year.facts(), others, editions, engagement.day)
    return [_line(line, engagement.activity_id, names) for line in card]


def _line(line: CardLine, activity: str, names: dict[str, str]) -> dict[str, Any]:
    return {
        "name": " or ".join(names.get(one, one) for one in line.activities),
        "own": activity in line.activities,
        "available": line.available,
        "cap": as_figure(line.cap),
        "delivered": line.delivered,
        "held": line.held,
        "left": as_figure(line.left),
        "working": line.working,
    }


def _diary(engagement: Engagement, days: Iterable[date]) -> list[dict[str, Any]]:
    """E15: what each engineer has booked on these days of the contract's zone."""
    zone = engagement.contract.tz
    booked = defaultdict(list)
    for day in days:
        whole_day = (first_instant(day, zone), first_instant(day + timedelta(days=1), zone))
        taken = BookedSession.objects.filter(released_at__isnull=True, during__overlap=whole_day)
        for session in taken.select_related("engagement__contract__customer"):
            booked[session.engineer_id].append(session)
    engineers = Engineer.objects.filter(is_active=True).select_related("user")
    return [{"engineer": engineer, "sessions": booked[engineer.pk]} for engineer in engineers]
