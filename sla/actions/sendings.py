"""What sends itself when its moment has come: complete drafts that nobody sent (S13, T3), one or a thousand by the same few statements.

The rows come locked by the caller, in whose transaction it happens, as `light()` reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from entitlements.actions.log import record_each
from entitlements.models import many
from entitlements.notices import write_rows
from sla import reminders, sending_letters
from sla.actions.receipts import keep_receipts
from sla.completeness import complete
from sla.models import Claim, ClaimState
from sla.models.claims import ClaimQuerySet


def send_by_themselves(claims: Sequence[Claim], now: datetime) -> Sequence[Claim]:
    """S13: drafts whose moment has come by `now` (UTC) are received as of that moment, however late the clock runs. Those that were.

    What was sent meanwhile, or is not complete any more, stays as it is.
    """
    ready = list(_still_due(claims, now).select_related("contract__customer", "declared_by"))
    moments = {claim.reference: claim.sends_itself_at for claim in ready if claim.sends_itself_at}
    if not ready:
        return []
    reminders.note_missed(ready, now=now)
    letters = sending_letters.of_sent(ready, now=now)
    record_each("claim.sent_itself", moments)
    sent = {
        "state": ClaimState.SUBMITTED,
        "received_at": F("sends_itself_at"),
        "received_by_the_clock": True,
        "submitted_by": F("declared_by"),
        "remind_at": None,
        "sends_itself_at": None,
    }
    Claim.objects.filter(pk__in=many.keys(claim.pk for claim in ready)).update(**sent)
    _keep_receipts(ready)
    write_rows(letters)
    return [claim for claim in claims if claim.reference in moments]


def _keep_receipts(claims: Sequence[Claim]) -> None:
    for claim in claims:
        claim.submitted_by, claim.received_by_the_clock = claim.declared_by, True
    keep_receipts(claims)


def _still_due(claims: Sequence[Claim], now: datetime) -> ClaimQuerySet:
    """Whatever the caller had seen before it held their locks."""
    due = Claim.objects.drafts().filter(pk__in=many.keys(claim.pk for claim in claims), sends_itself_at__lte=now)
    return complete(due)
