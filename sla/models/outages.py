from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from entitlements.models import Customer, User
from entitlements.models.guards import logged
from entitlements.models.pairs import paired


class Cause(models.Model):
    """S12: what made failures happen. Closed when its fix is recorded; a recurrence after that is a new cause."""

    reference = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    fixed_at = models.DateTimeField(null=True, blank=True)
    fixed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-opened_at"]
        constraints = [paired("cause", "opened"), paired("cause", "fixed")]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class Outage(models.Model):
    """What the server logs say of one disturbance of the Service; for whom and when stands in its downtimes (S2)."""

    reference = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200)
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="outages")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-recorded_at"]
        constraints = [paired("outage", "recorded")]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class DowntimeQuerySet(models.QuerySet["Downtime"]):
    def of(self, customer: Customer) -> DowntimeQuerySet:
        return self.filter(customer=customer)

    def touching(self, start: datetime, end: datetime | None) -> DowntimeQuerySet:
        return self.filter(during__overlap=(start, end))


class Downtime(models.Model):
    """S2: an interval of the server logs in which the Service was not available to that customer; open while it lasts."""

    outage = models.ForeignKey(Outage, on_delete=models.PROTECT, related_name="downtimes")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="downtimes")
    during = DateTimeRangeField()
    source = models.CharField(max_length=200, help_text="Which log, and which lines of it.")
    source_sha256 = models.CharField(max_length=64, blank=True)

    objects = DowntimeQuerySet.as_manager()

    class Meta:
        ordering = ["during"]
        constraints = [
            models.CheckConstraint(
                condition=Q(during__startswith__isnull=False) & Q(during__isempty=False), name="downtime_has_a_start"
            ),
        ]
        indexes = [GistIndex(fields=["customer", "during"], name="downtime_of_a_customer")]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.outage.reference} for {self.customer}"
