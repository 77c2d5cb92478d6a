"""What goes to and fro about a claim: a file of lost transactions, some rows of it refused, and a question that waits for its answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from entitlements.models import User
from entitlements.rules.days import deadline_within, local_day
from entitlements.uploads import CheckedFile
from sla.actions import information, transaction_files
from sla.models import Claim, InformationRequest, TransactionFile
from sla.transaction_files import rows_of

ANSWER_WITHIN = 12
QUESTION = """The ledger of the day, with the orders that went through after the outage.
Who placed order 48-1223, and was it placed again later?"""


def bring_in_orders(claim: Claim, start: datetime, by: User, at: datetime) -> TransactionFile:
    """S9: a list out of the shop's own books; three of its rows are left to be mended."""
    content = "\n".join(_rows(start)).encode()
    sha256 = hashlib.sha256(content).hexdigest()
    file = CheckedFile("orders-of-that-morning.csv", "csv", content, sha256)
    kept = transaction_files.keep_transaction_file(claim=claim, file=file, by=by, now=at)
    transaction_files.bring_in(file=kept, rows=rows_of(kept, at).new, by=by, now=at)
    return kept


def ask_for_the_ledger(claim: Claim, by: User, at: datetime) -> InformationRequest:
    """S19: the claim waits for its customer."""
    zone = claim.contract.tz
    answer_by = deadline_within(ANSWER_WITHIN, local_day(at, zone), zone)
    return information.ask_for_information(claim=claim, asked_for=QUESTION, answer_by=answer_by, by=by, now=at)


def _rows(start: datetime) -> Iterator[str]:
    yield "transaction,attempted,revenue,expenses"
    for n in range(1, 46):
        tried = (start + timedelta(minutes=11 + n)).astimezone(UTC)
        yield f"Prescription 31-{n:03},{tried:%Y-%m-%d %H:%M}Z,{48 + n % 7 * 15}.90,21.40"
    yield 'Prescription 31-046,11/9/2026 9:50,"88,90",21.40'
    yield f"Prescription 31-047,{start:%Y-%m-%d},63.90,21.40"
    yield f"Prescription 31-048,{start:%Y-%m-%d} 10:02Z,USD 93.90,21.40"
