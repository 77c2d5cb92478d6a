"""Engagements as a list; what is done with one is done on its page (engagement_page.py)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.admin.base import DeskAdmin, linked, local
from entitlements.admin.queues import ENGAGEMENTS
from entitlements.models import Engagement, Engineer
from entitlements.templatetags.makegood import status


class WithWhom(admin.RelatedFieldListFilter):
    """The engineers by name, asked for in one question however many there are."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(one.pk), str(one)) for one in Engineer.objects.select_related("user").order_by("user__name")]


@admin.register(Engagement)
class EngagementAdmin(DeskAdmin):
    change_list_template = "admin/engagement_list.html"
    date_hierarchy = "day"
    list_display = ("page", "customer", "activity", "how_it_stands", "on_day", "first_session", "with_whom")
    list_display_links = None
    list_filter = ("state", "activity", "contract__levels__level", ("sessions__engineer", WithWhom))
    list_select_related = ("contract__customer", "activity")
    narrowed_by = ("contract__customer",)
    search_fields = ("reference", "contract__customer__name", "contract__order_form", "topic")
    search_help_text = "Reference, customer, order form, topic"
    queues = ENGAGEMENTS
    fields = (
        *("page", "contract", "year", "activity", "how_it_stands", "day", "wished_day", "topic", "ps_reference"),
        *("requested_at", "requested_by", "decided_at", "decided_by", "ended_at", "ended_by", "end_reason"),
        "advice_wording",
    )
    why_empty = "Customers ask for engagements in the portal; each request is shown here at once."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Engagement]:
        return super().get_queryset(request).prefetch_related("sessions__engineer__user")

    @admin.display(description="reference", ordering="reference")
    def page(self, engagement: Engagement) -> SafeString:
        return linked("admin:engagement", engagement.reference)

    @admin.display(description="customer", ordering="contract__customer__name")
    def customer(self, engagement: Engagement) -> str:
        return engagement.contract.customer.name

    @admin.display(description="state", ordering="state")
    def how_it_stands(self, engagement: Engagement) -> SafeString:
        return status(engagement)

    @admin.display(description="day", ordering="day")
    def on_day(self, engagement: Engagement) -> str:
        return wording.day_in_short(engagement.day)

    @admin.display(description="first session")
    def first_session(self, engagement: Engagement) -> str:
        live = [one for one in engagement.sessions.all() if one.released_at is None]
        return local(live[0].during.lower if live else None, engagement.contract.tz)

    @admin.display(description="engineer")
    def with_whom(self, engagement: Engagement) -> str:
        live = [one for one in engagement.sessions.all() if one.released_at is None]
        return ", ".join(dict.fromkeys(str(one.engineer) for one in live)) or "–"
