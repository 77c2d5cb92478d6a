"""What a customer may use in a contract year, what is used, and what is left (E2–E8)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from entitlements.access import Who, open_to
from entitlements.cards import Card, cards_of, current_years, years_visible_to
from entitlements.exports import FORMATS, as_file
from entitlements.forms.ledger import AsOfForm, LedgerFilter
from entitlements.models import ContractYear
from entitlements.rules.days import local_day
from entitlements.usage import card_as_of, ledger_of
from entitlements.views.lists import InFile, rows_in_words
from entitlements.views.requests import PortalRequest

IN_FILE: InFile = {
    "When": lambda line: line.entry.happened_at,
    "What": lambda line: line.what,
    "Activity": lambda line: line.activity,
    "Engagement": lambda line: line.reference,
    "Places": lambda line: line.entry.places,
    "Used after it": lambda line: line.used,
    "By": lambda line: line.by,
    "Why": lambda line: line.entry.reason,
}


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
    card = _card(request, years, pk)
    siblings = [one for one in years if one.contract_id == card.contract.pk]
    context = {"card": card, "years": siblings, "zone": card.contract.zone}
    return render(request, "sessions/contract_year.html", context)


@open_to(Who.CUSTOMERS)
@require_safe
def ledger(request: PortalRequest, pk: int) -> HttpResponseBase:
    """E5: every line of a year's usage ledger, and what was left at a moment; `?format=csv` gives the lines as a file."""
    years = years_visible_to(request.user)
    card = _card(request, years, pk)
    chosen = LedgerFilter(request.GET, card=card)
    lines = list(ledger_of(card, request.user, chosen.targets))
    kind = request.GET.get("format")
    if kind in FORMATS:
        return as_file(
            kind, "usage", list(IN_FILE), ([of(line) for of in IN_FILE.values()] for line in lines), request.now
        )
    asked = AsOfForm(request.GET if "on" in request.GET else None, card=card, now=request.now)
    then = card_as_of(card, asked.instant) if asked.is_valid() else None
    day = local_day(asked.instant, card.contract.tz) if asked.is_valid() else card.year.first_day
    siblings = (one for one in years if one.contract_id == card.contract.pk)
    context: dict[str, Any] = {
        "before_it": day < card.year.first_day,
        "lies_in": next((one for one in siblings if day in one.facts()), None),
    }
    context |= {"card": card, "lines": lines, "count": rows_in_words(len(lines), "line"), "filter": chosen}
    context |= {"form": asked, "then": then, "zone": card.contract.zone, "reference": card.contract.order_form}
    return render(request, "sessions/ledger.html", context)


def _card(request: PortalRequest, years: list[ContractYear], pk: int) -> Card:
    """The card of one of these years; not found if it is none of them."""
    card = next((card for card in cards_of([one for one in years if one.pk == pk], request.now)), None)
    if card is None:
        raise Http404
    return card
