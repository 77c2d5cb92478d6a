"""Findings of cause as a list; they are recorded, corrected and withdrawn on pages of their own (S6)."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from entitlements.admin.base import DeskAdmin, HappenedFilter, linked, local
from entitlements.admin.queues import vendor_zone
from sla.models import Finding


@admin.register(Finding)
class FindingAdmin(DeskAdmin):
    list_display = ("page", "kind", "began", "ended", "upon", "whom", "found", "found_by", "stands")
    list_display_links = None
    list_select_related = ("outage", "found_by")
    list_filter = ("kind", ("withdrawn_at", HappenedFilter))
    search_fields = ("reference", "statement", "evidence", "outage__reference", "incident", "named__customer__name")
    search_help_text = "Reference, what was found, evidence, outage, incident, customer"
    exported = {"began": "during__lower", "ended": "during__upper"}
    fields = ("page", "kind", "detail", "began", "ended", "upon", "whom", "statement", "evidence", "found", "found_by")
    why_empty = "Nothing was found that excludes a failure. What is found is recorded from the page of an outage, an alert or a claim."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Finding]:
        return super().get_queryset(request).prefetch_related("named__customer")

    @admin.display(description="reference", ordering="reference")
    def page(self, finding: Finding) -> SafeString:
        return linked("admin:finding", finding.reference)

    @admin.display(description="from", ordering="during")
    def began(self, finding: Finding) -> str:
        return local(finding.during.lower, vendor_zone())

    @admin.display(description="to")
    def ended(self, finding: Finding) -> str:
        return local(finding.during.upper, vendor_zone())

    @admin.display(description="upon")
    def upon(self, finding: Finding) -> str:
        return finding.upon

    @admin.display(description="customers")
    def whom(self, finding: Finding) -> str:
        return "All" if finding.everybody else ", ".join(str(one.customer) for one in finding.named.all())

    @admin.display(description="found", ordering="found_at")
    def found(self, finding: Finding) -> str:
        return local(finding.found_at, vendor_zone())

    @admin.display(description="stands", boolean=True)
    def stands(self, finding: Finding) -> bool:
        return finding.withdrawn_at is None
