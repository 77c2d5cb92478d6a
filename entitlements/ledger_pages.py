"""What the page of a contract year's ledger answers, in the portal and at the desk: its lines, and what was left at a moment (E5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponseBase

from entitlements.access import Visitor
from entitlements.cards import Card
from entitlements.exports import FORMATS, Row, as_file
from entitlements.forms.ledger import AsOfForm, LedgerFilter
from entitlements.models import ContractYear
from entitlements.rules.days import local_day
from entitlements.usage import LedgerLine, card_as_of, ledger_of
from entitlements.wording import counted

HEADS = ("When", "What", "Activity", "Engagement", "Places", "Used after it", "By", "Why")


def ledger_as_file(asked: Mapping[str, str], card: Card, reader: Visitor, now: datetime) -> HttpResponseBase | None:
    """X11: the lines that are asked for, if `format` asks for them as CSV or XLSX."""
    kind, chosen = asked.get("format"), LedgerFilter(asked, card=card)
    lines = ledger_of(card, reader, chosen.targets)
    return as_file(kind, "usage", HEADS, map(_in_file, lines), now) if kind in FORMATS else None


def ledger_facts(
    asked: Mapping[str, str], card: Card, siblings: Sequence[ContractYear], reader: Visitor, now: datetime
) -> dict[str, Any]:
    """What the page shows: the lines, narrowed to one of the card's if that is asked for, and the answer to an as-of question.

    `siblings` are the years of the contract, for a day that lies in another one.
    """
    chosen = LedgerFilter(asked, card=card)
    form = AsOfForm(asked if "on" in asked else None, card=card, now=now)
    then = card_as_of(card, form.instant) if form.is_valid() else None
    day = local_day(form.instant, card.contract.tz) if form.is_valid() else card.year.first_day
    lines = list(ledger_of(card, reader, chosen.targets))
    return {
        "before_it": day < card.year.first_day,
        "lies_in": next((one for one in siblings if day in one.facts()), None),
        "card": card,
        "lines": lines,
        "count": counted(len(lines), "line"),
        "filter": chosen,
        "form": form,
        "then": then,
        "zone": card.contract.zone,
        "reference": card.contract.order_form,
    }


def _in_file(line: LedgerLine) -> Row:
    entry = line.entry
    return [entry.happened_at, line.what, line.activity, line.reference, entry.places, line.used, line.by, entry.reason]
