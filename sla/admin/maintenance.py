"""Maintenance as a list; what is done with a period is done on its page."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from entitlements.admin.base import DeskAdmin, linked, local
from entitlements.admin.queues import vendor_zone
from sla.admin.queues import MAINTENANCE
from sla.models import MaintenancePeriod
from sla.wording import maintenance_window


@admin.register(MaintenancePeriod)
class MaintenancePeriodAdmin(DeskAdmin):
    list_display = ("page", "title", "kind", "whom", "window", "really_ran", "state", "recorded")
    list_display_links = None
    list_filter = ("state", "kind", "everybody")
    queues = MAINTENANCE
    search_fields = ("reference", "title", "affected__customer__name", "affected__customer__external_id")
    search_help_text = "Reference, title, customer"
    exported = {"window": "announced__lower", "really_ran": "ran__lower"}
    exported_besides = ("announced__upper", "ran__upper")
    fields = ("page", "title", "effect", "kind", "whom", "window", "really_ran", "state", "recorded", "recorded_by")
    why_empty = "No maintenance is on record. Plan it here before it is done: its notice goes out with the plan."

    def get_queryset(self, request: HttpRequest) -> QuerySet[MaintenancePeriod]:
        return super().get_queryset(request).annotate(named=Count("affected", filter=Q(everybody=False), distinct=True))

    @admin.display(description="reference", ordering="reference")
    def page(self, period: MaintenancePeriod) -> SafeString:
        return linked("admin:maintenance", period.reference)

    @admin.display(description="customers", ordering="named")
    def whom(self, period: MaintenancePeriod) -> str:
        return "all" if period.everybody else str(period.named)  # type: ignore[attr-defined]

    @admin.display(description="announced", ordering="announced")
    def window(self, period: MaintenancePeriod) -> str:
        return maintenance_window(period.announced, vendor_zone())

    @admin.display(description="really ran", ordering="ran")
    def really_ran(self, period: MaintenancePeriod) -> str:
        return maintenance_window(period.ran, vendor_zone())

    @admin.display(description="recorded", ordering="recorded_at")
    def recorded(self, period: MaintenancePeriod) -> str:
        return local(period.recorded_at, vendor_zone())
