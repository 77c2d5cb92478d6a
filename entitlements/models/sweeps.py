from __future__ import annotations

from django.db import models


class SweepRun(models.Model):
    """One turn of the clock: what it did, how late it was, and whether the clocks agreed (T3)."""

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    as_of = models.DateTimeField(help_text="The instant it acted for; in the demo it may lie ahead.")
    clock_offset_ms = models.IntegerField(help_text="The application's clock minus the database's.")
    done = models.JSONField(default=dict, help_text="How many of each kind.")
    latest_by_seconds = models.PositiveIntegerField(default=0, help_text="How late the latest of them was.")
    alarm = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"sweep {self.pk}"
