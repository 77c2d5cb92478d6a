"""S19: what one person proposes and a second approves or returns: its columns, and what of it still waits."""

from __future__ import annotations

from typing import Any

from django.db import models

from entitlements.models import User


class WaitingQuerySet(models.QuerySet[Any]):
    def waiting(self) -> WaitingQuerySet:
        """Those that a second person has still to settle."""
        return self.filter(approved_at__isnull=True, returned_at__isnull=True)


class NeedsSecondPerson(models.Model):
    """A proposal of one person; another approves or returns it. Each model names the constraints that say so."""

    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    return_reason = models.TextField(blank=True)

    objects = WaitingQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def waits(self) -> bool:
        return self.approved_at is None and self.returned_at is None
