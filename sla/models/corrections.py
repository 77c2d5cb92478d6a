from __future__ import annotations

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import F, Q

from entitlements.models import User
from entitlements.models.guards import append_only
from entitlements.models.pairs import paired
from sla.models.claims import Claim
from sla.models.downtimes import Downtime


class Correction(models.Model):
    """S19: one correction of an interval of the logs: what it was, what it became (nothing: withdrawn), why, and by whom."""

    downtime = models.ForeignKey(Downtime, on_delete=models.PROTECT, related_name="corrections")
    was = DateTimeRangeField()
    becomes = DateTimeRangeField(null=True, blank=True, help_text="Empty: the interval was withdrawn.")
    reason = models.TextField()
    corrected_at = models.DateTimeField()
    corrected_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-corrected_at", "-id"]
        constraints = [
            paired("correction", "corrected"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_correction_says_why"),
            models.CheckConstraint(
                condition=Q(becomes__isnull=True) | ~Q(becomes=F("was")), name="a_correction_changes_something"
            ),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"Correction of {self.downtime}"


class RecomputationQuerySet(models.QuerySet["Recomputation"]):
    def by_what_happened_to(self, matter: str) -> RecomputationQuerySet:
        """S19: those that a correction of what has this reference, its coming in or its undoing made, each with claim and customer."""
        return self.filter(matter=matter).select_related("claim__contract__customer").order_by("pk")


class Recomputation(models.Model):
    """S19: that facts on record changed a claim's figures, or those that a decided claim would have by now, which stands."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="recomputations")
    matter = models.CharField(max_length=20, help_text="Reference of what was corrected.")
    because = models.CharField(max_length=200)
    decided = models.BooleanField(help_text="The claim was decided already: nothing of it changed.")
    remedy_before = models.DurationField()
    remedy_after = models.DurationField()
    assessed_before = models.DecimalField(max_digits=24, decimal_places=2)
    assessed_after = models.DecimalField(max_digits=24, decimal_places=2)
    capped_before = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    capped_after = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    recomputed_at = models.DateTimeField()
    recomputed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the clock."
    )

    objects = RecomputationQuerySet.as_manager()

    class Meta:
        ordering = ["-recomputed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(recomputed_by__isnull=False) | Q(matter__startswith="EL-"),
                name="the_clock_recomputes_at_an_effect",
            )
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.claim}: {self.because}"
