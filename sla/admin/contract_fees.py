"""S11: a contract's months of fees, and the annual fees and both caps that follow from them today, with their working (M3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from entitlements.histories import History
from entitlements.models import Contract, FeeMonth
from entitlements.rules.days import local_day
from entitlements.wording import money_in_words
from sla.assessment import fee_months_of
from sla.models import TermsEdition
from sla.rules.credits import credit, recorded_cap
from sla.rules.fees import FeeLine, annual_fees

SHOWN = 12


def fees_shown(contract: Contract, history: History, now: datetime) -> dict[str, Any]:
    """The last months on record up to the present one, and what a credit would be limited by if a failure occurred at `now`.

    Nothing but the months where no edition of the terms is published.
    """
    today = local_day(now, contract.tz)
    rows = sorted((one for one in contract.fee_months.all() if one.month <= today), key=_month, reverse=True)
    table = FeeMonth._meta.db_table
    months = [{"row": row, "since": history.since(table, row.pk)} for row in rows[:SHOWN]]
    return {"months": months, "on_record": len(rows), **_caps(contract, now)}


def _month(row: FeeMonth) -> date:
    return row.month


@dataclass(frozen=True)
class Limits:
    """S11: what a credit of a contract would be limited by, in words: the annual fees with their months, and both caps."""

    annual: str
    months: str
    first_cap: str
    second_cap: str


def limits_at(contract: Contract, at: datetime, months: Mapping[date, Sequence[FeeLine]]) -> Limits | None:
    """S11: the limits for a failure at an instant (UTC), were these the months of fees on record; None without published terms."""
    found = _caps(contract, at, months)
    if not found:
        return None
    annual, bound, cap = found["annual"], found["fees_bound"].result, found["cap"]
    elsewhere = f"{money_in_words(found['cap_figure'], found['cap_in'])}, as recorded at approval"
    return Limits(
        annual=_money(annual.annual, contract),
        months=", ".join(f"{month:%b %Y}" for month in annual.months) or "none on record",
        first_cap=_money(bound, contract),
        second_cap=elsewhere if cap is None else _money(cap, contract),
    )


def _money(amount: Decimal | None, contract: Contract) -> str:
    return "cannot be computed" if amount is None else money_in_words(amount, contract.currency)


def _caps(contract: Contract, now: datetime, months: Mapping[date, Sequence[FeeLine]] | None = None) -> dict[str, Any]:
    try:
        edition = TermsEdition.objects.in_force_on(local_day(now, contract.tz))
    except TermsEdition.DoesNotExist:
        return {}
    terms = edition.facts()
    on_record = fee_months_of(contract) if months is None else months
    annual = annual_fees(on_record, now, contract.tz, contract.first_day, terms)
    figures = credit(Decimal(), annual.exact, terms)
    return {
        "edition": edition,
        "annual": annual,
        "counted": {one.month for one in annual.counted},
        "fees_bound": figures.working_of_fees_bound,
        "multiple": terms.fee_multiple,
        "cap": recorded_cap(contract.currency, terms, None),
        "cap_in": terms.credit_cap_currency,
        "cap_figure": terms.credit_cap,
        "scope": terms.credit_cap_scope,
    }
