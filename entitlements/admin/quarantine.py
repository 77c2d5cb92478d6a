"""What the clock could not do: the list, and a page for each, on which a manager has it tried again at once (P19, T3)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.safestring import SafeString

from entitlements.access import Who, open_to
from entitlements.actions.quarantine import release_from_quarantine
from entitlements.admin.base import DeskAdmin, linked, local
from entitlements.admin.engagement_act_forms import ReasonForm
from entitlements.admin.pages import DeskRequest, done, page, refusals_of
from entitlements.admin.queues import CLOCK, vendor_zone
from entitlements.models import Quarantine
from entitlements.rules.refusals import Refusal

PAGE = "admin:quarantined"


@admin.register(Quarantine)
class QuarantineAdmin(DeskAdmin):
    list_display = ("page", "job", "failed_first", "failed_last", "tries", "tried_again", "stands", "released_by")
    list_display_links = None
    list_filter = ("job",)
    list_select_related = ("released_by",)
    search_fields = ("matter", "job", "error")
    search_help_text = "Reference, what was to be done, error"
    queues = CLOCK
    exported = {"failed_first": "first_seen_at", "failed_last": "last_seen_at", "tried_again": "try_again_at"}
    fields = ("page", "job", "failed_first", "failed_last", "tries", "tried_again", "stands", "error", "release_reason")
    why_empty = "The clock has done everything that fell due. What it cannot do stands here until it is done."

    @admin.display(description="matter", ordering="matter")
    def page(self, entry: Quarantine) -> SafeString:
        return linked(PAGE, entry.pk, entry.matter)

    @admin.display(description="failed first", ordering="first_seen_at")
    def failed_first(self, entry: Quarantine) -> str:
        return local(entry.first_seen_at, vendor_zone())

    @admin.display(description="failed last", ordering="last_seen_at")
    def failed_last(self, entry: Quarantine) -> str:
        return local(entry.last_seen_at, vendor_zone())

    @admin.display(description="tried again")
    def tried_again(self, entry: Quarantine) -> str:
        return "–" if entry.ended_at else local(entry.try_again_at, vendor_zone())

    @admin.display(description="state", ordering="ended_at")
    def stands(self, entry: Quarantine) -> str:
        return f"over since {local(entry.ended_at, vendor_zone())}" if entry.ended_at else "in quarantine"


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, pk: int) -> HttpResponse:
    """What failed, how often and why; a POST ends the pause, with a reason."""
    entry = get_object_or_404(Quarantine.objects.select_related("released_by"), pk=pk)
    form = ReasonForm(
        request.POST if request.method == "POST" else None,
        label="Why it can be tried again",
        help_text="What was mended. It is kept with the entry.",
    )
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST" and form.is_valid():
        act = {"entry": entry, "by": request.user, "now": request.now, **form.cleaned_data}
        refusals = refusals_of(lambda: release_from_quarantine(**act))
        if not refusals:
            return done(request, f"{entry.matter} is tried again at the next turn of the clock.", PAGE, pk)
    context = {"entry": entry, "form": form, "refusals": refusals, "zone": vendor_zone()}
    return page(request, "admin/quarantined.html", title=f"{entry.matter}: {entry.job}", **context)


pages: list[tuple[str, Any, str]] = [("quarantine/<int:pk>/", detail, "quarantined")]
