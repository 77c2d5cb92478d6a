"""A request that a manager enters for a customer's person, also one under Professional Services (E7, E11)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.urls import reverse

from entitlements.access import Who, contracts_visible_to, open_to, people_of
from entitlements.actions.engagements import request_engagement
from entitlements.actions.refused import Refused
from entitlements.admin import firsts
from entitlements.admin.engagement_forms import DeskForm
from entitlements.admin.pages import DeskRequest, done, page
from entitlements.books import book_visible_to
from entitlements.forms.filters import FilterForm
from entitlements.forms.requests import AskingForm
from entitlements.forms.times import DAYS_AS_TYPED
from entitlements.models import Contract, Engagement, Role, User
from entitlements.offers import Offered, offered
from entitlements.rehearsals import Rehearsal, rehearse
from entitlements.rules.editions import ACTIVITIES
from entitlements.rules.refusals import Refusal

MOST = 20
BEYOND = ("cap_used_up", "not_available")
"""What a request can be refused for that Professional Services may still carry (E7)."""


class WhoseForm(FilterForm):
    """Whose contract, and what they want."""

    q = forms.CharField(
        label="Customer or order form", max_length=100, help_text="Part of the name, or the order form's number"
    )
    activity = forms.ChoiceField(label="Activity", choices=[*ACTIVITIES.items()], help_text="What they ask for")


class OnBehalfForm(DeskForm, AskingForm):
    """E11, E12: as the customer's own form, with who of theirs asks and accepts; and the agreement of E7, if there is one."""

    field_order = ("person", "wished_day", "topic", "ps_reference", "preparation", "advice")
    person: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        None,
        label="Who asks for it",
        empty_label="Choose a person",
        help_text="Somebody of the customer who may book. Their acceptance is kept under their name.",
    )
    wished_day = forms.DateField(
        label="Wished day",
        input_formats=DAYS_AS_TYPED,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "short"}),
        help_text="The hour is agreed when it is scheduled. Example: 2026-11-30.",
        error_messages={
            "required": "Give the day that they wish for, such as 2026-11-30.",
            "invalid": "Give the wished day as year, month and day, such as 2026-11-30.",
        },
    )
    ps_reference = forms.CharField(
        label="Professional Services agreement",
        required=False,
        max_length=60,
        help_text="Its reference, for work beyond the cap: no place is counted (E7). Empty: it takes a place.",
    )

    def __init__(self, *args: Any, offer: Offered, beyond: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.confirm_of(offer.described)
        self.fields["person"].queryset = people_of(offer.contract.customer, Role.OWNER, Role.BOOKINGS)  # type: ignore[attr-defined]
        self.fields["ps_reference"].required = beyond
        self.fields[
            "topic"
        ].help_text = "What they want to find out or decide, so that the right engineer comes prepared."
        self.fields["preparation"].label = "They bring this to the session"
        self.fields["advice"].label = f"They accepted this wording: {offer.described.edition.advice_wording}"
        self.fields[
            "advice"
        ].help_text = "Tick once the person has read or heard it. Their name, the time and it are kept."


@open_to(Who.MANAGERS)
def new(request: DeskRequest) -> HttpResponse:
    """E7, E11: first whose and what, then the request; sent it shows what it would take, confirmed it is entered."""
    offer = _offer(request)
    if offer is None:
        return _whose(request)
    form = _form(request, offer)
    if request.method != "POST" or not form.is_valid() or "change" in request.POST:
        return _page(request, offer, form)
    if "confirmed" in request.POST:
        return _enter(request, offer, form)
    rehearsal = rehearse(lambda: _ask(request, offer, form))
    return _page(request, offer, form, refusals=rehearsal.refusals, rehearsal=rehearsal)


def _offer(request: DeskRequest) -> Offered | None:
    """What the address asks for; None while it does not say whose contract."""
    contract, activity = request.GET.get("contract", ""), request.GET.get("activity", "")
    if not contract:
        return None
    book = book_visible_to(request.user, int(contract), request.now) if contract.isdecimal() else None
    offer = offered(book, activity) if book else None
    if offer is None:
        raise Http404
    return offer


def _whose(request: DeskRequest) -> HttpResponse:
    asked = request.GET
    form = WhoseForm(asked) if "activity" in asked else WhoseForm(initial={"q": asked.get("q", "")})
    contracts = []
    if form.is_valid():
        words = form.cleaned_data["q"]
        named = Q(customer__name__icontains=words) | Q(order_form__icontains=words)
        found = contracts_visible_to(request.user).filter(named).select_related("customer")
        contracts = list(found.order_by("customer__name", "order_form")[:MOST])
    return page(request, "admin/engagement_whose.html", title="Enter a request", form=form, contracts=contracts)


def _form(request: DeskRequest, offer: Offered) -> OnBehalfForm:
    asked = request.GET
    initial: dict[str, Any] = {"wished_day": asked.get("day") or offer.proposed_day, "topic": asked.get("topic", "")}
    initial |= {"person": asked.get("person", ""), "ps_reference": asked.get("agreement", ""), "form_key": uuid.uuid4()}
    typed = request.POST if request.method == "POST" else None
    return OnBehalfForm(typed, offer=offer, beyond="beyond" in asked, initial=initial)


def _ask(request: DeskRequest, offer: Offered, form: OnBehalfForm) -> Engagement:
    wish = form.cleaned_data
    return request_engagement(
        contract=offer.contract,
        activity=offer.described.activity,
        wished_day=wish["wished_day"],
        topic=wish["topic"],
        advice_wording=offer.described.edition.advice_wording,
        ps_reference=wish["ps_reference"],
        form_key=wish["form_key"],
        accepted_by=wish["person"],
        by=request.user,
        now=request.now,
    )


def _enter(request: DeskRequest, offer: Offered, form: OnBehalfForm) -> HttpResponse:
    try:
        engagement = _ask(request, offer, form)
    except Refused as refused:
        return _page(request, offer, form, refusals=refused.refusals)
    sentence = f"{engagement.reference} is entered for {form.cleaned_data['person']}."
    return done(request, sentence, "admin:engagement", engagement.reference)


def _page(
    request: DeskRequest,
    offer: Offered,
    form: OnBehalfForm,
    *,
    refusals: tuple[Refusal, ...] = (),
    rehearsal: Rehearsal | None = None,
) -> HttpResponse:
    wished = form.cleaned_data.get("wished_day") if form.is_bound else None
    wish = Engagement(contract=offer.contract, activity=offer.described.activity, day=wished or offer.day)
    shown = rehearsal if rehearsal and rehearsal.after else None
    return page(
        request,
        "admin/engagement_new.html",
        title=f"{offer.described.activity} for {offer.contract.customer}",
        offer=offer,
        zone=offer.contract.tz,
        form=form,
        refusals=firsts.named(refusals, wish),
        beyond=_beyond(offer, form, refusals),
        rehearsal=shown,
        answers=form.answers() if shown else [],
        kept=form.typed() if shown else [],
    )


def _beyond(offer: Offered, form: OnBehalfForm, refusals: Iterable[Refusal]) -> str:
    given = form.cleaned_data if refusals else {}
    day, topic, person = given.get("wished_day", offer.day), given.get("topic", ""), given.get("person")
    return beyond_the_cap(refusals, offer.contract, offer.activity, day, topic, person)


def the_same_again(engagement: Engagement) -> str:
    """The address of the same request once more, filled in, for an engagement that came to nothing."""
    asked = {"contract": engagement.contract_id, "activity": engagement.activity_id, "topic": engagement.topic}
    asked |= {"person": engagement.advice_accepted_by_id or ""}
    return reverse("admin:new_engagement", query=asked | _agreement(engagement.ps_reference))


def _agreement(reference: str) -> dict[str, str]:
    return {"agreement": reference, "beyond": "1"} if reference else {}


def beyond_the_cap(
    refusals: Iterable[Refusal], contract: Contract, activity: str, day: date, topic: str, person: User | None
) -> str:
    """E7: the address of the same request under Professional Services, filled in; empty where no such agreement would help."""
    if not any(refusal.code in BEYOND for refusal in refusals):
        return ""
    asked = {"contract": contract.pk, "activity": activity, "day": day.isoformat(), "topic": topic, "beyond": 1}
    return reverse("admin:new_engagement", query=asked | ({"person": person.pk} if person else {}))
