"""S1: the editions of the Enterprise terms, each with its figures as they were published."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from entitlements import wording
from entitlements.admin.base import DeskAdmin
from sla.models import TermsEdition


@admin.register(TermsEdition)
class TermsEditionAdmin(DeskAdmin):
    list_display = ("name", "valid", "published_at", "published_by")
    list_select_related = ("published_by",)
    why_empty = "No edition of the Enterprise terms is on record, so nothing can be claimed (S1)."

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        figures = [field.name for field in self.opts.fields if field.name not in ("id", "valid_from")]
        return ["valid", *figures]

    @admin.display(description="valid from", ordering="valid_from")
    def valid(self, edition: TermsEdition) -> str:
        return wording.day_in_words(edition.valid_from)
