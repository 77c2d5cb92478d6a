"""The desk's pages of an outcome: the editor, what the customer sees, giving it, and how its recommendations stand (E13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from entitlements import outcomes
from entitlements.access import Who, engagements_visible_to, open_to
from entitlements.actions import outcomes as actions
from entitlements.admin.outcome_forms import Editor, MoveForm, owners_of
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of
from entitlements.models import Engagement, Outcome
from entitlements.rules.days import local_day
from entitlements.rules.outcomes import can_be_given, missing
from entitlements.rules.refusals import Refusal

EDITOR, PREVIEW = "admin:outcome", "admin:outcome_preview"


@open_to(Who.MANAGERS)
def edit(request: DeskRequest, *, reference: str) -> HttpResponse:
    """Write the outcome, or amend what was given. A button that adds a line saves nothing and keeps what was typed."""
    engagement = _asked_for(request, reference)
    outcome = outcomes.outcome_of(engagement)
    posted = request.POST if request.method == "POST" else None
    editor = Editor(outcome, _kinds(engagement, outcome), _owners(engagement, outcome), posted)
    if posted is None or editor.more or not editor.is_valid():
        return _editor(request, engagement, editor)
    refusals = refusals_of(lambda: _save(request, engagement, outcome, editor))
    if refusals:
        return _editor(request, engagement, editor, refusals)
    if outcome and outcome.is_given:
        return done(request, f"The outcome of {reference} is amended. The customer gets a letter.", PREVIEW, reference)
    return done(request, "The draft is saved.", PREVIEW if "preview" in posted else EDITOR, reference)


@open_to(Who.MANAGERS)
def preview(request: DeskRequest, *, reference: str) -> HttpResponse:
    """The outcome as the customer sees it, what it still lacks, and the button that gives it."""
    return _preview(request, *_begun(request, reference))


@open_to(Who.MANAGERS)
@posted_to(PREVIEW)
def give(request: DeskRequest, *, reference: str) -> HttpResponse:
    """E13, N6: give it to the customer."""
    engagement, outcome = _begun(request, reference)
    refusals = refusals_of(lambda: actions.give_outcome(outcome=outcome, by=request.user, now=request.now))
    if refusals:
        return _preview(request, engagement, outcome, refusals)
    return done(request, f"The outcome of {reference} is given. The customer gets a letter.", PREVIEW, reference)


@open_to(Who.MANAGERS)
@posted_to(PREVIEW)
def move(request: DeskRequest, *, reference: str, number: int) -> HttpResponse:
    """E13: note how a recommendation stands."""
    engagement, outcome = _begun(request, reference)
    one = get_object_or_404(outcome.recommendations, number=number)
    form = MoveForm(request.POST, prefix=str(number))
    if not form.is_valid():
        return _preview(request, engagement, outcome, form=form)
    state = form.cleaned_data["state"]
    refusals = refusals_of(
        lambda: actions.move_recommendation(recommendation=one, state=state, by=request.user, now=request.now)
    )
    if refusals:
        return _preview(request, engagement, outcome, refusals)
    return done(request, f"Recommendation {number} is noted.", PREVIEW, reference)


pages: list[tuple[str, Any, str]] = [
    ("engagements/<str:reference>/outcome/", edit, "outcome"),
    ("engagements/<str:reference>/outcome/preview/", preview, "outcome_preview"),
    ("engagements/<str:reference>/outcome/give/", give, "give_outcome"),
    ("engagements/<str:reference>/recommendations/<int:number>/", move, "move_recommendation"),
]


def _asked_for(request: DeskRequest, reference: str) -> Engagement:
    found = engagements_visible_to(request.user).select_related("contract__customer", "activity", "year", "feedback")
    engagement = get_object_or_404(found, reference=reference)
    if engagement.first_session_held_at is None:
        raise Http404
    return engagement


def _begun(request: DeskRequest, reference: str) -> tuple[Engagement, Outcome]:
    engagement = _asked_for(request, reference)
    outcome = outcomes.outcome_of(engagement)
    if outcome is None:
        raise Http404
    return engagement, outcome


def _kinds(engagement: Engagement, outcome: Outcome | None) -> Sequence[str]:
    """E13: what was given keeps its form; before that, every form that the products open."""
    if outcome and outcome.is_given:
        return (outcome.kind,)
    return outcomes.possible_kinds(engagement)


def _owners(engagement: Engagement, outcome: Outcome | None) -> Any:
    """Who can own a recommendation, and who does already, also if they have left since."""
    possible = outcomes.possible_owners(engagement.contract.customer).select_related("engineer").order_by("name")
    kept = [one.owner for one in outcome.recommendations.all()] if outcome else []
    return owners_of(engagement.contract.customer, dict.fromkeys([*possible, *kept]))


def _save(request: DeskRequest, engagement: Engagement, outcome: Outcome | None, editor: Editor) -> Outcome:
    written: dict[str, Any] = {"content": editor.content(), "turn": editor.turn, "by": request.user, "now": request.now}
    if outcome and outcome.is_given:
        return actions.amend_outcome(outcome=outcome, reason=editor.head.cleaned_data["reason"], **written)
    return actions.draft_outcome(engagement=engagement, kind=editor.kind, **written)


def _editor(
    request: DeskRequest, engagement: Engagement, editor: Editor, refusals: Sequence[Refusal] = ()
) -> HttpResponse:
    bound = [one for one in editor.forms if one.is_bound]
    return page(
        request,
        "admin/outcome.html",
        title=f"Outcome of {engagement.activity} for {engagement.contract.customer}",
        engagement=engagement,
        reference=engagement.reference,
        zone=engagement.contract.tz,
        outcome=editor.outcome,
        editor=editor,
        shown_forms=bound,
        errors=any(not one.is_valid() for one in bound),
        refusals=refusals,
    )


def _preview(
    request: DeskRequest,
    engagement: Engagement,
    outcome: Outcome,
    refusals: Sequence[Refusal] = (),
    form: MoveForm | None = None,
) -> HttpResponse:
    recommendations = list(outcome.recommendations.select_related("owner", "moved_by"))
    held = engagement.first_session_held_at is not None
    return page(
        request,
        "admin/outcome_preview.html",
        title=f"Outcome of {engagement.activity} for {engagement.contract.customer}",
        engagement=engagement,
        reference=engagement.reference,
        zone=engagement.contract.tz,
        outcome=outcome,
        content=outcomes.in_words(outcome),
        drawing=outcomes.drawn(outcomes.comparison(outcome)),
        lacks=missing(outcome.kind, outcome.content()) if not outcome.is_given else (),
        over=can_be_given(engagement.state, first_session_held=held),
        recommendations=[(one, _move_form(one, form)) for one in recommendations],
        versions=list(outcome.versions.select_related("written_by")),
        said=getattr(engagement, "feedback", None),
        today=local_day(request.now, engagement.contract.tz),
        refusals=refusals,
        form=form,
    )


def _move_form(one: Any, typed: MoveForm | None) -> MoveForm:
    prefix = str(one.number)
    return typed if typed and typed.prefix == prefix else MoveForm(prefix=prefix, initial={"state": one.state})
