"""S11: the cap of one credit in the currency of a contract that is not in the cap's own."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from entitlements.models import User
from entitlements.models.guards import append_only, logged
from entitlements.models.pairs import paired
from sla.models.claims import Claim
from sla.rules.credits import ConvertedCap


class RecordedCap(models.Model):
    """S11: the cap for one claim, with the rate and its day. Recorded before its decision is proposed; the last one holds."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="recorded_caps")
    currency = models.CharField(max_length=3)
    rate = models.DecimalField(
        max_digits=18, decimal_places=8, help_text="So much of it for one of the cap's own currency."
    )
    day = models.DateField(help_text="Of the rate.")
    source = models.CharField(max_length=200, help_text="Who published the rate, and where.")
    amount = models.DecimalField(max_digits=20, decimal_places=2)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            paired("recorded_cap", "recorded"),
            models.CheckConstraint(condition=Q(rate__gt=0, amount__gt=0), name="a_recorded_cap_is_above_nothing"),
            models.CheckConstraint(condition=~Q(source=""), name="a_recorded_cap_says_whose_rate_it_is"),
        ]
        triggers = [logged(), append_only()]

    def __str__(self) -> str:
        return f"Cap of {self.claim} in {self.currency}"

    def facts(self) -> ConvertedCap:
        """S11: as the rule reads it."""
        return ConvertedCap(self.currency, self.amount, self.rate, self.day)
