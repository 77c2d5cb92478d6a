from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Alarm(models.Model):
    """N27: something of the clockwork is beyond its limit. Raised once for a cause, and again only after it was over."""

    cause = models.CharField(max_length=20, help_text="The sign that was beyond its limit.")
    words = models.TextField("what it was")
    since = models.DateTimeField(null=True, blank=True, help_text="Since when, where that is known.")
    raised_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["cause"], condition=Q(over_at__isnull=True), name="one_alarm_for_a_cause"),
            models.CheckConstraint(
                condition=Q(over_at__isnull=True) | Q(over_at__gte=F("raised_at")),
                name="an_alarm_is_over_after_it_was_raised",
            ),
        ]

    def __str__(self) -> str:
        return f"ALARM-{self.pk}"
