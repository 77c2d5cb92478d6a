"""A customer's elections (C9): both options beside what silence means, chosen by a button and a check page, never by a link."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from entitlements import missed
from entitlements.access import Who, contracts_visible_to, may_sign, open_to
from entitlements.letter_files import as_file
from entitlements.models import Letter
from entitlements.views.step_up import is_fresh
from sla import election_papers
from sla.actions import elections as actions
from sla.elections import (
    agreed_since,
    effect_of,
    elections_of,
    ends_first,
    fee_until_then,
    notices_of,
    offer_of,
    shown_as,
    standing_by,
    words_of,
)
from sla.forms.elections import ChoiceForm
from sla.models import RUNNING, Election
from sla.rules import elections as rules
from sla.rules.elections import notice_effect_day
from sla.shift_memos import paper_of, shift_memos_visible_to
from sla.views.requests import PortalRequest, refused_on
from sla.withdrawals import released_day

FORM = ["GET", "HEAD", "POST"]


@open_to(Who.CUSTOMERS)
@require_safe
def listing(request: PortalRequest) -> HttpResponse:
    """All elections of the reader's customers, newest first."""
    released = elections_of(contracts_visible_to(request.user)).order_by("-noticed_at", "pk")
    found = list(released.prefetch_related("choices"))
    running = [one for one in found if one.state in RUNNING]
    letters = notices_of(running) if running else {}
    rows = [(one, *_stands(one, letters.get(one.reference, []), request.now)) for one in found]
    return render(request, "elections/election_list.html", {"elections": rows})


def _stands(election: Election, notices: list[Letter], now: datetime) -> tuple[str, rules.Election | None]:
    """The word for how it stands, and of one that runs by what."""
    runs = election.state in RUNNING
    standing = standing_by(election, notices, election.choices.all(), now) if runs else None
    return shown_as(election, standing, notices), standing


@open_to(Who.CUSTOMERS)
@require_safe
def detail(request: PortalRequest, reference: str) -> HttpResponse:
    """S16, S17: why, by when, what each option comes to, what silence means, and what was chosen so far."""
    election = _own(request, reference)
    return render(request, "elections/election.html", _context(request, election))


@open_to(Who.SIGNATORIES)
@require_http_methods(FORM)
@refused_on("election")
def open_notice(request: PortalRequest, reference: str) -> HttpResponse:
    """S16: somebody with the right to sign has the notice before them: the seven days begin, if they have not."""
    election = _own(request, reference)
    if request.method == "POST":
        actions.open_notice(election=election, by=request.user, now=request.now)
        messages.success(request, "It is noted that the notice has reached you.")
    return redirect("election", election.reference)


@open_to(Who.SIGNATORIES)
@require_http_methods(FORM)
@refused_on("election")
def choose(request: PortalRequest, reference: str) -> HttpResponse:
    """S16: the check page of what is about to be chosen; confirmed there, it is received at this request's moment. Only after the person
    has shown a short while ago who they are (V47)."""
    election = _own(request, reference)
    if request.method != "POST":
        return redirect("election", election.reference)
    if not is_fresh(request, request.now):
        return redirect(reverse("step_up", query={"next": reverse("election", args=[election.reference])}))
    confirmed = "confirmed" in request.POST
    form = ChoiceForm(request.POST, lowest=not election.to_plan, checked=confirmed)
    if not confirmed or not form.is_valid():
        context = _context(request, election)
        if form.wanted is None:
            return redirect("election", election.reference)
        return render(request, "elections/choose.html", {**context, "form": form, "wanted": form.wanted})
    made = actions.choose(election=election, choice=form.wanted or "", by=request.user, now=request.now)
    said = "Your choice is received." if made.choice else "Your choice is taken back. Nothing is chosen now."
    messages.success(request, said)
    return redirect("election", election.reference)


@open_to(Who.CUSTOMERS)
@require_safe
def paper(request: PortalRequest, reference: str) -> HttpResponse:
    """The notice with both options and what came of it, as PDF."""
    election = _own(request, reference)
    return as_file(election_papers.paper_of(election), f"{election.reference}.pdf", "application/pdf")


@open_to(Who.CUSTOMERS)
@require_safe
def memo(request: PortalRequest, reference: str, number: int) -> HttpResponse:
    """S17: the memo of a shift credit as PDF, the same bytes as with its letter."""
    found = get_object_or_404(shift_memos_visible_to(request.user), election__reference=reference, number=number)
    return as_file(paper_of(found), f"{found.memo_number}.pdf", "application/pdf")


def _own(request: PortalRequest, reference: str) -> Election:
    """The election, or 404 for another customer's; who may only read cannot post."""
    found: Election = get_object_or_404(elections_of(contracts_visible_to(request.user)), reference=reference)
    if request.method == "POST" and not may_sign(request.user, found.contract.customer):
        raise PermissionDenied("You can read this election. Choosing is for people with the right to sign.")
    return found


def _context(request: PortalRequest, election: Election) -> dict[str, Any]:
    assert election.terms
    choices = list(election.choices.select_related("chosen_by"))
    notices = notices_of([election])[election.reference]
    standing = standing_by(election, notices, choices, request.now)
    deadline = election.deadline or standing.deadline
    if deadline:
        effect = election.effect_day or effect_of(election, deadline)
    else:
        effect = notice_effect_day(released_day(election, election.noticed_at or request.now), election.terms.facts())
    # Also where no turn of the clock has written it down yet; in memory alone.
    election.deadline = deadline
    agreed = agreed_since(election)
    return {
        "election": election,
        "agreed": agreed,
        "old_fee": fee_until_then(election),
        "stays_on": agreed.plan if agreed else election.plan,
        "reference": election.reference,
        "zone": election.tz,
        "currency": election.contract.currency,
        "standing": standing,
        "state": shown_as(election, standing, notices),
        "deadline": deadline,
        "reached": election.reached_at or standing.reached,
        "effect": effect,
        "options": words_of(offer_of(election, effect)),
        "choices": choices,
        "memos": election.memos.order_by("pk"),
        "ends_first": bool(deadline and ends_first(election, deadline)),
        "running": standing.state == "open" and election.state in ("sent", "open"),
        "may_sign": may_sign(request.user, election.contract.customer),
        "missed": missed.of([election.reference], request.now),
    }
