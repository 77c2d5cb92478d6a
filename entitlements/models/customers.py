from __future__ import annotations

from django.db import models

from entitlements.models.guards import logged
from entitlements.models.light import ReadInPart


class Customer(ReadInPart):
    """A firm that has bought the vendor's products."""

    name = models.CharField(max_length=200)
    external_id = models.CharField(
        "customer number", max_length=60, unique=True, help_text="As in your CRM; imports find the customer by it."
    )

    class Meta:
        ordering = ["name"]
        triggers = [logged()]

    def __str__(self) -> str:
        return self.name
