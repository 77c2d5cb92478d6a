from __future__ import annotations

from django.db import models

from entitlements.models import User
from entitlements.models.guards import append_only
from entitlements.models.pairs import paired
from sla.models.claims import Claim


class TransactionFile(models.Model):
    """S9: a file of lost transactions as it came. What of it is in the list are the lines that name it."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="transaction_files")
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=4, choices=[("csv", "CSV"), ("xlsx", "XLSX")])
    size = models.PositiveIntegerField()
    sha256 = models.CharField("SHA-256", max_length=64)
    stored_as = models.CharField(max_length=80, unique=True)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            paired("transaction_file", "uploaded"),
            models.UniqueConstraint(fields=["claim", "sha256"], name="a_file_of_transactions_is_kept_once_in_a_claim"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return self.name
