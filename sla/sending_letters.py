"""The receipts of drafts that have sent themselves (N11), for all of a batch at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from entitlements.models import many
from entitlements.notices import LetterRow, rows_to
from sla.lapse_letters import Readers
from sla.letters import claim_context, received
from sla.models import Claim, Evidence


def of_sent(claims: Sequence[Claim], *, now: datetime) -> list[LetterRow]:
    """Each is told as of the moment at which it sends itself, to the same people as if somebody had sent it."""
    readers, files = Readers(claims), _files_of(claims)
    return [
        letter
        for claim in claims
        for letter in rows_to(
            readers.of(claim, claim.opened_by_id, claim.declared_by_id),
            "claim_received",
            now=now,
            matter=claim.reference,
            deadline=claim.sends_itself_at,
            customer_id=claim.contract.customer_id,
            context=claim_context(claim, **received(claim.sends_itself_at, files[claim.pk], by_itself=True)),
        )
    ]


def _files_of(claims: Sequence[Claim]) -> dict[int, list[Evidence]]:
    found: dict[int, list[Evidence]] = defaultdict(list)
    of_these = Evidence.objects.filter(claim__in=many.keys(claim.pk for claim in claims), removed_at__isnull=True)
    for file in of_these:
        found[file.claim_id].append(file)
    return found
