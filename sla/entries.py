"""What staff entered for a customer, as it is read again (S13): its lines, its document, and what a claim of it says of its sender."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sla.actions.drafts import TransactionLine
from sla.models import Claim, Entry


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


def entry_of(claim: Claim) -> Entry | None:
    """S13: as what it came, if it did not come by the portal."""
    return Entry.objects.filter(made_claim=claim).first()


def sent_by(claim: Claim) -> str:
    """Who sent it, for its receipt."""
    if entry := entry_of(claim):
        return f"{entry.sender}, {entry.get_way_display().lower()}; put on record by two of our people"
    return f"{claim.submitted_by}{', by itself' if claim.received_by_the_clock else ''}"
