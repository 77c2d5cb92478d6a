from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Min, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Concat, Least

from entitlements.models import Customer, Letter, User
from entitlements.models.guards import append_only, logged, moves, only_changes
from entitlements.models.pairs import paired
from entitlements.rules.spans import Span
from sla.models.outages import Outage
from sla.rules.maintenance_notice import notice_in_time


class MaintenanceState(models.TextChoices):
    PLANNED = "planned", "Planned"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


MAINTENANCE_MOVES: dict[str, tuple[str, ...]] = {
    MaintenanceState.PLANNED: (MaintenanceState.RUNNING, MaintenanceState.DONE, MaintenanceState.CANCELLED),
    MaintenanceState.RUNNING: (MaintenanceState.DONE,),
}


class MaintenancePeriodQuerySet(models.QuerySet["MaintenancePeriod"]):
    def of_any(self, customers: Any) -> MaintenancePeriodQuerySet:
        """Those that concern one of the customers (rows or keys)."""
        named = AffectedCustomer.objects.filter(customer__in=customers)
        return self.filter(Q(everybody=True) | Q(pk__in=named.values("period")))

    def ran_in(self, start: datetime, end: datetime) -> MaintenancePeriodQuerySet:
        """Those that really ran, or still run, at some time of it."""
        return self.filter(ran__overlap=(start, end))

    def in_time_of(self, start: datetime, end: datetime) -> MaintenancePeriodQuerySet:
        """Those that ran at some time of it, or are planned for it."""
        return self.filter(Q(ran__overlap=(start, end)) | Q(state="planned", announced__overlap=(start, end)))


class MaintenancePeriod(models.Model):
    """S3, S15: maintenance of the Service: the window that was announced beside what really ran, and whom it concerns.

    `version` counts the announcements that needed a notice of their own; a change that needs none keeps it.
    """

    class Kind(models.TextChoices):
        PLANNED = "planned", "Planned"
        EMERGENCY = "emergency", "Emergency"
        REPAIR = "repair", "Repair of an outage"

    reference = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200, help_text="Customers read it.")
    effect = models.CharField(max_length=300, blank=True, help_text="What customers notice meanwhile.")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    repairs = models.ForeignKey(
        Outage,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="repairs",
        help_text="Of a repair: which outage.",
    )
    state = models.CharField(max_length=10, choices=MaintenanceState.choices)
    everybody = models.BooleanField("concerns all customers", default=False)
    announced = DateTimeRangeField(null=True, blank=True)
    ran = DateTimeRangeField(null=True, blank=True, help_text="What really happened; without an end while it runs.")
    version = models.PositiveSmallIntegerField(default=1)
    calendar_sequence = models.PositiveSmallIntegerField(default=0)
    reason = models.TextField(blank=True, help_text="Of an emergency or repair: why notice was not practicable.")
    reason_recorded_at = models.DateTimeField(null=True, blank=True)
    reason_recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = MaintenancePeriodQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["planned", "cancelled"], ran__isnull=True)
                | Q(state="running", ran__isnull=False, ran__lower_inf=False, ran__upper_inf=True)
                | Q(state="done", ran__isnull=False, ran__isempty=False, ran__lower_inf=False, ran__upper_inf=False),
                name="maintenance_ran_as_its_state_says",
            ),
            models.CheckConstraint(
                condition=Q(announced__isnull=True)
                | Q(announced__isempty=False, announced__lower_inf=False, announced__upper_inf=False),
                name="an_announced_window_begins_and_ends",
            ),
            models.CheckConstraint(
                condition=Q(announced__isnull=False) | Q(ran__isnull=False) & ~Q(kind="planned"),
                name="planned_maintenance_is_announced",
            ),
            models.CheckConstraint(
                condition=Q(kind="repair", repairs__isnull=False) | ~Q(kind="repair") & Q(repairs__isnull=True),
                name="a_repair_names_its_outage",
            ),
            models.CheckConstraint(
                condition=Q(kind="planned", reason="", reason_recorded_at__isnull=True)
                | ~Q(kind="planned") & ~Q(reason="") & Q(reason_recorded_at__isnull=False),
                name="an_emergency_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_at__isnull=False)
                | ~Q(state="cancelled") & Q(cancelled_at__isnull=True),
                name="cancelled_maintenance_has_its_moment",
            ),
            paired("maintenanceperiod", "recorded"),
            paired("maintenanceperiod", "reason_recorded"),
            paired("maintenanceperiod", "cancelled"),
        ]
        indexes = [
            GistIndex(fields=["ran"], name="maintenance_that_ran"),
            GistIndex(fields=["announced"], condition=Q(state="planned"), name="maintenance_that_is_planned"),
        ]
        triggers = [logged(), moves("state", MAINTENANCE_MOVES)]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def window(self) -> Span | None:
        """What was announced, as it stands now."""
        return self.announced and Span(self.announced.lower, self.announced.upper)

    def ran_by(self, now: datetime) -> Span | None:
        """What really ran by `now` (UTC); None where it has not begun."""
        if self.ran is None or self.ran.lower >= now:
            return None
        return Span(self.ran.lower, self.ran.upper or now)

    @property
    def begins(self) -> datetime:
        """When it began, or is to begin (UTC)."""
        return self.ran.lower if self.ran else self.announced.lower

    @property
    def is_emergency(self) -> bool:
        """S3: begun without the time for a notice: an emergency, or the repair of an outage."""
        return self.kind != self.Kind.PLANNED


class AffectedCustomer(models.Model):
    """A customer whom a maintenance period concerns that does not concern everybody."""

    period = models.ForeignKey(MaintenancePeriod, on_delete=models.PROTECT, related_name="affected")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "customer"], name="a_customer_is_affected_once_by_a_maintenance")
        ]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.period.reference} for {self.customer}"


class MaintenanceChange(models.Model):
    """What was announced or ran, before and after a change, by whom and why. Rows are only ever added."""

    class What(models.TextChoices):
        WINDOW = "window", "Announced window"
        RUN = "run", "What really ran"

    period = models.ForeignKey(MaintenancePeriod, on_delete=models.PROTECT, related_name="changes")
    what = models.CharField(max_length=10, choices=What.choices)
    before = DateTimeRangeField(null=True)
    after = DateTimeRangeField(null=True)
    why = models.TextField()
    new_notice = models.BooleanField(default=False, help_text="S15: it needed a notice of its own.")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["changed_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="a_change_of_maintenance_says_why"),
            paired("maintenancechange", "changed"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.period.reference}: {self.get_what_display()}"


class MaintenanceNoticeQuerySet(models.QuerySet["MaintenanceNotice"]):
    def with_acceptance(self) -> MaintenanceNoticeQuerySet:
        """Each with `accepted_at`: its first acceptance by a mail server of the customer's, or by document. What came back is none."""
        letters = (
            Letter.objects.filter(
                customer=OuterRef("customer"),
                matter=OuterRef("period__reference"),
                point=Concat(
                    Value("version "),
                    Cast(OuterRef("version"), models.CharField()),
                    Value("/"),
                    Cast(OuterRef("customer"), models.CharField()),
                ),
                accepted_at__isnull=False,
                bounced_at__isnull=True,
            )
            .order_by()
            .values("matter")
            .annotate(first=Min("accepted_at"))
            .values("first")
        )
        return self.annotate(accepted_at=Least(Subquery(letters), F("document_accepted_at")))


class MaintenanceNotice(models.Model):
    """S15: one version of an announcement to one customer, with the last moment at which its notice is in time (UTC).

    It is accepted with the first of its letters that a mail server of the customer's takes; or by a document, with who entered it.
    """

    period = models.ForeignKey(MaintenancePeriod, on_delete=models.PROTECT, related_name="notices")
    version = models.PositiveSmallIntegerField()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="maintenance_notices")
    announced = DateTimeRangeField()
    deadline = models.DateTimeField(help_text="Accepted then is in time; stored, whatever becomes of the holidays.")
    written_at = models.DateTimeField()
    document = models.CharField(
        max_length=200, blank=True, help_text="What shows that the notice reached the customer."
    )
    document_accepted_at = models.DateTimeField(null=True, blank=True)
    entered_at = models.DateTimeField(null=True, blank=True)
    entered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = MaintenanceNoticeQuerySet.as_manager()

    class Meta:
        ordering = ["period", "version", "customer"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "version", "customer"], name="one_notice_of_a_version_for_a_customer"
            ),
            models.CheckConstraint(
                condition=Q(document="", document_accepted_at__isnull=True, entered_at__isnull=True)
                | ~Q(document="") & Q(document_accepted_at__isnull=False, entered_at__isnull=False),
                name="a_notice_by_document_has_all_of_it",
            ),
            paired("maintenancenotice", "entered"),
        ]
        triggers = [logged(), only_changes("document", "document_accepted_at", "entered_at", "entered_by")]

    def __str__(self) -> str:
        return f"{self.period.reference}, version {self.version}, to {self.customer}"

    @property
    def point(self) -> str:
        """What its letters are known by, beside the period's reference: one person may belong to two customers."""
        return f"version {self.version}/{self.customer_id}"

    @property
    def in_time(self) -> bool:
        """S15: asked of a row that was read `with_acceptance`."""
        return notice_in_time(self.accepted_at, self.deadline)  # type: ignore[attr-defined]

    def is_awaited(self, now: datetime) -> bool:
        """S15: not accepted yet, and still in time if it is accepted now."""
        return self.accepted_at is None and notice_in_time(now, self.deadline)  # type: ignore[attr-defined]
