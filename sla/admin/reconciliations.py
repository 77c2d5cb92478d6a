"""T3: the comparisons of what the clock did with what it should have done, a day each. To be read, never changed."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from entitlements.admin.base import DeskAdmin, local
from entitlements.admin.queues import vendor_zone
from entitlements.models import Reconciliation
from entitlements.wording import counted


@admin.register(Reconciliation)
class ReconciliationAdmin(DeskAdmin):
    list_display = ("day", "done", "matters", "differing")
    list_filter = ("done_at",)
    exported = {"done": "done_at"}
    fields = ("day", "done", "from_on", "what_was_compared", "differing", "what_differs")
    why_empty = (
        "Once a day the worker compares what the clock did with what is worked out anew. It has not done so yet."
    )

    @admin.display(description="done", ordering="done_at")
    def done(self, one: Reconciliation) -> str:
        return local(one.done_at, vendor_zone())

    @admin.display(description="deadlines from")
    def from_on(self, one: Reconciliation) -> str:
        return local(one.since, vendor_zone())

    @admin.display(description="compared")
    def matters(self, one: Reconciliation) -> str:
        return counted(sum(one.compared.values()), "matter")

    @admin.display(description="compared")
    def what_was_compared(self, one: Reconciliation) -> str:
        return "; ".join(f"{kind}: {number}" for kind, number in one.compared.items()) or "Nothing had fallen due."

    @admin.display(description="what differs")
    def what_differs(self, one: Reconciliation) -> SafeString | str:
        if not one.differences:
            return "Nothing."
        rows = format_html_join("", "<li><span class='ref'>{}</span>: {}</li>", one.differences)
        more = one.differing - len(one.differences)
        return format_html("<ul>{}</ul>{}", rows, f"And {more} more." if more else "")
