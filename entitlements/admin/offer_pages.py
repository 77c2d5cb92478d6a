"""E3: to offer customers what is left of their contract year before it lapses: one of them, or all that a manager ticks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from entitlements.access import Who, open_to
from entitlements.actions.offers import offer_sessions
from entitlements.admin.pages import DeskRequest, refusals_of
from entitlements.admin.standing_pages import lapsing_standings, standing_page
from entitlements.free_offers import by_times, offered_lines, who_may_book
from entitlements.models import ContractYear
from entitlements.offer_letters import OfferedLine
from entitlements.rehearsals import taken_back
from entitlements.rules.refusals import Refusal
from entitlements.standings import Standing, names_of_lines, standing_of
from entitlements.wording import counted

LIST = "admin:lapsing_sessions"


class Offer(NamedTuple):
    """What one customer is offered, whom the letter reaches (addresses), and what stands against it."""

    standing: Standing
    groups: Any
    reached: list[str]
    refusals: tuple[Refusal, ...]


@open_to(Who.MANAGERS)
def offer(request: DeskRequest, *, pk: int) -> HttpResponse:
    """What the customer would be offered, and to whom it goes; then, by a POST, the letter."""
    year = get_object_or_404(ContractYear.objects.select_related("contract__customer"), pk=pk)
    standing = standing_of(year, request.now)
    lines = offered_lines([standing], names_of_lines([standing]), request.now)
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST":
        refusals = refusals_of(_letter(request, standing, lines))
        if not refusals:
            messages.success(request, f"The letter to {year.contract.customer} is written.")
            return redirect(LIST)
    return standing_page(
        request,
        "admin/standing_offer.html",
        f"Offer {year.contract.customer} what is left",
        standing=standing,
        groups=by_times(lines[year.pk]),
        refusals=refusals,
        reached=who_may_book([standing])[year.contract.customer_id],
    )


@open_to(Who.MANAGERS)
def offer_many(request: DeskRequest) -> HttpResponse:
    """The ticked customers with what they would be offered; confirmed, a letter to each. What is refused keeps no other."""
    ticked = request.POST.getlist("year")
    standings = [one for one in lapsing_standings(request.now) if str(one.year.pk) in ticked]
    if not standings:
        messages.warning(request, "Nothing was done: tick those who are to be offered what is left.")
        return redirect(LIST)
    offers = list(_offers(request, standings))
    free = [one for one in offers if not one.refusals]
    if "confirmed" in request.POST and free:
        written = f"{counted(len(free), 'offer is', 'offers are')} written."
        left_out = [str(one.standing.contract.customer) for one in offers if one.refusals]
        messages.success(request, f"{written} Left out: {', '.join(left_out)}." if left_out else written)
        return redirect(LIST)
    return standing_page(
        request, "admin/standing_offers.html", "Offer what is left", offers=offers, free=free, ticked=len(standings)
    )


def _offers(request: DeskRequest, standings: list[Standing]) -> Iterator[Offer]:
    """Each offer as it stands: done if the manager has confirmed, else played and taken back."""
    lines = offered_lines(standings, names_of_lines(standings), request.now)
    reached = who_may_book(standings)
    for one in standings:
        letter = _letter(request, one, lines)
        confirmed = "confirmed" in request.POST
        refusals = refusals_of(letter) if confirmed else taken_back(lambda act=letter: refusals_of(act))  # type: ignore[misc]
        yield Offer(one, by_times(lines[one.year.pk]), reached[one.contract.customer_id], refusals)


def _letter(request: DeskRequest, one: Standing, lines: Mapping[int, tuple[OfferedLine, ...]]) -> Callable[[], None]:
    return lambda: offer_sessions(year=one.year, lines=lines[one.year.pk], by=request.user, now=request.now)


pages: list[tuple[str, Any, str]] = [
    ("usage/lapsing/offers/", offer_many, "offer_many"),
    ("usage/lapsing/<int:pk>/offer/", offer, "offer_sessions"),
]
