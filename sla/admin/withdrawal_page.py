"""A withdrawal at the desk (M7): prepared with a preview, proposed, released by a second person, followed, cancelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Max
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from entitlements.access import Who, may_approve, open_to
from entitlements.actions.refused import Refused
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of, what_happened
from entitlements.models import Letter
from entitlements.rehearsals import taken_back, written_out
from entitlements.rules.refusals import Refusal
from entitlements.views.step_up import is_fresh
from sla.actions import withdrawals as actions
from sla.admin import withdrawal_forms as forms
from sla.admin.withdrawal_standing import Row, bars_of, rows_of, total_credit
from sla.business_days import vendor_zone
from sla.models import Withdrawal, WithdrawalState
from sla.withdrawals import parts_of, totals_of

PAGE = "admin:withdrawal"
ON_A_PAGE = 50
PREPARED, PROPOSED, RELEASED = WithdrawalState.PREPARED, WithdrawalState.PROPOSED, WithdrawalState.RELEASED


@dataclass(frozen=True, slots=True)
class Act:
    """One act upon a withdrawal: its form, the action, in which states it is offered, and whether customers get letters."""

    title: str
    means: str
    form: type[Any]
    do: Callable[[Withdrawal, Any, dict[str, Any]], object]
    said: str
    states: tuple[str, ...]
    writes: bool = False
    danger: bool = False
    trial: Callable[[Withdrawal, Any, dict[str, Any]], int] | None = None
    """What is played, and taken back, for the check page in place of the whole: it says how many letters the whole writes."""


ACTS: Mapping[str, Act] = {
    "propose": Act(
        "Propose it to a second person", "Nobody is told yet. Somebody else who may approve looks at it and releases it.",
        forms.NoForm, lambda one, form, who: actions.propose_withdrawal(withdrawal=one, **who),
        "It waits for a second person.", (PREPARED,),
    ),
    "release": Act(
        "Release it", "The figures of every contract are fixed as they are now, and the notices go out. Each customer's seven days begin "
        "with the arrival of its notice.",
        forms.NoForm, lambda one, form, who: actions.release_withdrawal(withdrawal=one, **who),
        "It is released, and the notices are written.", (PROPOSED,), writes=True,
        trial=lambda one, form, who: actions.try_release(withdrawal=one, **who),
    ),
    "take-back": Act(
        "Take the proposal back", "It is in preparation again, and can be changed.", forms.ReasonForm,
        lambda one, form, who: actions.take_proposal_back(withdrawal=one, reason=form.cleaned_data["reason"], **who),
        "It is in preparation again.", (PROPOSED,),
    ),
    "cancel": Act(
        "Cancel it", "Credits for losses do not end. Whoever was told is told; what took effect already stays. This cannot be undone.",
        forms.ReasonForm,
        lambda one, form, who: actions.cancel_withdrawal(withdrawal=one, reason=form.cleaned_data["reason"], **who),
        "It is cancelled.", (PREPARED, PROPOSED, RELEASED), writes=True, danger=True,
    ),
}  # fmt: skip


@open_to(Who.MANAGERS)
def new(request: DeskRequest) -> HttpResponse:
    """S16: for which contracts, why, and what silence means. What is prepared is told to nobody."""
    form = forms.PrepareForm(request.POST if request.method == "POST" else None, now=request.now)
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        names = ("title", "why", "vendor_choice", "vendor_choice_why")
        try:
            made = actions.prepare_withdrawal(
                contracts=given["chosen"], by=request.user, now=request.now, **{name: given[name] for name in names}
            )
        except Refused as refused:
            refusals = refused.refusals
        else:
            return done(request, "It is prepared. Nobody is told before it is released.", PAGE, made.reference)
    return page(request, "admin/new_withdrawal.html", title="Withdraw loss-based credits", form=form, refusals=refusals)


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, reference: str) -> HttpResponse:
    """Before the release both options of each contract and what stands in the way; after it the proof, the clock and the outcome."""
    return _page(request, _asked_for(reference))


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def out(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S16: take out what is ticked, or all with which something is wrong."""
    withdrawal = _asked_for(reference)
    ticked = [int(key) for key in request.POST.getlist("election") if key.isascii() and key.isdecimal()]
    if "problems" in request.POST:
        own = list(withdrawal.elections.select_related("contract"))
        parts = parts_of([one.contract for one in own], request.now)
        ticked = [one.pk for one, part in zip(own, parts, strict=True) if part.problems]
    if not ticked:
        nobody = Refusal("S16", "nothing_ticked", "Nothing is ticked.", "Tick the contracts that are to be taken out.")
        return _page(request, withdrawal, refusals=(nobody,))
    taken = refusals_of(
        lambda: actions.take_out(withdrawal=withdrawal, elections=ticked, by=request.user, now=request.now)
    )
    if taken:
        return _page(request, withdrawal, refusals=taken)
    return done(request, f"Taken out: {len(ticked)}.", PAGE, reference)


@open_to(Who.MANAGERS)
def act(request: DeskRequest, *, reference: str, what: str) -> HttpResponse:
    """An act upon it. One that writes letters is shown with the first of them, and done when it is confirmed by somebody who has shown
    a short while ago who they are (V47)."""
    withdrawal = _asked_for(reference)
    if what not in ACTS or withdrawal.state not in ACTS[what].states:
        raise Http404
    chosen = ACTS[what]
    form = chosen.form(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid() or "change" in request.POST:
        asked = request.method == "POST" or chosen.form is not forms.NoForm
        return _act_page(request, withdrawal, chosen, form) if asked else _check_page(request, withdrawal, chosen, form)
    if chosen.writes and "confirmed" not in request.POST:
        return _check_page(request, withdrawal, chosen, form)
    if chosen.writes and not is_fresh(request, request.now):
        return redirect(reverse("step_up", query={"next": reverse(PAGE, args=[reference])}))
    who = {"by": request.user, "now": request.now}
    if refusals := refusals_of(lambda: chosen.do(withdrawal, form, who)):
        return _act_page(request, withdrawal, chosen, form, refusals=refusals)
    return done(request, chosen.said, PAGE, reference)


def _asked_for(reference: str) -> Withdrawal:
    people = ("prepared_by", "proposed_by", "released_by", "cancelled_by")
    return get_object_or_404(Withdrawal.objects.select_related(*people), reference=reference)


def _page(request: DeskRequest, withdrawal: Withdrawal, *, refusals: Sequence[Refusal] = ()) -> HttpResponse:
    own = withdrawal.elections.select_related("contract__customer", "withdrawal", "terms")
    ordered = own.order_by("contract__customer__name", "pk")
    shown = Paginator(ordered, ON_A_PAGE).get_page(request.GET.get("page"))
    ahead = withdrawal.state in (PREPARED, PROPOSED)
    return page(
        request,
        "admin/withdrawal.html",
        title=withdrawal.title,
        withdrawal=withdrawal,
        reference=withdrawal.reference,
        zone=vendor_zone(),
        page_obj=shown,
        ahead=ahead,
        parts=_with_parts(shown, request) if ahead else [],
        totals=totals_of(parts_of([one.contract for one in ordered], request.now)) if ahead else {},
        rows=[] if ahead else rows_of(list(shown), request.now),
        bars=[] if ahead else bars_of(withdrawal, request.now),
        credited=None if ahead else total_credit(withdrawal),
        acts=[
            (name, one)
            for name, one in ACTS.items()
            if withdrawal.state in one.states
            and (ahead or _runs(withdrawal))
            and (name != "release" or _may_release(request, withdrawal))
        ],
        waits=withdrawal.state == PROPOSED and not _may_release(request, withdrawal),
        refusals=refusals,
        history=what_happened(withdrawal.reference),
    )


def _may_release(request: DeskRequest, withdrawal: Withdrawal) -> bool:
    return may_approve(request.user) and request.user.pk != withdrawal.proposed_by_id


def _runs(withdrawal: Withdrawal) -> bool:
    return withdrawal.elections.running().exists()


def _with_parts(shown: Any, request: DeskRequest) -> list[Row]:
    elections = list(shown)
    parts = parts_of([one.contract for one in elections], request.now)
    return [Row(election=one, part=part) for one, part in zip(elections, parts, strict=True)]


def _check_page(request: DeskRequest, withdrawal: Withdrawal, chosen: Act, form: Any) -> HttpResponse:
    """M7.1: how many letters it writes, and the first of them; refused here is refused then."""

    def play() -> tuple[tuple[Refusal, ...], int, tuple[Letter, ...]]:
        last = Letter.objects.aggregate(last=Max("pk"))["last"] or 0
        who: dict[str, Any] = {"by": request.user, "now": request.now}
        written: object = None
        refusals: tuple[Refusal, ...] = ()
        try:
            written = (chosen.trial or chosen.do)(withdrawal, form, who)
        except Refused as refused:
            refusals = refused.refusals
        matters = withdrawal.elections.values("reference")
        letters = Letter.objects.filter(pk__gt=last, matter__in=matters)
        first = letters.order_by("pk").values("pk")[:1]
        count = written if isinstance(written, int) else letters.count()
        return refusals, count, written_out(letters.filter(pk__in=first))

    refusals, count, letters = taken_back(play)
    letter = next(iter(letters), None)
    return _act_page(
        request, withdrawal, chosen, form, refusals=refusals, checked=not refusals, count=count, letter=letter
    )


def _act_page(
    request: DeskRequest,
    withdrawal: Withdrawal,
    chosen: Act,
    form: Any,
    *,
    refusals: Sequence[Refusal] = (),
    **more: Any,
) -> HttpResponse:
    kept = form.typed() if form.is_bound else []
    return page(
        request,
        "admin/withdrawal_act.html",
        title=f"{chosen.title}: {withdrawal.title}",
        withdrawal=withdrawal,
        reference=withdrawal.reference,
        zone=vendor_zone(),
        act=chosen,
        form=form,
        kept=kept,
        refusals=refusals,
        **more,
    )


pages: list[tuple[str, Any, str]] = [
    ("withdrawals/new/", new, "new_withdrawal"),
    ("withdrawals/<str:reference>/", detail, "withdrawal"),
    ("withdrawals/<str:reference>/out/", out, "take_out_of_withdrawal"),
    ("withdrawals/<str:reference>/<str:what>/", act, "withdrawal_act"),
]
