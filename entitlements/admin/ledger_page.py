"""How a number of a contract year came about, at the desk: the lines of its ledger (E5), and the years behind a sum (PL1)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponseBase

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, page
from entitlements.admin.queues import vendor_zone
from entitlements.cards import Card, card_of, years_visible_to
from entitlements.exports import FORMATS, Row, as_file
from entitlements.ledger_pages import ledger_as_file, ledger_facts
from entitlements.rules.cap_values import as_figure
from entitlements.rules.caps import CardLine
from entitlements.standings import Standing, behind, names_of_lines, running_standings
from entitlements.wording import days_in_words


@open_to(Who.MANAGERS)
def ledger(request: DeskRequest, *, pk: int) -> HttpResponseBase:
    """E5: every line of a year's ledger, and what was left at a moment; `?line=` narrows it to one of the card's."""
    siblings = years_visible_to(request.user, of_the_contract_of=pk)
    card = card_of(siblings, pk, request.user, request.now)
    if card is None:
        raise Http404
    if file := ledger_as_file(request.GET, card, request.user, request.now):
        return file
    facts = ledger_facts(request.GET, card, siblings, request.user, request.now)
    return page(
        request, "admin/year_ledger.html", title=f"Usage of contract year {card.year.n}, {_days(card)}", **facts
    )


@open_to(Who.MANAGERS)
def years_behind(request: DeskRequest) -> HttpResponseBase:
    """PL1: the contract years whose figures are summed for an activity and a level; each opens to its ledger."""
    standings = running_standings(request.now)
    target, level = request.GET.get("line", ""), request.GET.get("level", "")
    rows, total = behind(standings, target, level)
    if (kind := request.GET.get("format")) in FORMATS:
        heads = ["customer", "order form", "year begins", "year ends", "entitled", "delivered", "held", "kept", "used"]
        return as_file(kind, "usage-behind", heads, (_row_behind(*one) for one in rows), request.now)
    title = f"{names_of_lines(standings)[target]} at {level}" if rows else "Places used"
    shown = {"rows": rows, "total": total, "target": target, "zone": vendor_zone()}
    return page(request, "admin/standing_behind.html", title=title, **shown)


def _row_behind(one: Standing, line: CardLine) -> Row:
    cap = as_figure(line.cap)
    year: Row = [one.contract.customer.name, one.contract.order_form, one.year.first_day, one.year.last_day]
    return [*year, cap, line.delivered, line.held, line.kept, line.used]


def _days(card: Card) -> str:
    return days_in_words(card.year.first_day, card.year.last_day)


pages: list[tuple[str, Any, str]] = [
    ("contract-years/<int:pk>/ledger/", ledger, "year_ledger"),
    ("usage/behind/", years_behind, "usage_behind"),
]
