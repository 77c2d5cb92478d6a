from __future__ import annotations

from django.db import models

from entitlements.models.guards import append_only
from sla.models.claims import Claim


class Receipt(models.Model):
    """S13: what a receipt says beside its claim's own answers, as it was at the receipt: names, zone, currency, the failures. A
    customer renamed later, or in another zone, has the same paper."""

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="receipt")
    said = models.JSONField(help_text="As `sla.receipts` writes and reads it; instants in UTC.")

    class Meta:
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"Receipt of {self.claim}"
