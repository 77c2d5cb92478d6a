from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from entitlements.models.guards import append_only
from entitlements.models.pairs import paired
from entitlements.models.people import User


class ImportFile(models.Model):
    """A file that was handed in to be imported, as it came: kept whether anything of it was applied or not."""

    name = models.CharField(max_length=255)
    rows_are = models.CharField(
        max_length=20, blank=True, help_text="What a CSV has; a workbook says it by its sheets."
    )
    kind = models.CharField(max_length=4, choices=[("csv", "CSV"), ("xlsx", "XLSX")])
    size = models.PositiveIntegerField()
    sha256 = models.CharField("SHA-256", max_length=64)
    stored_as = models.CharField(max_length=100, unique=True)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [paired("import_file", "uploaded")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return self.name


class ImportRun(models.Model):
    """What was applied of a file: by whom, when, and each row with its effect. Written once."""

    file = models.ForeignKey(ImportFile, on_delete=models.PROTECT, related_name="runs")
    applied_at = models.DateTimeField()
    applied_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    new = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    rows = models.JSONField(
        encoder=DjangoJSONEncoder, help_text="Each row's kind, number, state, changes and refusals."
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            paired("import_run", "applied"),
            models.CheckConstraint(condition=Q(new__gt=0) | Q(changed__gt=0), name="an_import_changes_something"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"Import {self.pk} of {self.file}"
