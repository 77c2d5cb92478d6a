"""Engagements: seeing what became of one, moving it, taking it back (E5–E12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from entitlements import missed, outcomes, timelines
from entitlements.access import Who, engagements_visible_to, may_book, open_to
from entitlements.actions.engagements import cancel_engagement, refusals_to_cancel, withdraw_engagement
from entitlements.actions.refused import Refused
from entitlements.cards import years_visible_to
from entitlements.forms.engagements import CancelForm, EngagementFilter
from entitlements.letters import calendar_file
from entitlements.models import BookedSession, Engagement, EngagementState
from entitlements.products_lost import lost_by, marked
from entitlements.references import normalised
from entitlements.rules.refusals import Refusal
from entitlements.views.asking import ONLY_READS
from entitlements.views.lists import InFile, Order, if_asked_as_file, rows_in_words
from entitlements.views.requests import PortalRequest, posted

SORTS = {"reference": "reference", "activity": "activity__position", "state": "state", "day": "day"}
HEADS = {"reference": "Reference", "activity": "Activity", "state": "State", "day": "Day"}
HEADS |= {"counts": "Counted", "order_form": "Order form", "by": "Asked for by"}
IN_FILE: InFile = {
    "Reference": lambda one: one.reference,
    "Activity": lambda one: one.activity.name,
    "State": lambda one: one.get_state_display(),
    "Day": lambda one: one.day,
    "Counted": lambda one: "yes" if one.counts else "no",
    "Why": lambda one: one.facts().why(),
    "Order form": lambda one: one.contract.order_form,
    "Asked for by": lambda one: one.requested_by.name,
    "Topic": lambda one: one.topic,
}


@open_to(Who.CUSTOMERS)
@require_safe
def listing(request: PortalRequest) -> HttpResponseBase:
    """Every engagement of the customer, the latest first; `?format=csv` gives the filtered rows as a file."""
    engagements = engagements_visible_to(request.user).select_related("activity", "contract__customer", "requested_by")
    chosen, order = (
        EngagementFilter(request.GET, years=years_visible_to(request.user)),
        Order(SORTS, request.GET.get("sort", ""), "-day"),
    )
    found = order.of(chosen.narrow(engagements))
    if file := if_asked_as_file(request, "engagements", found, IN_FILE):
        return file
    page = Paginator(found, per_page=25).get_page(request.GET.get("page"))
    context = {"form": chosen, "page_obj": page, "columns": order.columns(HEADS)}
    context["count"] = rows_in_words(page.paginator.count, "engagement")
    return render(request, "sessions/engagement_list.html", context)


@open_to(Who.CUSTOMERS)
@require_safe
def detail(request: PortalRequest, reference: str) -> HttpResponse:
    engagement = _visible(request, reference)
    sessions = list(engagement.sessions.without_moved().select_related("engineer__user"))
    context = {
        "engagement": engagement,
        "sessions": sessions,
        "lost": lost_by(engagement) if engagement.lost else None,  # type: ignore[attr-defined]
        "follow_up_overdue": timelines.follow_up_overdue(engagement, sessions, request.now),
        "next_move": timelines.next_move(engagement, sessions, request.now),
        "may_move": bool(timelines.still_ahead(sessions, request.now)),
        "events": timelines.of_engagement(engagement, request.user),
        "may_be_cancelled": not refusals_to_cancel(sessions, Engagement.Side.CUSTOMER, request.now),
        "may_book": may_book(request.user, engagement.contract.customer),
        "missed": _missed(engagement, sessions, request.now),
        "zone": engagement.contract.zone,
        "reference": engagement.reference,
        **outcomes.standing(engagement, sessions),
    }
    return render(request, "sessions/engagement.html", context)


def _missed(engagement: Engagement, sessions: Sequence[BookedSession], now: datetime) -> list[missed.Missed]:
    """T1: what was owed and did not come; while every session lies ahead, a later reminder still can."""
    begun = any(session.during.lower <= now for session in sessions)
    return missed.of([engagement.reference], now) if begun else []


@open_to(Who.BOOKERS)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: PortalRequest, reference: str) -> HttpResponse:
    """E5: take a request back before it is scheduled."""
    engagement = to_change(request, reference)
    refusals = _not_in(engagement, EngagementState.REQUESTED)
    if request.method == "POST" and not refusals:
        try:
            withdraw_engagement(engagement=engagement, by=request.user, now=request.now)
        except Refused as refused:
            refusals = list(refused.refusals)
        else:
            back = "" if engagement.ps_reference else " Its place is back."
            messages.success(request, f"Your request {engagement.reference} is withdrawn.{back}")
            return redirect("engagement", engagement.reference)
    return _ending(request, "sessions/withdraw.html", engagement, refusals)


@open_to(Who.BOOKERS)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: PortalRequest, reference: str) -> HttpResponse:
    """E5: cancel what is scheduled, on the customer's side."""
    engagement = to_change(request, reference)
    form = CancelForm(posted(request))
    side = Engagement.Side.CUSTOMER
    refusals = _not_in(engagement, EngagementState.SCHEDULED) or refusals_to_cancel(
        engagement.sessions.all(), side, request.now
    )
    if request.method == "POST" and not refusals and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            cancel_engagement(engagement=engagement, side=side, reason=reason, by=request.user, now=request.now)
        except Refused as refused:
            refusals = list(refused.refusals)
        else:
            messages.success(request, f"{engagement.reference} is cancelled. A letter confirms it.")
            return redirect("engagement", engagement.reference)
    return _ending(request, "sessions/cancel.html", engagement, refusals, form=form)


@open_to(Who.CUSTOMERS)
@require_safe
def calendar(request: PortalRequest, reference: str) -> HttpResponse:
    """The calendar file of one session, by default the first; the same event as in the letter. Of what is cancelled it takes the
    event out of the calendar again."""
    engagement = _visible(request, reference)
    part = request.GET.get("part", "1")
    if not part.isdecimal():
        raise Http404
    cancelled = engagement.state == EngagementState.CANCELLED
    sessions = engagement.sessions.filter(part=part, released_at__isnull=not cancelled).order_by("-pk")
    if (session := sessions.first()) is None:
        raise Http404
    name, kind, text = calendar_file(engagement, session, request.now, cancelled=cancelled)
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _visible(request: PortalRequest, reference: str) -> Engagement:
    engagements = marked(engagements_visible_to(request.user)).select_related(
        "contract__customer", "activity", "year", "requested_by", "advice_accepted_by", "preparation_confirmed_by"
    )
    return get_object_or_404(engagements, reference=normalised(reference) or reference)


def to_change(request: PortalRequest, reference: str) -> Engagement:
    """The engagement, for somebody who may change it: not found or refused for anybody else."""
    engagement = _visible(request, reference)
    if not may_book(request.user, engagement.contract.customer):
        raise PermissionDenied(ONLY_READS.format(engagement.contract.customer))
    return engagement


def _not_in(engagement: Engagement, state: EngagementState) -> list[Refusal]:
    if engagement.state == state:
        return []
    sentence = f"It is {engagement.get_state_display().lower()} by now, so this can no longer be done."
    return [Refusal("E5", "already_moved_on", sentence, "Look at what became of it.")]


def _ending(
    request: PortalRequest, template: str, engagement: Engagement, refusals: list[Refusal], **context: Any
) -> HttpResponse:
    ended = replace(engagement.facts(), state="cancelled", cancelled_by="customer")
    context |= {"engagement": engagement, "refusals": refusals, "keeps_its_place": ended.counts()}
    context |= {"zone": engagement.contract.zone, "reference": engagement.reference}
    return render(request, template, context)
