from __future__ import annotations

from datetime import datetime

from django.db import models

from entitlements.models.customers import Customer
from entitlements.models.guards import append_only


class MissedReminderQuerySet(models.QuerySet["MissedReminder"]):
    def since(self, moment: datetime) -> MissedReminderQuerySet:
        """Noted after the moment."""
        return self.filter(noted_at__gt=moment)


class MissedReminder(models.Model):
    """T1: a point of a ladder that passed while the clock stood still, so that no letter was written for it. It stays on record."""

    matter = models.CharField(max_length=40, help_text="As its letters name it.")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="missed_reminders")
    point = models.CharField(max_length=20)
    due_at = models.DateTimeField(help_text="When the point was.")
    deadline = models.DateTimeField(help_text="What it was to remind of.")
    noted_at = models.DateTimeField()

    objects = MissedReminderQuerySet.as_manager()

    class Meta:
        ordering = ["-noted_at", "-id"]
        verbose_name = "missed reminder"
        constraints = [
            models.UniqueConstraint(fields=["matter", "deadline", "point"], name="a_reminder_is_missed_once"),
        ]
        indexes = [models.Index(fields=["noted_at"], name="reminders_missed_of_late")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.matter}: {self.point}"
