"""The memo of a shift credit (S17): what an election credits, and what changed of it, each with the next number."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sla.models import Election, ElectionChoice, ShiftMemo


def write_memo(election: Election, late: ElectionChoice | None, *, now: datetime) -> ShiftMemo | None:
    """S17: under the election's lock, once its outcome is in its row: a memo of what it credits more, or less, than its memos say, by the
    choice that was entered `late` or by the effect itself. None where that is nothing."""
    amount = (election.credit or Decimal("0.00")) - ShiftMemo.objects.filter(election=election).sum()
    if not amount:
        return None
    contract = election.contract
    return ShiftMemo.objects.create(
        election=election,
        choice=late,
        customer=contract.customer,
        amount=amount,
        currency=contract.currency,
        made_out_to=contract.customer.name,
        issued_at=now,
    )
