"""The page of one engagement: its facts, what is used this year, and what a manager may do with it (E5, E9, E10, E15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse

from entitlements import missed, timelines
from entitlements.access import Who, open_to
from entitlements.actions import engagements as actions
from entitlements.admin import firsts
from entitlements.admin.engagement_acts import offered
from entitlements.admin.engagement_forms import SessionsForm, as_day
from entitlements.admin.engagement_new import beyond_the_cap, the_same_again
from entitlements.admin.engagement_slots import slots_of
from entitlements.admin.engagement_standing import Standing
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of, what_happened
from entitlements.card_words import working_by_names
from entitlements.models import Activity, BookedSession, Engagement, Engineer, PolicyEdition
from entitlements.products_lost import lost_by
from entitlements.rules.cap_values import as_figure
from entitlements.rules.caps import CardLine, year_card
from entitlements.rules.days import first_instant
from entitlements.rules.refusals import Refusal

PAGE = "admin:engagement"


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, reference: str) -> HttpResponse:
    """The engagement with everything that its next step needs."""
    return _page(request, Standing.of(reference, request.user, request.now))


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def schedule(request: DeskRequest, *, reference: str) -> HttpResponse:
    """E5, E9, E10, E15: accept the request and book its sessions; a follow-up may be left open."""
    at = Standing.of(reference, request.user, request.now)
    form = _schedule_form(at, request.POST, as_day(request.GET.get("day")))
    if not form.is_valid():
        return _page(request, at, form=form, schedule=form)
    sessions = form.sessions()
    refusals = refusals_of(
        lambda: actions.schedule_engagement(
            engagement=at.engagement, sessions=sessions, by=request.user, now=request.now
        )
    )
    if refusals:
        day = sessions[0].start.astimezone(at.zone).date()
        fresh = Standing.of(reference, request.user, request.now)
        return _page(request, fresh, schedule=form, refusals=firsts.named(refusals, at.engagement, day))
    return done(request, f"{reference} is scheduled. The customer gets a letter with a calendar file.", PAGE, reference)


def _schedule_form(at: Standing, typed: Any = None, day: date | None = None) -> SessionsForm:
    first = day or at.engagement.wished_day
    may_wait = [part.n for part in at.parts[1:]]
    slots = {part.n: slots_of(at, part, first) for part in at.parts}
    return SessionsForm(at.parts, typed, zone=at.zone, now=at.now, first_day=first, may_wait=may_wait, slots=slots)


def _page(
    request: DeskRequest,
    at: Standing,
    *,
    refusals: Sequence[Refusal] = (),
    form: SessionsForm | None = None,
    schedule: SessionsForm | None = None,
) -> HttpResponse:
    engagement, contract = at.engagement, at.engagement.contract
    booking = actions.booking_answer(contract, engagement.facts()) if at.is_requested else None
    against = [*refusals, *([booking.refusal] if booking and booking.refusal else [])]
    asker = engagement.advice_accepted_by
    return page(
        request,
        "admin/engagement.html",
        title=f"{engagement.activity} for {contract.customer}",
        **at.shown,
        unbooked=at.unbooked,
        lost=lost_by(engagement),
        follow_up_overdue=timelines.follow_up_overdue(engagement, at.sessions, at.now),
        acts=offered(at),
        let_go=at.let_go,
        again=the_same_again(engagement) if engagement.came_to_nothing else "",
        card=_card(engagement),
        booking=booking,
        beyond=beyond_the_cap(against, contract, engagement.activity_id, engagement.day, engagement.topic, asker),
        can_schedule=at.is_requested,
        ledger=engagement.usage.select_related("year", "by"),
        refusals=refusals,
        history=what_happened(engagement.reference),
        missed=missed.of([engagement.reference], request.now),
        form=form,
        **(_scheduling(request, at, schedule) if at.is_requested else {}),
    )


def _scheduling(request: DeskRequest, at: Standing, typed: SessionsForm | None) -> dict[str, Any]:
    """The form, and the engineers' diary of the days that were typed or asked for, else of the wished one."""
    asked = as_day(request.GET.get("day"))
    form = typed or _schedule_form(at, day=asked)
    days = [asked] if asked else form.days() or [at.engagement.wished_day]
    return {
        "schedule": form,
        "from_day": asked or at.engagement.wished_day,
        "diary": _diary(at.engagement, days),
        "diary_days": days,
    }


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
        "kept": line.kept,
        "left": as_figure(line.left),
        "working": working_by_names(line, names),
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
