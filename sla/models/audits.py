"""S14: an audit of a claim: what is looked at, by whom, what was found, and what changed in the amount."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from entitlements.models import User
from entitlements.models.guards import locked_once, logged, only_changes
from entitlements.models.pairs import paired
from sla.models.claims import Claim


class AuditQuerySet(models.QuerySet["Audit"]):
    def open(self) -> AuditQuerySet:
        return self.filter(closed_at__isnull=True)


class Audit(models.Model):
    """S14: by the vendor's own people or an independent third party. The figures before and after are those of the rules."""

    class Side(models.TextChoices):
        VENDOR = "vendor", "Our own people"
        INDEPENDENT = "independent", "An independent third party"

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="audits")
    side = models.CharField("by whom", max_length=12, choices=Side.choices)
    auditor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="audits")
    firm = models.CharField(max_length=200, blank=True, help_text="Of an independent auditor.")
    scope = models.TextField(help_text="What is looked at, in words that the customer reads.")
    answer_by = models.DateTimeField(
        help_text="The first instant (UTC) too late for what the customer gives the auditor."
    )
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    assessed_before = models.DecimalField(max_digits=24, decimal_places=2)
    capped_before = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    findings = models.TextField(blank=True)
    refused = models.BooleanField(default=False, help_text="The customer refused it: a ground for denial.")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    assessed_after = models.DecimalField(max_digits=24, decimal_places=2, null=True, blank=True)
    capped_after = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            paired("audit", "opened"),
            paired("audit", "closed"),
            models.UniqueConstraint(
                fields=["claim"], condition=Q(closed_at__isnull=True), name="one_audit_of_a_claim_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | (~Q(findings="") & Q(assessed_after__isnull=False)),
                name="a_closed_audit_has_its_findings",
            ),
            models.CheckConstraint(condition=Q(side="vendor") | ~Q(firm=""), name="an_independent_auditor_has_a_firm"),
        ]
        triggers = [
            logged("scope", "findings"),
            locked_once("closed_at"),
            only_changes("findings", "refused", "closed_at", "closed_by", "assessed_after", "capped_after"),
        ]

    def __str__(self) -> str:
        return f"Audit of {self.claim}"
