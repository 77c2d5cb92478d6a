"""What a customer may use in a contract year, what is used, and what is left (E2–E8)."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from entitlements.access import Who, open_to
from entitlements.cards import cards_of, current_years, years_visible_to
from entitlements.views.requests import PortalRequest


@open_to(Who.CUSTOMERS)
@require_safe
def current(request: PortalRequest) -> HttpResponse:
    """The card of every contract of the customer, for the contract year that runs today."""
    years = years_visible_to(request.user)
    cards = cards_of(current_years(years, request.now), request.now)
    zone = cards[0].contract.zone if cards else None
    return render(request, "sessions/year_card.html", {"cards": cards, "years": years, "zone": zone})


@open_to(Who.CUSTOMERS)
@require_safe
def year(request: PortalRequest, pk: int) -> HttpResponse:
    """The card of any contract year, earlier or later, with the caps and the use of that year."""
    years = years_visible_to(request.user)
    card = next((card for card in cards_of([one for one in years if one.pk == pk], request.now)), None)
    if card is None:
        raise Http404
    siblings = [one for one in years if one.contract_id == card.contract.pk]
    context = {"card": card, "years": siblings, "zone": card.contract.zone}
    return render(request, "sessions/contract_year.html", context)
