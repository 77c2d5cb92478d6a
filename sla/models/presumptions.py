from __future__ import annotations

from django.db import models
from django.db.models import Q

from entitlements.models import Customer, User
from entitlements.models.guards import logged, only_changes
from entitlements.models.pairs import paired
from sla.models.alerts import AlertImport
from sla.rules.remedy import Otherwise


class FoundOtherwiseQuerySet(models.QuerySet["FoundOtherwise"]):
    def standing(self) -> FoundOtherwiseQuerySet:
        """Those that were not taken back."""
        return self.filter(withdrawn_at__isnull=True)


class FoundOtherwise(models.Model):
    """S8: that a late alert was not caused by the outage that it overlaps, as a reviewer has found, with the reason.

    The alert is named by its import and line, as the row of the log is; a finding that is taken back stays on record.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(AlertImport, on_delete=models.PROTECT, related_name="+")
    line = models.PositiveIntegerField(help_text="Of the log.")
    received_at = models.DateTimeField(help_text="When the trigger of the alert was received.")
    reason = models.TextField(help_text="Why the outage is not its cause, and what shows it.")
    found_at = models.DateTimeField()
    found_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = FoundOtherwiseQuerySet.as_manager()

    class Meta:
        ordering = ["found_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "line"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_finding_against_a_presumed_cause",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_finding_against_an_outage_has_its_reason"),
            paired("foundotherwise", "found"),
            paired("foundotherwise", "withdrawn"),
        ]
        indexes = [
            models.Index(
                fields=["customer", "received_at"], condition=Q(withdrawn_at__isnull=True), name="found_against_outages"
            )
        ]
        triggers = [logged(), only_changes("withdrawn_at", "withdrawn_by")]

    def __str__(self) -> str:
        return f"{self.source.reference}, line {self.line}"

    def facts(self) -> Otherwise:
        """S8: as the rules read it."""
        return Otherwise(self.reason, str(self.found_by))
