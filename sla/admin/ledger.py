"""M6: the ledger of credits. Lines are only ever added; a balance is their sum."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.admin.base import DeskAdmin, linked, local
from entitlements.admin.queues import vendor_zone
from entitlements.models import Customer
from sla.models import Credit, CreditEntry


@admin.register(Credit)
class CreditAdmin(DeskAdmin):
    list_display = ("reference", "customer", "cause", "page")
    list_select_related = ("customer", "cause", "claim")
    search_fields = ("reference", "customer__name", "claim__reference", "cause__reference")
    search_help_text = "Reference, customer, claim, cause"
    fields = ("reference", "customer", "cause", "page", "proposal", "voided_at", "voided_by")
    why_empty = "A credit is granted when a second person approves a claim; one for a customer and a cause (S12)."

    @admin.display(description="claim")
    def page(self, credit: Credit) -> SafeString:
        return linked("admin:claim", credit.claim.reference)


@admin.register(CreditEntry)
class CreditEntryAdmin(DeskAdmin):
    list_display = (
        *("posted", "customer", "credit", "page", "kind", "amount_in_words", "balance"),
        *("proposed_by", "approved_by"),
    )
    list_filter = ("kind", "currency", "posted_at")
    exported = {"posted": "posted_at", "balance": "balance_after"}
    exported_besides = ("currency",)
    list_select_related = ("customer", "credit__claim", "proposed_by", "approved_by", "credit")
    search_fields = ("customer__name", "customer__external_id", "credit__reference", "credit__claim__reference")
    search_help_text = "Customer, credit, claim"
    ordering = ("-id",)
    fields = (
        *("posted", "customer", "credit", "page", "kind", "amount_in_words", "balance", "proposed_by", "approved_by"),
        *("note", "corrects"),
    )
    why_empty = "A line is posted when a second person approves a claim."

    def get_queryset(self, request: HttpRequest) -> QuerySet[CreditEntry]:
        """With the customer's balance after each line, whatever else the list is filtered by."""
        so_far = CreditEntry.objects.filter(
            customer=OuterRef("customer"), currency=OuterRef("currency"), id__lte=OuterRef("id")
        )
        sums = so_far.order_by().values("customer").annotate(sum=Sum("amount")).values("sum")
        return super().get_queryset(request).annotate(balance_after=Subquery(sums))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(
            request, {"balances": _balances(request.GET.get("customer")), **(extra_context or {})}
        )

    @admin.display(description="posted", ordering="id")
    def posted(self, entry: CreditEntry) -> str:
        return local(entry.posted_at, vendor_zone())

    @admin.display(description="claim")
    def page(self, entry: CreditEntry) -> SafeString:
        return linked("admin:claim", entry.credit.claim.reference)

    @admin.display(description="amount", ordering="amount")
    def amount_in_words(self, entry: CreditEntry) -> str:
        return wording.money_in_words(entry.amount, entry.currency)

    @admin.display(description="customer's balance after it")
    def balance(self, entry: CreditEntry) -> str:
        return wording.money_in_words(entry.balance_after, entry.currency)  # type: ignore[attr-defined]


def _balances(customer: str | None) -> list[dict[str, Any]]:
    """The balance of the one customer that the list is for, by currency; nothing where it is for all."""
    if not customer or not customer.isdigit():
        return []
    entries = CreditEntry.objects.filter(customer=int(customer))
    name = Customer.objects.filter(pk=int(customer)).values_list("name", flat=True).first()
    sums = entries.order_by("currency").values("currency").annotate(sum=Sum("amount"), lines=Count("pk"))
    return [{"customer": name, **one} for one in sums]
