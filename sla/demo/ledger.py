"""What billing made of the one credit that is granted: applied, applied to a cancelled invoice and taken back, and one line that waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from sla.actions import postings
from sla.demo.cast import Cast
from sla.demo.scene import Scene, moment
from sla.models import Credit, Posting

APPLIED = ((24, "15000.00", "INV-2210"), (17, "6000.00", "INV-2247"))
UNDONE, WAITS = 12, 1


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    for days, amount, invoice in APPLIED:
        at = moment(now, days)
        yield Scene(at, partial(_apply, cast, amount, invoice, at))
    yield Scene(moment(now, UNDONE), lambda: _undo(cast, moment(now, UNDONE)))
    waits = moment(now, WAITS)
    yield Scene(waits, lambda: _propose(cast, "6000.00", "INV-2291", waits))


def _credit(cast: Cast) -> Credit:
    return Credit.objects.get(customer=cast.contracts["northwind"].customer)


def _propose(cast: Cast, amount: str, invoice: str, at: datetime) -> Posting:
    return postings.propose_application(
        credit=_credit(cast), amount=Decimal(amount), invoice=invoice, by=cast.manager, now=at
    )


def _apply(cast: Cast, amount: str, invoice: str, at: datetime) -> None:
    posting = _propose(cast, amount, invoice, at)
    postings.approve_posting(posting=posting, by=cast.approver, now=at + timedelta(minutes=40))


def _undo(cast: Cast, at: datetime) -> None:
    entry = _credit(cast).entries.get(invoice=APPLIED[-1][-1])
    reason = f"Invoice {entry.invoice} was cancelled and written anew."
    posting = postings.propose_reversal(entry=entry, reason=reason, by=cast.manager, now=at)
    postings.approve_posting(posting=posting, by=cast.approver, now=at + timedelta(minutes=25))
