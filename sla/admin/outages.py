"""Outages, their log intervals and their causes as lists; an outage is recorded and ended on pages of its own."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.admin.base import DeskAdmin, HappenedFilter, linked, links, list_of, local
from entitlements.admin.queues import vendor_zone
from entitlements.templatetags.makegood import status
from sla.models import Cause, Downtime, Outage, OutageState
from sla.rules.causes import state_of


@admin.register(Outage)
class OutageAdmin(DeskAdmin):
    list_display = ("page", "title", "stands", "began", "ended", "component", "customers", "caused_by")
    list_display_links = None
    list_select_related = ("cause", "recorded_by")
    exported = {"began": "began_at", "ended": "ended_at"}
    exported_besides = ("recorded_at", "recorded_by__name")
    search_fields = ("reference", "title", "cause__reference", "downtimes__customer__name")
    search_help_text = "Reference, title, cause, customer"
    list_filter = ("state", "component")
    fields = ("page", "title", "component", "cause", "recorded", "recorded_by")
    why_empty = "No outage has been recorded. Record one as soon as the server logs show it."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outage]:
        standing = Q(downtimes__withdrawn_at=None)
        return (
            super()
            .get_queryset(request)
            .annotate(
                hit=Count("downtimes__customer", distinct=True),
                began_at=Min("downtimes__during__startswith", filter=standing),
                ended_at=Max("downtimes__during__endswith", filter=standing),
                lasts=BoolOr("downtimes__during__upper_inf", filter=standing),
            )
        )

    @admin.display(description="reference", ordering="reference")
    def page(self, outage: Outage) -> SafeString:
        return linked("admin:outage", outage.reference)

    @admin.display(description="state", ordering="state")
    def stands(self, outage: Outage) -> SafeString:
        return status(outage)

    @admin.display(description="began", ordering="began_at")
    def began(self, outage: Outage) -> str:
        return local(outage.began_at, vendor_zone()) if outage.began_at else "–"  # type: ignore[attr-defined]

    @admin.display(description="ended", ordering="ended_at")
    def ended(self, outage: Outage) -> str:
        if outage.lasts:  # type: ignore[attr-defined]
            return "still open"
        return local(outage.ended_at, vendor_zone()) if outage.ended_at else "–"  # type: ignore[attr-defined]

    @admin.display(description="customers", ordering="hit")
    def customers(self, outage: Outage) -> int:
        return outage.hit  # type: ignore[attr-defined]

    @admin.display(description="cause", ordering="cause__reference")
    def caused_by(self, outage: Outage) -> SafeString:
        return linked("admin:cause", outage.cause.reference)

    @admin.display(description="recorded", ordering="recorded_at")
    def recorded(self, outage: Outage) -> str:
        return local(outage.recorded_at, vendor_zone())


@admin.register(Downtime)
class DowntimeAdmin(DeskAdmin):
    list_display = ("page", "customer", "began", "ended", "length", "source")
    list_display_links = None
    list_select_related = ("outage", "customer")
    search_fields = ("outage__reference", "customer__name", "source")
    search_help_text = "Outage, customer, log"
    exported = {"began": "during__lower", "ended": "during__upper"}
    fields = ("page", "customer", "began", "ended", "length", "source", "source_file", "source_sha256", "recorded_by")
    why_empty = "The intervals of the server logs are recorded with their outage (S2)."

    @admin.display(description="outage", ordering="outage__reference")
    def page(self, downtime: Downtime) -> SafeString:
        return linked("admin:outage", downtime.outage.reference)

    @admin.display(description="from", ordering="during")
    def began(self, downtime: Downtime) -> str:
        return wording.moment_in_short(downtime.during.lower, vendor_zone(), seconds=True)

    @admin.display(description="to")
    def ended(self, downtime: Downtime) -> str:
        end = downtime.during.upper
        return wording.moment_in_short(end, vendor_zone(), seconds=True) if end else "still open"

    @admin.display(description="length")
    def length(self, downtime: Downtime) -> str:
        end = downtime.during.upper
        return wording.duration_in_words(end - downtime.during.lower) if end else "–"


@admin.register(Cause)
class CauseAdmin(DeskAdmin):
    list_display = ("page", "title", "stands", "opened", "fixed", "belongs_to_it")
    list_display_links = None
    list_filter = (("fixed_at", HappenedFilter),)
    search_fields = ("reference", "title")
    search_help_text = "Reference or title"
    fields = ("page", "title", "stands", "opened", "opened_by", "fixed", "fixed_by", "belongs_to_it")
    why_empty = "A cause is recorded with its first outage (S12)."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cause]:
        lasting = Outage.objects.filter(cause=OuterRef("pk")).exclude(state=OutageState.RESOLVED)
        return super().get_queryset(request).select_related("merged_into").annotate(lasts=Exists(lasting))

    @admin.display(description="reference", ordering="reference")
    def page(self, cause: Cause) -> SafeString:
        return linked("admin:cause", cause.reference)

    @admin.display(description="stands")
    def stands(self, cause: Cause) -> SafeString | str:
        if cause.merged_into:
            return f"Merged into {cause.merged_into.reference}"
        return status(state_of(cause.facts(), all_over=not cause.lasts))  # type: ignore[attr-defined]

    @admin.display(description="opened", ordering="opened_at")
    def opened(self, cause: Cause) -> str:
        return local(cause.opened_at, vendor_zone())

    @admin.display(description="fixed", ordering="fixed_at")
    def fixed(self, cause: Cause) -> str:
        return local(cause.fixed_at, vendor_zone()) if cause.fixed_at else "not yet"

    @admin.display(description="belongs to it")
    def belongs_to_it(self, cause: Cause) -> SafeString:
        pairs = (
            ("sla_outage", "Outages"),
            ("sla_failure", "Failures"),
            ("sla_claim", "Claims"),
            ("sla_credit", "Credits"),
        )
        return links((list_of(name, cause=cause.pk), label) for name, label in pairs)
