from __future__ import annotations

from django.db import models

from entitlements.rules import outcomes


class Level(models.TextChoices):
    """E1: the four entitlement levels, lowest first."""

    NONE = "none", "No Services"
    PREMIUM = "premium", "Premium Support"
    SILVER = "silver", "Silver Services"
    GOLD = "gold", "Gold Services"


class Activity(models.Model):
    """What a Customer Success Engineer can be engaged for."""

    key = models.SlugField(primary_key=True, max_length=40)
    name = models.CharField(max_length=80)
    plural = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(help_text="Order on the year card and in the policy's table.")
    outcome = models.CharField(
        max_length=24,
        choices=[*outcomes.KINDS.items(), (outcomes.MATURITY, "A maturity assessment, in one of two forms")],
        default="recommendations",
        help_text="E13: the kind of its outcome.",
    )

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "activities"

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """One of the vendor's products, as far as an activity can require it (E9)."""

    key = models.SlugField(primary_key=True, max_length=40)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name
