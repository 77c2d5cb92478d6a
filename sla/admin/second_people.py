"""What waits for a second person about terms and elections, as lists (S16); and the memos of shift credits, as finance's file (S17)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.admin.base import DeskAdmin, HappenedFilter, linked, local
from entitlements.admin.queues import vendor_zone
from sla.admin.queues import LATE_CHOICES, TERMS_CORRECTIONS
from sla.models import LateChoice, ShiftMemo, TermsCorrection


def outcome_of(one: TermsCorrection | LateChoice) -> str:
    if one.approved_by:
        return f"Approved by {one.approved_by}"
    return f"Given back by {one.returned_by}" if one.returned_by else "Waits"


@admin.register(TermsCorrection)
class TermsCorrectionAdmin(DeskAdmin):
    list_display = ("page", "customer", "order_form", "document", "proposed", "proposed_by", "outcome")
    list_display_links = None
    list_filter = (("approved_at", HappenedFilter), ("returned_at", HappenedFilter))
    list_select_related = ("contract__customer", "proposed_by", "approved_by", "returned_by")
    search_fields = ("contract__order_form", "contract__customer__name", "document")
    search_help_text = "Order form, customer, document"
    queues = TERMS_CORRECTIONS
    exported = {"proposed": "proposed_at", "page": "first"}
    exported_besides = ("reason", "return_reason")
    fields = ("page", "contract", "document", "reason", "proposed", "proposed_by", "outcome")
    why_empty = "A correction to Standard terms is proposed from the page of a contract that is on Enterprise terms."

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """A correction has a page of its own."""
        return redirect("admin:terms_correction", get_object_or_404(TermsCorrection, pk=object_id).pk)

    @admin.display(description="Standard terms from", ordering="first")
    def page(self, one: TermsCorrection) -> SafeString:
        return linked("admin:terms_correction", one.pk, wording.weekday_in_words(one.first))

    @admin.display(description="customer", ordering="contract__customer__name")
    def customer(self, one: TermsCorrection) -> str:
        return one.contract.customer.name

    @admin.display(description="order form", ordering="contract__order_form")
    def order_form(self, one: TermsCorrection) -> str:
        return one.contract.order_form

    @admin.display(description="proposed", ordering="proposed_at")
    def proposed(self, one: TermsCorrection) -> str:
        return local(one.proposed_at, vendor_zone())

    @admin.display(description="settled")
    def outcome(self, one: TermsCorrection) -> str:
        return outcome_of(one)


@admin.register(LateChoice)
class LateChoiceAdmin(DeskAdmin):
    list_display = ("page", "customer", "what", "signer", "received", "proposed", "proposed_by", "outcome")
    list_display_links = None
    list_filter = ("choice", ("approved_at", HappenedFilter))
    list_select_related = ("election__contract__customer", "proposed_by", "approved_by", "returned_by")
    search_fields = ("election__reference", "election__contract__order_form", "election__contract__customer__name")
    search_help_text = "Election, order form, customer"
    queues = LATE_CHOICES
    exported = {"received": "received_at", "proposed": "proposed_at", "what": "choice"}
    fields = ("page", "what", "signer", "received", "proposed", "proposed_by", "outcome")
    why_empty = (
        "A choice in writing that is entered after its election took effect comes here, from the page of the election."
    )

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """It is settled on the page of its election."""
        late = get_object_or_404(LateChoice.objects.select_related("election"), pk=object_id)
        return redirect("admin:election", late.election.reference)

    @admin.display(description="election", ordering="election__reference")
    def page(self, one: LateChoice) -> SafeString:
        return linked("admin:election", one.election.reference)

    @admin.display(description="customer", ordering="election__contract__customer__name")
    def customer(self, one: LateChoice) -> str:
        return one.election.contract.customer.name

    @admin.display(description="choice", ordering="choice")
    def what(self, one: LateChoice) -> str:
        return one.get_choice_display() or "Taken back"

    @admin.display(description="arrived", ordering="received_at")
    def received(self, one: LateChoice) -> str:
        return local(one.received_at, one.election.tz)

    @admin.display(description="entered", ordering="proposed_at")
    def proposed(self, one: LateChoice) -> str:
        return local(one.proposed_at, vendor_zone())

    @admin.display(description="settled")
    def outcome(self, one: LateChoice) -> str:
        return outcome_of(one)


@admin.register(ShiftMemo)
class ShiftMemoAdmin(DeskAdmin):
    list_display = ("memo", "customer", "page", "amount_in_words", "effect", "issued")
    list_display_links = None
    list_filter = ("currency", "issued_at")
    date_hierarchy = "issued_at"
    list_select_related = ("customer", "election__contract")
    search_fields = (
        *("customer__name", "customer__external_id", "election__reference"),
        "election__contract__order_form",
    )
    search_help_text = "Customer, election, order form"
    ordering = ("-number",)
    exported = {
        "memo": "memo_number",
        "amount_in_words": "amount",
        "effect": "election__effect_day",
        "issued": "issued_at",
    }
    exported_besides = ("currency", "customer__external_id", "election__contract__order_form", "made_out_to")
    fields = ("memo", "customer", "page", "amount_in_words", "effect", "issued")
    why_empty = "A memo is written when an election takes effect by which a customer shifts to a lower plan."

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """How a memo came about stands on the page of its election."""
        memo = get_object_or_404(ShiftMemo.objects.select_related("election"), pk=object_id)
        return redirect("admin:election", memo.election.reference)

    @admin.display(description="memo", ordering="number")
    def memo(self, one: ShiftMemo) -> SafeString:
        address = reverse("admin:election_memo", args=[one.election.reference, one.number])
        return format_html('<a class="ref" href="{}">{}</a>', address, one.memo_number)

    @admin.display(description="election", ordering="election__reference")
    def page(self, one: ShiftMemo) -> SafeString:
        return linked("admin:election", one.election.reference)

    @admin.display(description="amount", ordering="amount")
    def amount_in_words(self, one: ShiftMemo) -> str:
        return wording.money_in_words(one.amount, one.currency)

    @admin.display(description="day of effect", ordering="election__effect_day")
    def effect(self, one: ShiftMemo) -> Any:
        return one.election.effect_day

    @admin.display(description="issued", ordering="issued_at")
    def issued(self, one: ShiftMemo) -> str:
        return local(one.issued_at, one.election.tz)
