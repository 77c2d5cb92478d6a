"""Customers and their contracts, to look up; a contract is put on record by an action, not typed into its tables."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Count, DateField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.admin.base import DeskAdmin, ReadOnlyInline, linked, local, named
from entitlements.admin.queues import vendor_zone
from entitlements.models import BookedSession, Contract, ContractYear, Customer, Level, LevelPeriod, Membership, Role
from entitlements.rules.days import local_day

_LAST_DAY = ExpressionWrapper(F("days__endswith") - 1, output_field=DateField())


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


class WhoSignsIn(admin.SimpleListFilter):
    """C1: a new customer has nobody until an owner is invited; until then no letter reaches it."""

    title = "who signs in"
    parameter_name = "people"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("nobody", "Nobody yet"), ("no_owner", "No owner")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        current = Membership.objects.filter(left_at__isnull=True)
        if self.value() == "no_owner":
            current = current.filter(roles__contains=[Role.OWNER])
        return queryset.exclude(pk__in=current.values("customer"))


@admin.register(Customer)
class CustomerAdmin(DeskAdmin):
    editable = True
    list_display = ("page", "external_id", "level_today", "year_ends", "next_session", "people")
    list_display_links = None
    list_filter = (CustomerLevelToday, YearEndsWithin, WhoSignsIn)
    search_fields = ("name", "external_id")
    search_help_text = "Name or customer number"
    exported = {"year_ends": "year_last", "next_session": "next_start", "people": "members"}
    fields = ("name", "external_id")
    inlines = (ContractsInline, MembersInline)
    why_empty = "No customer has been put on record."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        """With the level, the contract year, the next session and the people of today, in the same query."""
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
                year_last=Subquery(years.values(last=_LAST_DAY)[:1]),
                next_start=Subquery(sessions.values("during__startswith")[:1]),
                members=Count("memberships", filter=Q(memberships__left_at__isnull=True)),
            )
        )

    @admin.display(description="level today", ordering="level_now")
    def level_today(self, customer: Customer) -> str:
        level = getattr(customer, "level_now", None)
        return str(Level(level).label) if level else "–"

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Whoever is being added has neither contracts nor people yet."""
        return super().get_inlines(request, obj) if obj else ()

    @admin.display(description="contract year ends", ordering="year_last")
    def year_ends(self, customer: Any) -> str:
        return wording.day_in_short(customer.year_last) if customer.year_last else "–"

    @admin.display(description="next session", ordering="next_start")
    def next_session(self, customer: Customer) -> str:
        return local(getattr(customer, "next_start", None), vendor_zone())

    @admin.display(description="name", ordering="name")
    def page(self, customer: Customer) -> SafeString:
        return named("admin:customer", customer.pk, customer.name)

    @admin.display(description="people", ordering="members")
    def people(self, customer: Any) -> SafeString:
        return named("admin:customer_people", customer.pk, customer.members or "Invite an owner")


@admin.register(Contract)
class ContractAdmin(DeskAdmin):
    list_display = ("order_form", "customer", "level_today", "period", "zone", "plan", "status")
    list_filter = ("status", LevelToday, EndsWithin, "plan")
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
