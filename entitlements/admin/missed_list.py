"""Which reminders were missed because the clock stood still (T1). To be read, never changed."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from entitlements.acts_in_words import point_in_words
from entitlements.admin.base import DeskAdmin, local, named
from entitlements.admin.queues import MISSED, vendor_zone
from entitlements.models import MissedReminder
from entitlements.reminder_letters import YEAR


@admin.register(MissedReminder)
class MissedReminderAdmin(DeskAdmin):
    list_display = ("page", "customer", "reminder", "due", "deadline_told", "noted")
    list_display_links = None
    list_select_related = ("customer",)
    search_fields = ("matter", "customer__name")
    search_help_text = "Reference, customer"
    queues = (MISSED,)
    exported = {
        "due": "due_at",
        "noted": "noted_at",
        "deadline_told": "deadline",
        "page": "matter",
        "reminder": "point",
    }
    fields = ("page", "customer", "reminder", "due", "deadline_told", "noted")
    why_empty = "Whenever a point of a ladder passes while the clock stands still, it is put on record here. None has."

    @admin.display(description="matter", ordering="matter")
    def page(self, missed: MissedReminder) -> SafeString:
        if missed.matter.startswith(YEAR):
            return named("admin:year_ledger", missed.matter.removeprefix(YEAR), "Contract year")
        return format_html('<a class="ref" href="{}">{}</a>', _found(missed.matter), missed.matter)

    @admin.display(description="reminder", ordering="point")
    def reminder(self, missed: MissedReminder) -> str:
        return point_in_words(missed.point)

    @admin.display(description="was due", ordering="due_at")
    def due(self, missed: MissedReminder) -> str:
        return local(missed.due_at, vendor_zone())

    @admin.display(description="of the deadline", ordering="deadline")
    def deadline_told(self, missed: MissedReminder) -> str:
        return local(missed.deadline, vendor_zone())

    @admin.display(description="noted", ordering="id")
    def noted(self, missed: MissedReminder) -> str:
        return local(missed.noted_at, vendor_zone())


def _found(matter: str) -> str:
    return reverse("admin:find", query={"q": matter})
