from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from entitlements.models import Customer
from entitlements.models.guards import append_only
from sla.models.alerts import AlertImport


class AlertEffect(models.Model):
    """M9.6: what an import changed for one customer: its late alerts received in the time of the file, before and after.

    `failures` are those of them that are delivery failures, in an outage or not; `remedy` is the time under the union of their periods.
    """

    source = models.ForeignKey(AlertImport, on_delete=models.PROTECT, related_name="effects")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    late_before = models.PositiveBigIntegerField()
    late_after = models.PositiveBigIntegerField()
    failures_before = models.PositiveBigIntegerField()
    failures_after = models.PositiveBigIntegerField()
    remedy_before = models.DurationField()
    remedy_after = models.DurationField()

    class Meta:
        ordering = ["source", "-late_after", "customer"]
        constraints = [
            models.UniqueConstraint(fields=["source", "customer"], name="an_import_has_one_effect_on_a_customer"),
            models.CheckConstraint(
                condition=~Q(late_before=F("late_after"))
                | ~Q(failures_before=F("failures_after"))
                | ~Q(remedy_before=F("remedy_after")),
                name="an_effect_changes_something",
            ),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.source} for {self.customer}"
