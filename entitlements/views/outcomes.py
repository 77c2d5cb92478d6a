"""What came out of engagements, as a customer reads it and carries it on: outcomes, recommendations, feedback (E13)."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from entitlements import outcomes
from entitlements.access import Who, engagements_visible_to, may_book, open_to
from entitlements.actions.outcomes import give_feedback, move_recommendation
from entitlements.actions.refused import Refused
from entitlements.forms.outcomes import FeedbackForm, MoveForm, RecommendationFilter
from entitlements.models import Engagement, Outcome, Recommendation, User
from entitlements.references import normalised
from entitlements.rules.days import local_day
from entitlements.rules.outcomes import feedback_open
from entitlements.rules.refusals import Refusal
from entitlements.views.lists import InFile, Order, if_asked_as_file, rows_in_words
from entitlements.views.requests import PortalRequest, posted

SORTS = {"due": "due", "state": "state", "owner": "owner__name", "activity": "outcome__engagement__activity__position"}
HEADS = {"number": "Recommendation", "activity": "From", "owner": "Owner", "due": "Due", "state": "State"}
ONLY_READS = "Your role at {} is to read. Its owner, somebody who books, or who owns the recommendation can do this."

IN_FILE: InFile = {
    "Engagement": lambda one: one.outcome.engagement.reference,
    "Activity": lambda one: one.outcome.engagement.activity.name,
    "No.": lambda one: one.number,
    "Recommendation": lambda one: one.text,
    "Owner": lambda one: str(one.owner),
    "Due": lambda one: one.due,
    "State": lambda one: one.get_state_display(),
    "Why declined": lambda one: one.decline_reason,
}


@open_to(Who.CUSTOMERS)
@require_safe
def detail(request: PortalRequest, reference: str) -> HttpResponse:
    """The outcome as it stands, how each recommendation stands, and the versions that there are."""
    outcome = _given(request, reference)
    context = _shown(request, outcome) | {"content": outcomes.in_words(outcome)}
    return render(request, "outcomes/outcome.html", context)


@open_to(Who.CUSTOMERS)
@require_safe
def version(request: PortalRequest, reference: str, n: int) -> HttpResponse:
    """An earlier version, as it was given."""
    outcome = _given(request, reference)
    found = get_object_or_404(outcome.versions.select_related("written_by"), n=n)
    context = {"version": found, "content": found.content, "engagement": outcome.engagement, "reference": reference}
    return render(request, "outcomes/version.html", context | {"zone": outcome.engagement.contract.zone})


@open_to(Who.CUSTOMERS)
@require_safe
def listing(request: PortalRequest) -> HttpResponseBase:
    """Every recommendation of the customer, what is due first; `?format=csv` gives the filtered rows as a file."""
    rows = outcomes.recommendations_visible_to(request.user).select_related(
        "owner", "outcome__engagement__activity", "outcome__engagement__contract"
    )
    zone = rows.values_list("outcome__engagement__contract__zone", flat=True).order_by("-pk").first() or "UTC"
    today = local_day(request.now, ZoneInfo(zone))
    chosen, order = (
        RecommendationFilter(request.GET, rows=rows, today=today),
        Order(SORTS, request.GET.get("sort", ""), "due"),
    )
    found = order.of(chosen.narrow(rows))
    if file := if_asked_as_file(request, "recommendations", found, IN_FILE):
        return file
    page = Paginator(found, per_page=25).get_page(request.GET.get("page"))
    context = {"form": chosen, "page_obj": page, "columns": order.columns(HEADS), "today": today, "zone": zone}
    return render(
        request,
        "outcomes/recommendation_list.html",
        context | {"count": rows_in_words(page.paginator.count, "recommendation")},
    )


@open_to(Who.CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def recommendation(request: PortalRequest, reference: str, number: int) -> HttpResponse:
    """E11, E13: one recommendation, and how it stands; the customer may also decline it."""
    outcome = _given(request, reference)
    one = get_object_or_404(outcome.recommendations.select_related("owner", "moved_by"), number=number)
    may = _may_move(request.user, one, outcome)
    if request.method == "POST" and not may:
        raise PermissionDenied(ONLY_READS.format(outcome.engagement.contract.customer))
    form = MoveForm(posted(request), initial={"state": one.state, "reason": one.decline_reason})
    refusals: tuple[Refusal, ...] = ()
    if form.is_bound and form.is_valid():
        try:
            move_recommendation(recommendation=one, by=request.user, now=request.now, **form.cleaned_data)
        except Refused as refused:
            refusals = refused.refusals
        else:
            messages.success(request, f"Recommendation {number} is noted as you said.")
            return redirect("engagement_outcome", reference)
    context = _context(outcome.engagement) | {"one": one, "form": form, "refusals": refusals, "may_move": may}
    return render(request, "outcomes/recommendation.html", context)


@open_to(Who.BOOKERS)
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: PortalRequest, reference: str) -> HttpResponse:
    """E13: what the customer thought of an engagement, said once and changeable for some days."""
    engagement = get_object_or_404(_engagements(request), reference=normalised(reference) or reference)
    if engagement.first_session_held_at is None:
        raise Http404
    if not may_book(request.user, engagement.contract.customer):
        raise PermissionDenied(ONLY_READS.format(engagement.contract.customer))
    said = getattr(engagement, "feedback", None)
    form = FeedbackForm(posted(request), initial={"rating": said.rating, "words": said.words} if said else None)
    refusals: tuple[Refusal, ...] = ()
    if form.is_bound and form.is_valid():
        try:
            give_feedback(engagement=engagement, by=request.user, now=request.now, **form.cleaned_data)
        except Refused as refused:
            refusals = refused.refusals
        else:
            messages.success(request, "Thank you. The engineer and the managers read it.")
            return redirect("engagement", engagement.reference)
    zone = engagement.contract.tz
    still = feedback_open(local_day(said.given_at, zone) if said else None, local_day(request.now, zone))
    context = _context(engagement) | {"form": form, "refusals": refusals, "said": said, "still_open": still}
    return render(request, "outcomes/feedback.html", context)


def _engagements(request: PortalRequest) -> Any:
    return engagements_visible_to(request.user).select_related("contract__customer", "activity", "feedback")


def _given(request: PortalRequest, reference: str) -> Outcome:
    given = outcomes.outcomes_visible_to(request.user).with_everything()
    related = given.select_related(
        "engagement__contract__customer", "engagement__activity", "engagement__year", "engagement__feedback"
    )
    return get_object_or_404(related, engagement__reference=normalised(reference) or reference)


def _shown(request: PortalRequest, outcome: Outcome) -> dict[str, Any]:
    engagement = outcome.engagement
    changes = outcomes.comparison(outcome)
    return _context(engagement) | {
        "outcome": outcome,
        "recommendations": list(outcome.recommendations.all()),
        "versions": list(outcome.versions.select_related("written_by")),
        "drawing": outcomes.drawn(changes),
        "today": local_day(request.now, engagement.contract.tz),
        "may_book": may_book(request.user, engagement.contract.customer),
        "said": getattr(engagement, "feedback", None),
    }


def _context(engagement: Engagement) -> dict[str, Any]:
    return {"engagement": engagement, "reference": engagement.reference, "zone": engagement.contract.zone}


def _may_move(user: User, one: Recommendation, outcome: Outcome) -> bool:
    """Whoever may book for the customer, and the recommendation's owner among its people."""
    return one.owner_id == user.pk or may_book(user, outcome.engagement.contract.customer)
