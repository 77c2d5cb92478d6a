"""Maintenance and the yearly checks of its calendar as lists; what is done with one is done on its page."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from entitlements.admin.base import DeskAdmin, linked, local
from entitlements.admin.queues import vendor_zone
from entitlements.wording import deadline_in_short
from sla.admin.queues import CALENDARS, CALENDARS_OVERDUE, MAINTENANCE
from sla.models import CalendarCheck, MaintenancePeriod
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


@admin.register(CalendarCheck)
class CalendarCheckAdmin(DeskAdmin):
    list_display = ("page", "asked", "due", "checked", "checked_by", "compared_with")
    list_display_links = None
    list_select_related = ("checked_by",)
    queues = (CALENDARS, CALENDARS_OVERDUE)
    search_fields = ("year", "compared_with")
    search_help_text = "Year, what it was compared with"
    exported = {"asked": "asked_at", "due": "due_at", "checked": "checked_at"}
    fields = ("page", "asked", "due", "checked", "checked_by", "compared_with")
    why_empty = "No check was asked for yet. The clock asks for that of the year ahead in November."

    @admin.display(description="calendar of", ordering="year")
    def page(self, check: CalendarCheck) -> SafeString:
        address = reverse("admin:maintenance_hours", query={"year": check.year}) + "#check"
        return format_html('<a href="{}">{}</a>', address, check.year)

    @admin.display(description="asked for", ordering="asked_at")
    def asked(self, check: CalendarCheck) -> str:
        return local(check.asked_at, vendor_zone())

    @admin.display(description="to be checked by", ordering="due_at")
    def due(self, check: CalendarCheck) -> str:
        return deadline_in_short(check.due_at, vendor_zone())

    @admin.display(description="checked", ordering="checked_at")
    def checked(self, check: CalendarCheck) -> str:
        return local(check.checked_at, vendor_zone())
