from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from entitlements.models import Customer, User
from entitlements.models.guards import logged
from entitlements.models.pairs import paired
from sla.models.outages import Outage


class OpeningQuerySet(models.QuerySet["Opening"]):
    def waiting(self) -> OpeningQuerySet:
        """Not worked off by the clock since they were last asked for."""
        return self.filter(opened_at__isnull=True)

    def due(self, now: datetime) -> OpeningQuerySet:
        """Those that the clock has to look at by `now`."""
        return self.waiting().filter(look_at__lte=now)


class Opening(models.Model):
    """S13: that a published outage opens the way to a claim for one customer, whenever it was last asked for."""

    outage = models.ForeignKey(Outage, on_delete=models.PROTECT, related_name="openings")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="openings")
    asked_at = models.DateTimeField(help_text="By the publication, or by logs that changed since.")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    look_at = models.DateTimeField(help_text="When the clock looks: as asked, or when what still runs can count.")
    opened_at = models.DateTimeField(null=True, blank=True, help_text="When the clock last worked it off.")

    objects = OpeningQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            paired("opening", "asked"),
            models.UniqueConstraint(fields=["outage", "customer"], name="an_outage_is_opened_once_for_a_customer"),
        ]
        indexes = [models.Index(fields=["look_at", "id"], condition=Q(opened_at__isnull=True), name="openings_waiting")]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.outage.reference} for {self.customer}"
