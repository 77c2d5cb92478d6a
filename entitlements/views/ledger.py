"""How the figures of a contract year came about (E5). The cards themselves show the SLA too: they live in `sla`."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from entitlements.access import Who, open_to
from entitlements.cards import card_of, years_visible_to
from entitlements.exports import FORMATS, as_file
from entitlements.forms.ledger import AsOfForm, LedgerFilter
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
def ledger(request: PortalRequest, pk: int) -> HttpResponseBase:
    """E5: every line of a year's usage ledger, and what was left at a moment; `?format=csv` gives the lines as a file."""
    years = years_visible_to(request.user)
    card = card_of(years, pk, request.now)
    if card is None:
        raise Http404
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
