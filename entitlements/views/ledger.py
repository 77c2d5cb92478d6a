"""How the figures of a contract year came about (E5). The cards themselves show the SLA too: they live in `sla`."""

from __future__ import annotations

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from entitlements.access import Who, open_to
from entitlements.cards import card_of, years_visible_to
from entitlements.ledger_pages import ledger_as_file, ledger_facts
from entitlements.views.requests import PortalRequest


@open_to(Who.CUSTOMERS)
@require_safe
def ledger(request: PortalRequest, pk: int) -> HttpResponseBase:
    """E5: every line of a year's usage ledger, and what was left at a moment; `?format=csv` gives the lines as a file."""
    years = years_visible_to(request.user)
    card = card_of(years, pk, request.user, request.now)
    if card is None:
        raise Http404
    if file := ledger_as_file(request.GET, card, request.user, request.now):
        return file
    siblings = [one for one in years if one.contract_id == card.contract.pk]
    facts = ledger_facts(request.GET, card, siblings, request.user, request.now)
    return render(request, "sessions/ledger.html", facts)
