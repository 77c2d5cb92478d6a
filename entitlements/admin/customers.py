"""Customers and their contracts, to look up; a contract is put on record by an action, not typed into its tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.admin.base import DeskAdmin, ReadOnlyInline, linked, links, list_of
from entitlements.models import (
    CapOverride,
    Contract,
    ContractProduct,
    ContractYear,
    Customer,
    FeeMonth,
    LevelPeriod,
    Membership,
)


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


@admin.register(Customer)
class CustomerAdmin(DeskAdmin):
    editable = True
    list_display = ("name", "external_id", "work")
    search_fields = ("name", "external_id")
    search_help_text = "Name or customer number"
    exported = {"work": ""}
    fields = ("name", "external_id", "work")
    readonly_fields = ("work",)
    inlines = (ContractsInline, MembersInline)
    why_empty = "No customer has been put on record."

    @admin.display(description="their")
    def work(self, customer: Customer) -> SafeString:
        if customer.pk is None:
            return SafeString("–")
        of_contracts = {"contract__customer": customer.pk}
        return links(
            [
                (list_of("entitlements_engagement", **of_contracts), "Engagements"),
                (list_of("sla_failure", **of_contracts), "Failures"),
                (list_of("sla_claim", **of_contracts), "Claims"),
                (list_of("sla_creditentry", customer=customer.pk), "Credits"),
                (list_of("entitlements_letter", customer=customer.pk), "Letters"),
            ]
        )


class LevelsInline(ReadOnlyInline):
    model = LevelPeriod
    fields = ("level", "period")
    readonly_fields = ("period",)
    verbose_name_plural = "levels (E1)"

    @admin.display(description="days")
    def period(self, row: LevelPeriod) -> str:
        return days_in_words(row)


class YearsInline(ReadOnlyInline):
    model = ContractYear
    fields = ("n", "period", "ends")
    readonly_fields = ("period", "ends")
    verbose_name_plural = "contract years (E3)"

    @admin.display(description="days")
    def period(self, row: ContractYear) -> str:
        return days_in_words(row)

    @admin.display(description="ends before")
    def ends(self, row: ContractYear) -> str:
        return wording.moment_in_short(row.ends_at, row.contract.tz)


class ProductsInline(ReadOnlyInline):
    model = ContractProduct
    fields = ("product", "period")
    readonly_fields = ("period",)
    verbose_name_plural = "products (E9)"

    @admin.display(description="days")
    def period(self, row: ContractProduct) -> str:
        return days_in_words(row)


class OverridesInline(ReadOnlyInline):
    model = CapOverride
    fields = ("activity", "pool_key", "cap", "unlimited", "document", "reason")
    verbose_name_plural = "overrides of caps (E8)"


class FeesInline(ReadOnlyInline):
    model = FeeMonth
    fields = ("for_month", "cost", "paid_seats")
    readonly_fields = ("for_month", "cost")
    verbose_name_plural = "fees (S11)"
    ordering = ("-month",)

    @admin.display(description="month")
    def for_month(self, row: FeeMonth) -> str:
        return f"{row.month:%B %Y}"

    @admin.display(description="cost of a seat")
    def cost(self, row: FeeMonth) -> str:
        return wording.number_in_words(row.cost_per_seat)


def days_in_words(row: Any) -> str:
    """A period of days of a contract; its last day is included."""
    return wording.days_in_words(row.days.lower, row.days.upper - timedelta(days=1))


@admin.register(Contract)
class ContractAdmin(DeskAdmin):
    list_display = ("order_form", "customer", "level_today", "period", "zone", "plan", "status")
    list_filter = ("status", "levels__level")
    list_select_related = ("customer",)
    search_fields = ("order_form", "account", "customer__name", "customer__external_id")
    search_help_text = "Order form, account, customer"
    exported = {"period": ""}
    exported_besides = ("first_day", "last_day", "account", "currency", "discount_percent")
    fields = ("customer", "order_form", "account", "period", "zone", "currency", "plan", "discount_percent", "status")
    readonly_fields = ("period",)
    inlines = (LevelsInline, YearsInline, ProductsInline, OverridesInline, FeesInline)
    why_empty = "No contract has been put on record."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contract]:
        return super().get_queryset(request).prefetch_related("levels")

    @admin.display(description="term")
    def period(self, contract: Contract) -> str:
        return wording.days_in_words(contract.first_day, contract.last_day)

    @admin.display(description="level, last on record")
    def level_today(self, contract: Contract) -> str:
        levels = list(contract.levels.all())
        return levels[-1].get_level_display() if levels else "–"
