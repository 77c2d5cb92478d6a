"""What a manager fills in to end loss-based credits (M7), and about the figures that this counts with (S17)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q

from entitlements.admin.engagement_forms import DeskForm, date_field, reason_field, time_field
from entitlements.models import Contract
from entitlements.rules.days import at_local_time, local_day
from entitlements.wording import zone_in_words
from sla import uploads
from sla.business_days import vendor_zone
from sla.models import Billing, Election
from sla.models.withdrawals import CHOICES
from sla.withdrawals import contracts_on_enterprise_terms

TAKEN_BACK = "take_back"
SILENCE = [("", "None is recorded: they stay"), *CHOICES]


def silence_field(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=SILENCE,
        required=False,
        widget=forms.RadioSelect,
        help_text="The notice says so. It is fixed with the release. On the lowest plan they stay in any case.",
    )


def why_field() -> forms.CharField:
    return forms.CharField(
        label="Why this choice",
        required=False,
        max_length=500,
        help_text="Kept with your name; not in the notice.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class SilenceForm(DeskForm):
    """S16: what holds for whoever does not choose, with its reason."""

    vendor_choice = silence_field("If nobody chooses")
    vendor_choice_why = why_field()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("vendor_choice") and not given.get("vendor_choice_why"):
            self.add_error("vendor_choice_why", "Say why the vendor chooses this.")
        return given


class PrepareForm(SilenceForm):
    """S16: for whom, and why; an order form or a customer's number a line, or all."""

    field_order = ("title", "why", "everybody", "contracts", "vendor_choice", "vendor_choice_why")
    title = forms.CharField(label="What it is called here", max_length=120, help_text="Customers do not read it.")
    why = forms.CharField(
        label="Why, for the customer",
        max_length=2000,
        help_text="The notice says it in these words.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    everybody = forms.BooleanField(
        label="All contracts that are on Enterprise terms today", required=False, help_text="Or name them below."
    )
    contracts = forms.CharField(
        label="Contracts",
        required=False,
        help_text="One a line: the number of an order form, or a customer's number for all of its contracts.",
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        free = contracts_on_enterprise_terms(local_day(self.now, vendor_zone()))
        typed = list(dict.fromkeys(line.strip() for line in given.get("contracts", "").splitlines() if line.strip()))
        if not typed and not given.get("everybody"):
            self.add_error("contracts", "Name at least one contract, or tick all of them.")
        found = {} if given.get("everybody") else _called(typed, list(free.filter(_by_number(typed))))
        for name, contracts in found.items():
            if not contracts:
                self.add_error("contracts", _why_not(name))
        named = {one.pk: one for contracts in found.values() for one in contracts}
        return given | {"chosen": list(free) if given.get("everybody") else list(named.values())}


def _by_number(names: list[str]) -> Q:
    return Q(order_form__in=names) | Q(customer__external_id__in=names)


def _called(names: list[str], contracts: list[Contract]) -> dict[str, list[Contract]]:
    return {name: [one for one in contracts if name in (one.order_form, one.customer.external_id)] for name in names}


def _why_not(name: str) -> str:
    """Of a number that names nothing to be withdrawn from."""
    called = Contract.objects.filter(_by_number([name]))
    if not called.exists():
        return f"No order form and no customer has this number: {name}."
    if (
        running := Election.objects.running_or_prepared()
        .filter(contract__in=called)
        .select_related("withdrawal", "contract")
        .first()
    ):
        return f"{running.contract.order_form} is part of {running.withdrawal.reference} already."
    return f"{name} names no contract that runs today and is on Enterprise terms."


class NoForm(DeskForm):
    """An act that asks nothing."""


class ReasonForm(DeskForm):
    reason = reason_field("Why", "It stays on record. Of a cancellation the customers read it.")


class WrittenForm(DeskForm):
    """S16: a choice that came in writing, with its document; it counts by its arrival."""

    choice = forms.ChoiceField(
        label="What they chose",
        choices=[*CHOICES, (TAKEN_BACK, "They take back what they chose")],
        widget=forms.RadioSelect,
    )
    signer = forms.CharField(label="Who signed", max_length=200, help_text="Name and office, as the document has them.")
    arrived_day = date_field("Arrived on")
    arrived_time = time_field("Arrived at", seconds=True)
    document = forms.FileField(label="The document itself", help_text=f"{uploads.ALLOWED}.")

    def __init__(self, *args: Any, election: Election, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = election.tz
        self.fields["arrived_time"].help_text = f"In {zone_in_words(self.zone)}. This is the receipt."

    def clean_document(self) -> uploads.CheckedFile:
        try:
            return uploads.check(self.cleaned_data["document"])
        except uploads.RefusedFile as refused:
            raise forms.ValidationError(str(refused)) from refused

    @property
    def received_at(self) -> datetime:
        given = self.cleaned_data
        return at_local_time(datetime.combine(given["arrived_day"], given["arrived_time"]), self.zone)


class PriceForm(DeskForm):
    """S17: a plan's list price, from a day on."""

    plan = forms.CharField(label="Plan", max_length=60, help_text="As it is called in contracts.")
    billing_period = forms.ChoiceField(label="The price is for", choices=Billing.choices, initial="month")
    currency = forms.CharField(label="Currency", max_length=3, min_length=3, initial="USD", help_text="As in USD.")
    price = forms.DecimalField(
        label="Price per user", min_value=0, max_digits=18, decimal_places=6, help_text="Before any discount."
    )
    rank = forms.IntegerField(
        label="Place in the catalogue",
        min_value=0,
        max_value=999,
        help_text="Decides between equal prices; the first comes first.",
    )
    first = date_field("On sale from", help_text="The first day.")
    last = date_field("On sale to", required=False, help_text="The last day. Empty: until further notice.")
    offered = forms.BooleanField(
        label="It is offered to those who shift",
        required=False,
        initial=True,
        help_text="Untick it for a plan that is not open to them.",
    )


class PaidForm(DeskForm):
    """S17: the fee, and the sum for all of the days."""

    fee = forms.DecimalField(
        label="Fee per user", min_value=0, max_digits=18, decimal_places=6, help_text="As agreed, after the discount."
    )
    amount = forms.DecimalField(
        label="Paid ahead in all",
        min_value=0,
        max_digits=14,
        decimal_places=2,
        help_text="For all of these days and users. Zero if nothing was paid ahead.",
    )


class CorrectPaidForm(PaidForm):
    """S17: what is on record for these days was wrong."""

    reason = reason_field("Why", "What was wrong, and the document that shows it. It stays on record.")


class PrepaidForm(PaidForm):
    """S17: what a contract paid ahead."""

    field_order = ("billing_period", "fee", "amount", "first", "last", "document")
    billing_period = forms.ChoiceField(label="The fee is for", choices=Billing.choices, initial="month")
    first = date_field("First day paid")
    last = date_field("Last day paid")
    document = forms.CharField(label="Document", max_length=200, help_text="The invoice or order form that says so.")
