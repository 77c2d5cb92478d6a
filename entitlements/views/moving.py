"""To move an engagement, from its page or from a letter: a page that shows free times, and a POST (C4.8; E5, E10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from entitlements.access import Who, open_to
from entitlements.actions.moves import move_request, move_sessions
from entitlements.actions.refused import Refused
from entitlements.actions.sessions import PlannedSession
from entitlements.forms.moves import MoveForm, MoveRequestForm, MoveSessionsForm
from entitlements.forms.times import begun_with
from entitlements.letters import described
from entitlements.models import BookedSession, Engagement, EngagementState
from entitlements.rules.booking_answers import CAP_USED_UP, NOT_IN_LEVEL
from entitlements.rules.refusals import Refusal
from entitlements.views.engagements import to_change
from entitlements.views.requests import PortalRequest

NOTHING_AHEAD = Refusal("E5", "nothing_ahead", "No time of it lies ahead, so there is nothing to move.", "Look at it.")


@open_to(Who.BOOKERS)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: PortalRequest, reference: str) -> HttpResponse:
    """E5: a removal and a new booking in one step; refused, it stays where it is."""
    engagement = to_change(request, reference)
    form = _form(request, engagement)
    if form is None:
        return _page(request, engagement, None, [NOTHING_AHEAD])
    if not form.is_bound or not form.is_valid():
        return _page(request, engagement, form, [])
    try:
        _move(request, engagement, form)
    except Refused as refused:
        return _page(request, engagement, form, list(refused.refusals))
    messages.success(request, f"{engagement.reference} is moved.")
    return redirect("engagement", engagement.reference)


def _form(request: PortalRequest, engagement: Engagement) -> MoveForm | None:
    """The form for what can be moved: bound only when it is sent, not when other times are asked for."""
    sent = request.method == "POST" and request.POST.get("step") != "times" and "later" not in request.POST
    initial = begun_with(request.GET, request.POST)
    common = {"engagement": engagement, "now": request.now, "initial": initial}
    data = request.POST if sent else None
    if engagement.state == EngagementState.REQUESTED:
        length = timedelta(minutes=described(engagement).sessions[0].minutes)
        return MoveRequestForm(data, length=length, **common)
    if engagement.state == EngagementState.SCHEDULED and (sessions := _ahead(request, engagement)):
        return MoveSessionsForm(data, sessions=sessions, **common)
    return None


def _ahead(request: PortalRequest, engagement: Engagement) -> list[BookedSession]:
    return list(engagement.sessions.ahead(request.now).select_related("engineer__user").order_by("part"))


def _move(request: PortalRequest, engagement: Engagement, form: MoveForm) -> None:
    if isinstance(form, MoveSessionsForm):
        first = min(form.chosen_times)
        planned = [
            _planned(form, session) for session in form.sessions if first <= session.part <= max(form.chosen_times)
        ]
        move_sessions(engagement=engagement, sessions=planned, first=first, by=request.user, now=request.now)
        return
    wish = form.cleaned_data
    move_request(
        engagement=engagement, day=wish["wished_day"], start=wish["wished_start"], by=request.user, now=request.now
    )


def _planned(form: MoveSessionsForm, session: BookedSession) -> PlannedSession:
    """The session at its new time, with the engineer it has if that is possible; where it was, if it stays."""
    found = form.chosen_times.get(session.part)
    if found is None:
        return PlannedSession(session.during.lower, session.engineer)
    return PlannedSession(found.start, session.engineer if session.engineer in found.engineers else found.engineers[0])


def _page(
    request: PortalRequest, engagement: Engagement, form: MoveForm | None, refusals: list[Refusal]
) -> HttpResponse:
    context: dict[str, Any] = {"engagement": engagement, "form": form, "refusals": refusals}
    context["may_go_beyond"] = any(one.code in (CAP_USED_UP, NOT_IN_LEVEL) for one in refusals)
    context |= {"zone": engagement.contract.zone, "reference": engagement.reference}
    return render(request, "sessions/move.html", context)
