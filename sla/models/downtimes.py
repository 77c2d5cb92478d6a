from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from entitlements.models import Customer, User
from entitlements.models.guards import logged
from entitlements.models.pairs import paired
from sla.models.outages import Outage
from sla.rules.components import THE_SERVICE


class DowntimeQuerySet(models.QuerySet["Downtime"]):
    def standing(self) -> DowntimeQuerySet:
        """Those that were not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def that_count(self) -> DowntimeQuerySet:
        """S2: the intervals that stand, in which the Service, and not another product, was not available."""
        return self.standing().filter(outage__component__in=THE_SERVICE)

    def of(self, customer: Customer | int) -> DowntimeQuerySet:
        """S2: those that count for this customer."""
        return self.that_count().filter(customer=customer)

    def touching(self, start: datetime, end: datetime | None) -> DowntimeQuerySet:
        return self.filter(during__overlap=(start, end))


class Downtime(models.Model):
    """S2: an interval of the server logs in which something was not available to that customer; open while it lasts."""

    outage = models.ForeignKey(Outage, on_delete=models.PROTECT, related_name="downtimes")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="downtimes")
    during = DateTimeRangeField()
    source = models.CharField(max_length=200, help_text="Which log, and which lines of it.")
    source_file = models.CharField(max_length=200, blank=True, help_text="The file that was handed in; empty: typed.")
    source_line = models.PositiveIntegerField(null=True, blank=True, help_text="Its line in what was handed in.")
    source_sha256 = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="It should not have been recorded: why, see there."
    )
    withdrawn_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = DowntimeQuerySet.as_manager()

    class Meta:
        ordering = ["during", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(during__startswith__isnull=False) & Q(during__isempty=False), name="downtime_has_a_start"
            ),
            models.CheckConstraint(
                condition=Q(source_file="", source_sha256="") | (~Q(source_file="") & ~Q(source_sha256="")),
                name="a_log_file_has_its_hash",
            ),
            paired("downtime", "recorded"),
            paired("downtime", "withdrawn"),
        ]
        indexes = [GistIndex(fields=["customer", "during"], name="downtime_of_a_customer")]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.outage.reference} for {self.customer}"

    @property
    def start(self) -> datetime:
        return self.during.lower

    @property
    def end(self) -> datetime | None:
        """None while it lasts."""
        return self.during.upper

    @property
    def read_from(self) -> str:
        """Where it comes from, down to the line."""
        line = f", line {self.source_line}" if self.source_line else ""
        return f"{self.source} ({self.source_file or 'typed'}{line})"
