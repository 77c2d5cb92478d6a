"""What a customer may use in a contract year, what is used and left, and what was agreed beside it (C3; E2–E8, S1)."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from entitlements import missed
from entitlements.access import Who, open_to
from entitlements.cards import card_of, cards_of, current_years, years_visible_to
from entitlements.reminder_letters import matter_of
from sla.agreed import with_what_was_agreed
from sla.views.requests import PortalRequest


@open_to(Who.CUSTOMERS)
@require_safe
def current(request: PortalRequest) -> HttpResponse:
    """The card of every contract of the customer, for the contract year that runs today."""
    years = years_visible_to(request.user)
    cards = cards_of(current_years(years, request.now), request.user, request.now)
    zone = cards[0].contract.zone if cards else None
    return render(
        request, "sessions/year_card.html", {"cards": with_what_was_agreed(cards), "years": years, "zone": zone}
    )


@open_to(Who.CUSTOMERS)
@require_safe
def year(request: PortalRequest, pk: int) -> HttpResponse:
    """The card of any contract year, earlier or later, with the caps and the use of that year."""
    years = years_visible_to(request.user)
    card = card_of(years, pk, request.user, request.now)
    if card is None:
        raise Http404
    [(card, agreed)] = with_what_was_agreed([card])
    siblings = [one for one in years if one.contract_id == card.contract.pk]
    context = {"card": card, "agreed": agreed, "years": siblings, "zone": card.contract.zone}
    context["missed"] = missed.of([matter_of(card.year)], request.now)
    return render(request, "sessions/contract_year.html", context)
