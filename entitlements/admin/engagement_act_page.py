"""The page of one act on an engagement: what it asks, then what it would leave, then it is done (M4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from entitlements.access import Who, open_to
from entitlements.actions.seen import as_seen, last_act
from entitlements.admin import firsts
from entitlements.admin.engagement_acts import BY_KEY, Act
from entitlements.admin.engagement_forms import DeskForm
from entitlements.admin.engagement_standing import Standing
from entitlements.admin.pages import DeskRequest, done, page, refusals_of
from entitlements.models import Engagement
from entitlements.rehearsals import Rehearsal, rehearse
from entitlements.rules.refusals import Refusal

ENGAGEMENT = "admin:engagement"


@open_to(Who.MANAGERS)
def act_page(request: DeskRequest, *, reference: str, what: str) -> HttpResponse:
    """M4.2: an act that needs facts or a second look. Opened it asks; sent it shows what it would leave; confirmed it is done."""
    if what not in BY_KEY:
        raise Http404
    at, chosen = Standing.of(reference, request.user, request.now), BY_KEY[what]
    if not chosen.offered(at):
        return _not_offered(request, at, chosen)
    if request.method != "POST":
        return _page(request, at, chosen, chosen.form(at, None))
    form = chosen.form(at, request.POST)
    if not form.is_valid() or "change" in request.POST:
        return _page(request, at, chosen, form)
    if "confirmed" in request.POST:
        return _do(request, at, chosen, form)
    rehearsal = rehearse(lambda: _as_seen(request, at, chosen, form), at.engagement)
    return _page(request, at, chosen, form, refusals=rehearsal.refusals, rehearsal=rehearsal)


def _do(request: DeskRequest, at: Standing, act: Act, form: DeskForm) -> HttpResponse:
    reference = at.engagement.reference
    if refusals := refusals_of(lambda: _as_seen(request, at, act, form)):
        return _page(request, at, act, form, refusals=refusals)
    return done(request, f"{reference} {act.done}", ENGAGEMENT, reference)


def _as_seen(request: DeskRequest, at: Standing, act: Act, form: DeskForm) -> Engagement:
    """M4.5: the act, upon what the manager saw."""
    return as_seen(lambda: act.do(at, form, request.user), matter=at.engagement.reference, seen=_seen(request))


def _seen(request: DeskRequest) -> int:
    """The last act that the page showed on which the form stood; whoever does not say has seen nothing."""
    typed = request.POST.get("seen", "")
    return int(typed) if typed.isdecimal() and len(typed) < 19 else 0


def _not_offered(request: DeskRequest, at: Standing, act: Act) -> HttpResponse:
    engagement = at.engagement
    state = engagement.get_state_display().lower()
    sentence = f"“{act.title}” does not go: it is {state}. {firsts.who_acted_last(engagement.reference)}"
    messages.warning(request, sentence.strip())
    return redirect(ENGAGEMENT, engagement.reference)


def _page(
    request: DeskRequest,
    at: Standing,
    act: Act,
    form: DeskForm,
    *,
    refusals: Sequence[Refusal] = (),
    rehearsal: Rehearsal | None = None,
) -> HttpResponse:
    engagement = at.engagement
    day = form.cleaned_data.get("day") if form.is_bound and form.is_valid() else None
    return page(
        request,
        "admin/engagement_act.html",
        title=f"{act.title}: {engagement.activity} for {engagement.contract.customer}",
        act=act,
        **at.shown,
        form=form,
        refusals=firsts.named(refusals, engagement, day),
        seen=_seen(request) if rehearsal and not refusals else last_act(engagement.reference),
        **_check(form, rehearsal),
    )


def _check(form: DeskForm, rehearsal: Rehearsal | None) -> dict[str, Any]:
    """What the page shows before it is done; nothing while it is asked or refused."""
    if rehearsal is None or rehearsal.after is None:
        return {"rehearsal": None}
    return {"rehearsal": rehearsal, "answers": form.answers(), "kept": form.typed()}
