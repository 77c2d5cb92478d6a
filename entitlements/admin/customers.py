"""Customers and their contracts, to look up; a contract is put on record by an action, not typed into its tables."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.admin.base import DeskAdmin, ReadOnlyInline, linked, links, list_of, local
from entitlements.admin.queues import vendor_zone
from entitlements.models import BookedSession, Contract, ContractYear, Customer, Level, LevelPeriod, Membership
from entitlements.rules.days import local_day


class MembersInline(ReadOnlyInline):
    model = Membership
    fk_name = "customer"
    fields = ("user", "roles", "left_at")
    verbose_name_plural = "people"


class ContractsInline(ReadOnlyInline):
    model = Contract
    fields = ("contract", "plan", "zone", "status")
    readonly_fields = ("contract",)

    @admin.display(description="contract")
    def contract(self, contract: Contract) -> SafeString:
        return linked("admin:entitlements_contract_change", contract.pk, contract.order_form)


class LevelToday(admin.SimpleListFilter):
    """E1: the level that holds today, in the vendor's zone."""

    title = "level today"
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Level.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Contract]) -> QuerySet[Contract]:
        if self.value() is None:
            return queryset
        periods = LevelPeriod.objects.filter(days__contains=_today(request), level=self.value())
        return queryset.filter(pk__in=periods.values("contract"))


class EndsWithin(admin.SimpleListFilter):
    """Contracts whose term ends soon: what to renew."""

    title = "ends within"
    parameter_name = "ends"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(str(days), f"{days} days") for days in (30, 60, 90, 180)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Contract]) -> QuerySet[Contract]:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        today = _today(request)
        until = today + timedelta(days=int(self.value() or 0))
        return queryset.filter(term__endswith__gt=today, term__endswith__lte=until + timedelta(days=1))


def _today(request: HttpRequest) -> date:
    return local_day(request.now, vendor_zone())  # type: ignore[attr-defined]


class CustomerLevelToday(LevelToday):
    """E1: of any of the customer's contracts."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        periods = LevelPeriod.objects.filter(days__contains=_today(request), level=self.value())
        return queryset.filter(pk__in=periods.values("contract__customer"))


class YearEndsWithin(admin.SimpleListFilter):
    """E3: whose contract year ends soon, so that places lapse."""

    title = "contract year ends within"
    parameter_name = "year_ends"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(str(days), f"{days} days") for days in (30, 60, 90, 180)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        today = _today(request)
        until = today + timedelta(days=int(self.value() or 0) + 1)
        ending = ContractYear.objects.filter(days__contains=today, days__endswith__lte=until)
        return queryset.filter(pk__in=ending.values("contract__customer"))


@admin.register(Customer)
class CustomerAdmin(DeskAdmin):
    editable = True
    list_display = ("page", "external_id", "level_today", "year_ends", "next_session", "work")
    list_display_links = None
    list_filter = (CustomerLevelToday, YearEndsWithin)
    search_fields = ("name", "external_id")
    search_help_text = "Name or customer number"
    exported = {"work": ""}
    fields = ("name", "external_id", "work")
    readonly_fields = ("work",)
    inlines = (ContractsInline, MembersInline)
    why_empty = "No customer has been put on record."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        """With the level, the contract year and the next session of today, in the same query."""
        today = _today(request)
        of_theirs = {"contract__customer": OuterRef("pk")}
        levels = LevelPeriod.objects.filter(**of_theirs, days__contains=today).order_by("pk")
        years = ContractYear.objects.filter(**of_theirs, days__contains=today).order_by("days__endswith")
        sessions = BookedSession.objects.filter(
            engagement__contract__customer=OuterRef("pk"),
            released_at__isnull=True,
            held_at__isnull=True,
            during__startswith__gte=request.now,  # type: ignore[attr-defined]
        ).order_by("during")
        return (
            super()
            .get_queryset(request)
            .annotate(
                level_now=Subquery(levels.values("level")[:1]),
                year_end=Subquery(years.values("days__endswith")[:1]),
                next_start=Subquery(sessions.values("during__startswith")[:1]),
            )
        )

    @admin.display(description="level today", ordering="level_now")
    def level_today(self, customer: Customer) -> str:
        level = getattr(customer, "level_now", None)
        return str(Level(level).label) if level else "–"

    @admin.display(description="contract year ends", ordering="year_end")
    def year_ends(self, customer: Customer) -> str:
        end = getattr(customer, "year_end", None)
        return wording.day_in_short(end - timedelta(days=1)) if end else "–"

    @admin.display(description="next session", ordering="next_start")
    def next_session(self, customer: Customer) -> str:
        return local(getattr(customer, "next_start", None), vendor_zone())

    @admin.display(description="name", ordering="name")
    def page(self, customer: Customer) -> SafeString:
        return linked("admin:customer", customer.pk, customer.name)

    @admin.display(description="their")
    def work(self, customer: Customer) -> SafeString:
        if customer.pk is None:
            return SafeString("–")
        of_contracts = {"contract__customer": customer.pk}
        return links(
            [
                (reverse("admin:new_contract", query={"customer": customer.pk}), "New contract"),
                (list_of("entitlements_engagement", **of_contracts), "Engagements"),
                (list_of("sla_failure", **of_contracts), "Failures"),
                (list_of("sla_claim", **of_contracts), "Claims"),
                (list_of("sla_creditentry", customer=customer.pk), "Credits"),
                (list_of("entitlements_letter", customer=customer.pk), "Letters"),
                (reverse("admin:customer_people", args=[customer.pk]), "People and invitations"),
            ]
        )


@admin.register(Contract)
class ContractAdmin(DeskAdmin):
    list_display = ("order_form", "customer", "level_today", "period", "zone", "plan", "status")
    list_filter = ("status", LevelToday, EndsWithin, "plan", "customer")
    list_select_related = ("customer",)
    search_fields = ("order_form", "account", "customer__name", "customer__external_id")
    search_help_text = "Order form, account, customer"
    exported = {"period": ""}
    exported_besides = ("first_day", "last_day", "account", "currency", "discount_percent")
    why_empty = "No contract has been put on record."

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """M3: a contract has a page of its own."""
        return redirect("admin:contract", unquote(object_id))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contract]:
        today = LevelPeriod.objects.filter(contract=OuterRef("pk"), days__contains=_today(request))
        return super().get_queryset(request).annotate(level=Subquery(today.values("level")))

    @admin.display(description="term")
    def period(self, contract: Contract) -> str:
        return wording.days_in_words(contract.first_day, contract.last_day)

    @admin.display(description="level today")
    def level_today(self, contract: Any) -> str:
        return Level(contract.level).label if contract.level else "–"
