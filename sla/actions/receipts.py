"""What is kept with the receipt of a claim (S13)."""

from __future__ import annotations

from collections.abc import Sequence

from sla.claim_windows import failures_of
from sla.models import Claim, Entry, Receipt
from sla.receipts import as_of_now


def keep_receipts(claims: Sequence[Claim], *, entry: Entry | None = None) -> None:
    """Of claims that are being received, in the transaction of it: names, zone and failures as they are now. `entry`: as what it came."""
    failures = failures_of(claims)
    Receipt.objects.bulk_create(
        Receipt(claim=claim, said=as_of_now(claim, failures[claim.pk], entry=entry).as_json()) for claim in claims
    )
