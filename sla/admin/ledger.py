"""M6: the ledger of credits. Lines are only ever added; a balance is their sum."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.admin.base import DeskAdmin, HappenedFilter, linked, local
from entitlements.admin.queues import vendor_zone
from sla.admin.queues import POSTINGS
from sla.models import Credit, CreditEntry, LedgerProof, Posting


class _Money(DeskAdmin):
    """A list whose rows have a sum, a credit and two people."""

    @admin.display(description="amount", ordering="amount")
    def amount_in_words(self, one: Any) -> str:
        return wording.money_in_words(one.amount, one.credit.currency)

    @admin.display(description="credit")
    def credit_page(self, one: Any) -> SafeString:
        return linked("admin:credit", one.credit.reference)

    @admin.display(description="claim")
    def page(self, one: Any) -> SafeString:
        return linked("admin:claim", one.credit.claim.reference)


@admin.register(Credit)
class CreditAdmin(DeskAdmin):
    list_display = ("own_page", "customer", "cause", "page", "granted", "balance", "voided")
    list_display_links = None
    list_select_related = ("customer", "cause", "claim__contract")
    list_filter = (("voided_at", HappenedFilter),)
    search_fields = ("reference", "customer__name", "claim__reference", "cause__reference")
    search_help_text = "Reference, customer, claim, cause"
    exported = {"granted": "granted_sum", "balance": "balance_sum", "voided": "voided_at"}
    exported_besides = ("claim__contract__currency",)
    fields = ("reference", "customer", "cause", "page", "proposal", "voided_at", "voided_by")
    why_empty = "A credit is granted when a second person approves a claim; one for a customer and a cause (S12)."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Credit]:
        """With what was granted and what is left of each."""
        entries = CreditEntry.objects.filter(credit=OuterRef("pk")).order_by()
        left = entries.values("credit").annotate(sum=Sum("amount")).values("sum")
        granted = entries.filter(kind=CreditEntry.Kind.GRANT).values("amount")
        return super().get_queryset(request).annotate(balance_sum=Subquery(left), granted_sum=Subquery(granted))

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """A credit has a page of its own."""
        return redirect("admin:credit", get_object_or_404(Credit, pk=_number(object_id)).reference)

    @admin.display(description="credit", ordering="reference")
    def own_page(self, credit: Credit) -> SafeString:
        return linked("admin:credit", credit.reference)

    @admin.display(description="claim")
    def page(self, credit: Credit) -> SafeString:
        return linked("admin:claim", credit.claim.reference)

    @admin.display(description="granted", ordering="granted_sum")
    def granted(self, credit: Credit) -> str:
        return wording.money_in_words(credit.granted_sum or 0, credit.currency)  # type: ignore[attr-defined]

    @admin.display(description="left", ordering="balance_sum")
    def balance(self, credit: Credit) -> str:
        return wording.money_in_words(credit.balance_sum or 0, credit.currency)  # type: ignore[attr-defined]

    @admin.display(description="void since", ordering="voided_at")
    def voided(self, credit: Credit) -> str:
        return local(credit.voided_at, vendor_zone())


@admin.register(CreditEntry)
class CreditEntryAdmin(_Money):
    list_display = (
        *("posted", "customer", "credit_page", "page", "kind", "invoice", "amount_in_words", "balance"),
        *("proposed_by", "approved_by", "paper"),
    )
    list_display_links = None
    list_filter = ("kind", "currency", "posted_at")
    date_hierarchy = "posted_at"
    exported = {"posted": "posted_at", "balance": "balance_after", "amount_in_words": "amount", "paper": "memo_number"}
    exported_besides = ("currency", "customer__external_id", "credit__claim__contract__order_form", "note")
    list_select_related = ("customer", "credit__claim__contract", "proposed_by", "approved_by")
    search_fields = (
        *("customer__name", "customer__external_id", "credit__reference", "credit__claim__reference", "invoice"),
    )
    search_help_text = "Customer, credit, claim, invoice"
    ordering = ("-id",)
    fields = ("posted", "customer", "kind", "amount_in_words", "proposed_by", "approved_by", "note", "corrects")
    why_empty = "A line is posted when a second person approves a claim."

    def get_queryset(self, request: HttpRequest) -> QuerySet[CreditEntry]:
        """With the customer's balance after each line, whatever else the list is filtered by."""
        so_far = CreditEntry.objects.filter(
            customer=OuterRef("customer"), currency=OuterRef("currency"), id__lte=OuterRef("id")
        )
        sums = so_far.order_by().values("customer").annotate(sum=Sum("amount")).values("sum")
        return super().get_queryset(request).annotate(balance_after=Subquery(sums))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """With the sums of exactly the rows that are shown, all pages of them: those of the file are the same."""
        response = super().changelist_view(request, extra_context)
        changes = getattr(response, "context_data", {}).get("cl")
        if changes is not None:
            shown = CreditEntry.objects.filter(pk__in=changes.queryset.order_by().values("pk"))
            sums = shown.order_by("currency").values("currency").annotate(sum=Sum("amount"), lines=Count("pk"))
            response.context_data["sums"] = list(sums)
        return response

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """How a line came about stands on the page of its credit."""
        entry = get_object_or_404(CreditEntry.objects.select_related("credit"), pk=_number(object_id))
        return redirect("admin:credit", entry.credit.reference)

    @admin.display(description="posted", ordering="id")
    def posted(self, entry: CreditEntry) -> str:
        return local(entry.posted_at, vendor_zone())

    @admin.display(description="customer's balance after it")
    def balance(self, entry: CreditEntry) -> str:
        return wording.money_in_words(entry.balance_after, entry.currency)  # type: ignore[attr-defined]

    @admin.display(description="memo", ordering="memo")
    def paper(self, entry: CreditEntry) -> str:
        return entry.memo_number or "–"


@admin.register(Posting)
class PostingAdmin(_Money):
    list_display = ("own_page", "credit_page", "page", "amount_in_words", "proposed", "proposed_by", "outcome")
    list_display_links = None
    list_filter = ("kind",)
    list_select_related = ("credit__claim__contract", "proposed_by", "approved_by", "returned_by")
    search_fields = ("credit__reference", "credit__customer__name", "credit__claim__reference", "invoice")
    search_help_text = "Credit, customer, claim, invoice"
    queues = POSTINGS
    exported = {"proposed": "proposed_at", "amount_in_words": "amount"}
    exported_besides = ("credit__claim__contract__currency", "invoice", "reason")
    fields = ("kind", "amount_in_words", "proposed_by", "reason")
    why_empty = "A line is proposed from the page of a credit."

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """A proposed line has a page of its own."""
        return redirect("admin:posting", get_object_or_404(Posting, pk=_number(object_id)).pk)

    @admin.display(description="line", ordering="kind")
    def own_page(self, posting: Posting) -> SafeString:
        return linked("admin:posting", posting.pk, posting.get_kind_display())

    @admin.display(description="proposed", ordering="proposed_at")
    def proposed(self, posting: Posting) -> str:
        return local(posting.proposed_at, vendor_zone())

    @admin.display(description="outcome")
    def outcome(self, posting: Posting) -> str:
        if posting.approved_by:
            return f"posted, approved by {posting.approved_by}"
        return f"returned by {posting.returned_by}" if posting.returned_by else "waits for a second person"


@admin.register(LedgerProof)
class LedgerProofAdmin(DeskAdmin):
    list_display = ("day", "made", "verdict", "entries", "sums", "hash")
    list_filter = ("day",)
    search_fields = ("hash",)
    search_help_text = "Hash"
    exported = {"made": "made_at"}
    fields = ("day", "made", "verdict", "entries", "last_entry", "sums", "hash")
    why_empty = "The clock proves the ledger once a day. Start worker and beat, or run manage.py sweep."

    @admin.display(description="made", ordering="made_at")
    def made(self, proof: LedgerProof) -> str:
        return local(proof.made_at, vendor_zone())

    @admin.display(description="found")
    def verdict(self, proof: LedgerProof) -> str:
        return "balanced" if proof.balanced else " ".join(proof.troubles)

    @admin.display(description="balances")
    def sums(self, proof: LedgerProof) -> str:
        return ", ".join(f"{currency} {amount}" for currency, amount in proof.balances.items()) or "nothing yet"


def _number(object_id: str) -> int:
    return int(object_id) if object_id.isdecimal() else 0
