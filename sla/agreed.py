"""What was agreed for a contract year beside its places: plan, discount, seats, and which SLA applies since when (C3.1; S1, S17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Model, OuterRef, TextField
from django.db.models.functions import Cast, JSONObject

from entitlements.cards import Card
from entitlements.models import Contract, FeeMonth, PlanPeriod
from entitlements.models.worded import Worded
from entitlements.rules.contract_years import ContractYear as YearOfTerm
from entitlements.wording import number_in_words
from sla.models import TermsPeriod

NO_DISCOUNT = "0"


@dataclass(frozen=True, slots=True)
class Since:
    """What holds from a day on: a plan with its discount in percent, or the name of the terms."""

    name: str
    since: date
    discount: Decimal = Decimal()

    @property
    def percent(self) -> str:
        return number_in_words(Fraction(self.discount))


@dataclass(frozen=True, slots=True)
class Agreed:
    """`paid_seats` in `month`, the newest on record of the year that is not later than today; None where none is."""

    plans: list[Since]
    terms: list[Since]
    month: date | None
    paid_seats: int | None


def with_what_was_agreed(cards: Sequence[Card]) -> list[tuple[Card, Agreed]]:
    """Each card with what was agreed for its year, in one query."""
    by_contract = {pk: rows for pk, *rows in _AGREED(*{card.contract.pk: card for card in cards})}
    return [(card, _agreed(card, *by_contract[card.contract.pk])) for card in cards]


def _all_agreed(*contracts: int) -> Any:
    return Contract.objects.filter(pk__in=contracts).values_list(
        "pk",
        _rows_of(PlanPeriod, name="plan", discount=Cast("discount_percent", TextField())),
        _rows_of(TermsPeriod, name="terms"),
        ArraySubquery(
            FeeMonth.objects.filter(contract=OuterRef("pk")).values(row=JSONObject(month="month", seats="paid_seats"))
        ),
    )


_AGREED = Worded(_all_agreed)


def _rows_of(model: type[Model], **columns: Any) -> ArraySubquery:
    dated = JSONObject(first=F("days__startswith"), until=F("days__endswith"), **columns)
    return ArraySubquery(model._default_manager.filter(contract=OuterRef("pk")).order_by("days").values(row=dated))


def _agreed(card: Card, plans: list[Any], terms: list[Any], months: list[Any]) -> Agreed:
    year, until = card.year.facts(), min(card.book.today, card.year.last_day)
    billed = [(date.fromisoformat(row["month"]), row["seats"]) for row in months]
    month, seats = max((one for one in billed if year.first.replace(day=1) <= one[0] <= until), default=(None, None))
    kinds = dict(TermsPeriod.Kind.choices)
    return Agreed(
        plans=_of_the_year(plans, year, card.contract.first_day),
        terms=[Since(kinds[one.name], one.since) for one in _of_the_year(terms, year, card.contract.first_day)],
        month=month,
        paid_seats=seats,
    )


def _of_the_year(rows: list[dict[str, Any]], year: YearOfTerm, begin: date) -> list[Since]:
    """Those of which a day is one of the year's; what has no first day holds from the term's `begin`."""
    found = []
    for row in rows:
        first, after = (date.fromisoformat(row[end]) if row[end] else None for end in ("first", "until"))
        if (first or begin) <= year.last and (after is None or after > year.first):
            found.append(Since(row["name"], first or begin, Decimal(row.get("discount", NO_DISCOUNT))))
    return found
