"""T4: windows that a manager makes longer for all concerned at once, since the product itself stood still at their end."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from entitlements.models import Customer, Standstill, User
from entitlements.models.guards import append_only
from entitlements.models.pairs import paired


class Extension(models.Model):
    """T4: what was decided about a standstill of the product: until when the windows concerned run, or that none is made longer."""

    standstill = models.OneToOneField(Standstill, on_delete=models.PROTECT, related_name="extension")
    last_day = models.DateField(
        null=True,
        blank=True,
        help_text="With its end, in each contract's zone, the windows end. Empty: none is longer.",
    )
    reason = models.TextField()
    record = models.JSONField(help_text="The product's own record of the standstill, as it was when this was decided.")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-decided_at", "-id"]
        constraints = [
            paired("extension", "decided"),
            models.CheckConstraint(condition=~Q(reason=""), name="an_extension_has_its_reason"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"Extension after: {self.standstill}"


class ExtendedWindow(models.Model):
    """T4: one window that was made longer: of a report, a claim, or what a claim was asked."""

    extension = models.ForeignKey(Extension, on_delete=models.PROTECT, related_name="windows")
    matter = models.CharField(max_length=20, help_text="The reference of the report or the claim.")
    kind = models.CharField(max_length=40, help_text="Which window of it.")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField("was to end")
    extended_to = models.DateTimeField()

    class Meta:
        ordering = ["ended_at", "matter"]
        constraints = [
            models.UniqueConstraint(
                fields=["extension", "matter", "kind"], name="a_window_is_extended_once_for_a_time"
            ),
            models.CheckConstraint(condition=Q(extended_to__gt=F("ended_at")), name="an_extension_never_shortens"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.matter} until {self.extended_to:%Y-%m-%d %H:%M} UTC"
