"""What the scanner says of a document after its upload (P29): it can be opened, or it is refused and its sender is told (N12)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from sla import letters
from sla.actions.drafts import locked, next_sending
from sla.models import Evidence

Scan = Evidence.Scan
VERDICTS = (Scan.CLEAN, Scan.REFUSED)


@transaction.atomic
def note_scan(*, evidence: Evidence, verdict: str, by: None, now: datetime) -> bool:
    """P29: put the verdict on a document that waits for it. The receipt of its claim does not move, whatever the verdict; a draft of
    which a document is refused is complete only without it. False if there is a verdict already.
    """
    claim = locked(evidence.claim, now)
    current = Evidence.objects.select_related("claim", "uploaded_by").get(pk=evidence.pk)
    if current.scan != Scan.WAITING or verdict == Scan.WAITING:
        return False
    record("evidence.scanned", matter=claim.reference, by=by, now=now, note=verdict)
    current.scan, current.scanned_at = verdict, now if verdict in VERDICTS else None
    current.save(update_fields=["scan", "scanned_at"])
    if verdict == Scan.REFUSED and current.removed_at is None:
        letters.file_refused(current, now=now)
        if claim.is_draft:
            claim.sends_itself_at = next_sending(claim, now)
            claim.save(update_fields=["sends_itself_at"])
    return True
