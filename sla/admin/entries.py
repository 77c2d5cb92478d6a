"""What staff entered for customers, as a list; each is confirmed on its page (S13)."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from entitlements.admin.base import DeskAdmin, linked, local
from sla.admin.queues import ENTRIES
from sla.models import Entry


@admin.register(Entry)
class EntryAdmin(DeskAdmin):
    list_display = ("page", "customer", "what", "way", "arrived", "entered_by", "settled")
    list_display_links = None
    list_filter = ("what", "way")
    list_select_related = ("contract__customer", "entered_by", "confirmed_by", "returned_by")
    search_fields = ("reference", "contract__customer__name", "sender")
    search_help_text = "Reference, customer, who wrote or called"
    queues = ENTRIES
    fields = ("page", "contract", "what", "way", "sender", "arrived", "entered", "entered_by", "settled")
    why_empty = "What a customer writes or says outside the portal is entered from the page of its contract."

    @admin.display(description="reference", ordering="reference")
    def page(self, entry: Entry) -> SafeString:
        return linked("admin:entry", entry.reference)

    @admin.display(description="customer", ordering="contract__customer__name")
    def customer(self, entry: Entry) -> str:
        return entry.contract.customer.name

    @admin.display(description="arrived", ordering="arrived_at")
    def arrived(self, entry: Entry) -> str:
        return local(entry.arrived_at, entry.contract.tz)

    @admin.display(description="entered", ordering="entered_at")
    def entered(self, entry: Entry) -> str:
        return local(entry.entered_at, entry.contract.tz)

    @admin.display(description="settled")
    def settled(self, entry: Entry) -> str:
        if entry.confirmed_by:
            return f"Confirmed by {entry.confirmed_by}"
        return f"Sent back by {entry.returned_by}" if entry.returned_by else "Waits"
