from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from entitlements.models import User
from entitlements.models.guards import append_only, logged, moves
from entitlements.models.pairs import paired
from sla.models.guards import under_no_merged_cause
from sla.rules import causes as rules
from sla.rules.components import Component

COMPONENTS = {
    Component.INCIDENT_TRACKING: "Incident tracking",
    Component.ALERTING: "Alerting",
    Component.AIOPS: "AIOps",
    Component.CUSTOMER_SERVICE_OPS: "Customer Service Ops",
    Component.RUNBOOK_AUTOMATION: "Runbook Automation",
    Component.WORKFLOW_AUTOMATION: "Workflow Automation",
}


class OutageState(models.TextChoices):
    INVESTIGATING = "investigating", "Investigating"
    IDENTIFIED = "identified", "Identified"
    MONITORING = "monitoring", "Monitoring"
    RESOLVED = "resolved", "Resolved"


OUTAGE_MOVES: dict[str, tuple[str, ...]] = {
    OutageState.INVESTIGATING: (OutageState.IDENTIFIED, OutageState.MONITORING, OutageState.RESOLVED),
    OutageState.IDENTIFIED: (OutageState.INVESTIGATING, OutageState.MONITORING, OutageState.RESOLVED),
    OutageState.MONITORING: (OutageState.INVESTIGATING, OutageState.IDENTIFIED, OutageState.RESOLVED),
    OutageState.RESOLVED: (OutageState.INVESTIGATING,),  # it was not over after all
}


class Cause(models.Model):
    """S12: what made failures happen. Closed when its fix is recorded; a recurrence after that is a new cause."""

    reference = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    fixed_at = models.DateTimeField(null=True, blank=True)
    fixed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    merged_at = models.DateTimeField(null=True, blank=True)
    merged_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    merge_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            paired("cause", "opened"),
            paired("cause", "fixed"),
            paired("cause", "merged"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True, merged_at__isnull=True, merge_reason="")
                | (Q(merged_into__isnull=False, merged_at__isnull=False) & ~Q(merge_reason="")),
                name="a_merged_cause_says_into_which_and_why",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="a_cause_is_not_merged_into_itself",
            ),
        ]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def facts(self) -> rules.Cause:
        """S12: the cause as the rules read it."""
        return rules.Cause(self.reference, self.fixed_at)

    @property
    def standing(self) -> rules.CauseState:
        """S12: open, fixed, or closed: fixed, and every outage of it over."""
        return rules.state_of(self.facts(), all_over=not self.outages.exclude(state=OutageState.RESOLVED).exists())


class Outage(models.Model):
    """What the server logs say of one disturbance of the Service; for whom and when stands in its downtimes (S2)."""

    reference = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200)
    component = models.CharField(
        max_length=24,
        choices=[(one.value, COMPONENTS[one]) for one in Component],
        default=Component.INCIDENT_TRACKING,
        help_text="Only incident tracking and alerting are the Service (S2).",
    )
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="outages")
    state = models.CharField(max_length=14, choices=OutageState.choices, default=OutageState.INVESTIGATING)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True, help_text="S13: it opens the way to a claim since then.")
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-recorded_at"]
        constraints = [paired("outage", "recorded"), paired("outage", "published")]
        triggers = [logged(), moves("state", OUTAGE_MOVES), under_no_merged_cause()]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def is_of_the_service(self) -> bool:
        """S2: whether it can be an Availability Outage at all."""
        return Component(self.component).is_the_service


class OutageStep(models.Model):
    """What was known of an outage at a moment: its state then, and a sentence, by whoever said it."""

    outage = models.ForeignKey(Outage, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=14, choices=OutageState.choices)
    note = models.TextField()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-noted_at", "-id"]
        constraints = [
            paired("outagestep", "noted"),
            models.CheckConstraint(condition=~Q(note=""), name="a_step_of_an_outage_has_its_note"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.outage.reference}: {self.get_state_display()}"
