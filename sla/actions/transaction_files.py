"""Lost transactions by a file (S9): kept as it came, brought into the list, taken out again. `now` is the database's clock in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from entitlements.uploads import CheckedFile, keep
from sla.actions.drafts import open_draft, saved
from sla.actions.evidence import bytes_kept_for
from sla.actions.listing import put_into_the_list
from sla.models import Claim, TransactionFile
from sla.transaction_files import MOST_LINES, RowTaken, listed
from sla.uploads import reason_against_another

MOST_FILES = 50
FULL = Refusal(
    "S9",
    "too_many_lines",
    f"A claim can list {MOST_LINES:,} lost transactions, and these would be more.",
    "Leave out what is small, or write to us.",
)
TOO_MANY_FILES = Refusal(
    "S9",
    "too_many_files",
    f"A claim keeps {MOST_FILES} files of transactions, and this one has them.",
    "Join several into one.",
)


@transaction.atomic
def keep_transaction_file(*, claim: Claim, file: CheckedFile, by: User, now: datetime) -> TransactionFile:
    """S9: keep a checked file with a draft. Nothing of it is in the list by that; the same file twice is kept once (X9)."""
    current = open_draft(claim, now)
    if there := current.transaction_files.filter(sha256=file.sha256).first():
        return there
    if current.transaction_files.count() >= MOST_FILES:
        raise Refused(TOO_MANY_FILES)
    if full := reason_against_another([], file, of_customer=bytes_kept_for(current.contract.customer_id)):
        raise Refused(full)
    record("claim.transaction_file_kept", matter=current.reference, by=by, now=now, note=file.sha256)
    return TransactionFile.objects.create(
        claim=current,
        name=file.name,
        kind=file.kind,
        size=file.size,
        sha256=file.sha256,
        stored_as=keep(file),
        uploaded_at=now,
        uploaded_by=by,
    )


@transaction.atomic
def bring_in(*, file: TransactionFile, rows: Sequence[RowTaken], by: User, now: datetime) -> int:
    """S9: put the rows of a file into the list, but for those that are in it already: brought in twice, it is brought in once (X9).

    How many were new. Raises Refused once the claim was sent or its window ended, and beyond what a claim can list.
    """
    current = open_draft(file.claim, now)
    on_record = listed(current)
    new = [row for row in rows if row.facts not in on_record]
    if not new:
        return 0
    if current.transactions.count() + len(new) > MOST_LINES:
        raise Refused(FULL)
    record(
        "claim.transactions_brought_in", matter=current.reference, by=by, now=now, note=f"{len(new)} of {file.sha256}"
    )
    put_into_the_list(current, new, file=file)
    saved(current, now)
    return len(new)


@transaction.atomic
def take_out_file(*, file: TransactionFile, by: User, now: datetime) -> int:
    """S9: take every line of a file out of a draft's list; the file is kept. How many there were; none is no error (X9)."""
    current = open_draft(file.claim, now)
    lines = current.transactions.filter(file=file)
    if not (count := lines.count()):
        return 0
    record("claim.transactions_taken_out", matter=current.reference, by=by, now=now, note=f"{count} of {file.sha256}")
    lines.delete()
    saved(current, now)
    return count
