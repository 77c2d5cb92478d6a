"""What staff entered for a customer, as it is read again (S13): its lines, its document, and what a claim of it says of its sender."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sla.models import Claim, Entry
from sla.stated import StatedRates, TransactionLine

MONEY_OF_RATES = ("revenue", "expenses", "completed_revenue", "completed_expenses")


def line_as_json(line: TransactionLine) -> dict[str, Any]:
    return {
        "attempted_at": line.attempted_at.isoformat(),
        "what": line.what,
        "revenue": str(line.revenue),
        "expenses": str(line.expenses),
    }


def lines_of(entry: Entry) -> list[TransactionLine]:
    """S9: the lost transactions as they were entered; instants in UTC, sums in the contract's currency."""
    return [
        TransactionLine(
            datetime.fromisoformat(one["attempted_at"]), one["what"], Decimal(one["revenue"]), Decimal(one["expenses"])
        )
        for one in entry.lines
    ]


def rates_as_json(rates: StatedRates) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(rates).items() if value is not None}


def rates_of(entry: Entry) -> StatedRates | None:
    """S10: the rates as they were entered; money in the contract's currency, days of its zone."""
    if entry.rates is None:
        return None
    given: dict[str, Any] = {name: Decimal(entry.rates[name]) for name in MONEY_OF_RATES}
    given |= {name: date.fromisoformat(entry.rates[name]) for name in ("first_day", "last_day") if name in entry.rates}
    return StatedRates(reason=entry.rates["reason"], **given)


def entry_of(claim: Claim) -> Entry | None:
    """S13: as what it came, if it did not come by the portal."""
    return Entry.objects.filter(made_claim=claim).first()


def sent_by(claim: Claim, entry: Entry | None = None) -> str:
    """Who sent it, for its receipt; `entry`: as what it came, where that does not name the claim yet."""
    if entry := entry or (None if claim.submitted_by_id else entry_of(claim)):
        return f"{entry.sender}, {entry.get_way_display().lower()}; put on record by two of our people"
    return f"{claim.submitted_by}{', by itself' if claim.received_by_the_clock else ''}"
