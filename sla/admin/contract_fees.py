"""S11: a contract's months of fees, and the annual fees and both caps that follow from them today, with their working (M3)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from entitlements.histories import History
from entitlements.models import Contract, FeeMonth
from entitlements.rules.days import local_day
from sla.assessment import fee_months_of
from sla.models import TermsEdition
from sla.rules.credits import credit, recorded_cap
from sla.rules.fees import annual_fees

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


def _caps(contract: Contract, now: datetime) -> dict[str, Any]:
    try:
        edition = TermsEdition.objects.in_force_on(local_day(now, contract.tz))
    except TermsEdition.DoesNotExist:
        return {}
    terms = edition.facts()
    annual = annual_fees(fee_months_of(contract), now, contract.tz, contract.first_day, terms)
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
