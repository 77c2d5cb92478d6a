"""What a manager fills in to change a contract's calendar, plan, terms, products and fees, and to renew it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions.fees import Fee
from entitlements.admin.engagement_forms import date_field
from entitlements.models import Contract, ContractProduct, FeeMonth, Product
from entitlements.models.contracts import check_zone
from entitlements.rules.days import add_months, first_of_month
from entitlements.wording import day_in_words
from sla.admin.contract_forms import ContractForm, reason_field
from sla.models import TermsPeriod

_DAY = timedelta(days=1)
A_YEAR = 12


def zone_field(**more: Any) -> forms.CharField:
    return forms.CharField(
        label="Zone",
        max_length=60,
        validators=[check_zone],
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
        help_text="Counts days, years and deadlines. Example: America/New_York.",
        **more,
    )


def percent_field(**more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label="Discount, in percent",
        min_value=0,
        max_value=100,
        max_digits=9,
        decimal_places=6,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short num"}),
        help_text="Off the list price. Example: 12.5. Without a discount: 0.",
        **more,
    )


def cost_field(label: str = "Cost of a seat a month", **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=0,
        max_digits=18,
        decimal_places=6,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short num"}),
        help_text="In the contract's currency. Example: 41.00.",
        **more,
    )


def seats_field(label: str = "Paid seats", **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=10_000_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short num"}),
        help_text="How many are paid for.",
        **more,
    )


class ZoneForm(ContractForm):
    """E3"""

    zone = zone_field()
    reason = reason_field("Example: the customer moved its operations; amendment 3.")


class StartForm(ContractForm):
    """E3"""

    first = date_field(
        "First day", help_text="Of the subscription, as the order form has it. Every year is counted from it."
    )
    reason = reason_field("Example: the order form says March 1; it was typed wrongly.")

    def prepare(self) -> None:
        self.fields["first"].initial = self.contract.first_day


class PlanForm(ContractForm):
    """S17"""

    plan = forms.CharField(label="Plan", max_length=60, help_text="As the price list names it.")
    discount_percent = percent_field()
    first = date_field("From", help_text="Today at the latest: what is agreed for later is entered when it begins.")
    reason = reason_field("The amendment, or what was agreed.")

    def prepare(self) -> None:
        discount = self.contract.discount_percent.normalize()
        now = {"plan": self.contract.plan, "discount_percent": f"{discount:f}", "first": self.today}
        for name, value in now.items():
            self.fields[name].initial = value


class TermsForm(ContractForm):
    """S1"""

    terms = forms.ChoiceField(
        label="Terms", choices=TermsPeriod.Kind.choices, help_text="Standard terms carry no credit based on loss."
    )
    first = date_field("From", help_text="The instant at which a failure occurs decides between old and new.")
    reason = reason_field("The agreement that says so.")


class TermsCorrectionForm(ContractForm):
    """S16"""

    first = date_field("Standard terms from", help_text="What occurred on this day or later comes under them.")
    document = forms.CharField(
        label="Document", max_length=200, help_text="The agreement that says that these are Standard terms."
    )
    reason = reason_field("What is wrong on record, and how it came to be. A second person reads it.")


class AddProductForm(ContractForm):
    """E9"""

    product = forms.ModelChoiceField(
        Product.objects.all(), label="Product", empty_label="Choose a product", help_text="What activities require."
    )
    first = date_field("From", help_text="The first day on which the contract includes it.")
    last = date_field("Until", help_text="The last day.")
    reason = reason_field("The order form or amendment.")

    def prepare(self) -> None:
        self.fields["first"].initial = max(self.today, self.contract.first_day)
        self.fields["last"].initial = self.contract.last_day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if (first := given.get("first")) and (last := given.get("last")) and last < first:
            self.add_error("last", "The last day lies before the first.")
        return given


class EndProductForm(ContractForm):
    """E9"""

    holding = forms.ModelChoiceField(
        ContractProduct.objects.none(), label="Product", empty_label="Choose a product", help_text="The one that ends."
    )
    last = date_field("Last day", help_text="From the day after, the contract does not include it.")
    reason = reason_field("What ended it.")

    def prepare(self) -> None:
        field = self.fields["holding"]
        field.queryset = self.contract.products.select_related("product")  # type: ignore[attr-defined]
        field.label_from_instance = lambda one: f"{one.product}, to {day_in_words(one.days.upper - _DAY)}"  # type: ignore[attr-defined]
        self.fields["last"].initial = self.today

    def given(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class MonthForm(ContractForm):
    """S11: one line of fees for a month, or two where seats or price changed within it."""

    month = forms.DateField(
        label="Month",
        input_formats=["%Y-%m", "%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
        help_text="A calendar month of the contract's zone.",
        error_messages={"invalid": "Month: write it as 2026-11."},
    )
    paid_seats = seats_field()
    cost_per_seat = cost_field()
    changed_on = date_field(
        "Changed on", required=False, help_text="Only where seats or cost changed within the month."
    )
    seats_after = seats_field("Paid seats from that day on", required=False)
    cost_after = cost_field("Cost of a seat from that day on", required=False)
    reason = reason_field("The invoice; for a correction, what was wrong.")

    def prepare(self) -> None:
        known = FeeMonth.objects.filter(contract=self.contract, month__lte=self.today).order_by("month", "days").last()
        self.fields["month"].initial = first_of_month(self.today)
        if known:
            self.fields["paid_seats"].initial = known.paid_seats
            self.fields["cost_per_seat"].initial = as_typed(known.cost_per_seat)

    def clean_month(self) -> date:
        return first_of_month(self.cleaned_data["month"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        month, changed = given.get("month"), given.get("changed_on")
        after = [given.get("seats_after"), given.get("cost_after")]
        if changed and month and not month < changed < add_months(month, 1):
            self.add_error("changed_on", "Changed on: choose a day of the month after its first.")
        if changed and None in after:
            self.add_error("changed_on", "Give both the seats and the cost from that day on.")
        if not changed and after != [None, None]:
            self.add_error("changed_on", "Give the day from which the other seats or cost hold.")
        return given

    def given(self) -> dict[str, Any]:
        typed = self.cleaned_data
        month, changed = typed["month"], typed["changed_on"]
        lines = [Fee(typed["cost_per_seat"], typed["paid_seats"])]
        if changed:
            lines = [
                Fee(typed["cost_per_seat"], typed["paid_seats"], DateRange(month, changed)),
                Fee(typed["cost_after"], typed["seats_after"], DateRange(changed, add_months(month, 1))),
            ]
        return {"contract": self.contract, "month": month, "lines": lines, "reason": typed["reason"]}


class RenewForm(ContractForm):
    """E3"""

    order_form = forms.CharField(label="Order form", max_length=60, help_text="The number of the new one.")
    last = date_field("Last day", help_text="It begins on the day after this contract's last.")
    paid_seats = seats_field(required=False)
    cost_per_seat = cost_field(required=False)

    def prepare(self) -> None:
        known = FeeMonth.objects.filter(contract=self.contract).order_by("month", "days").last()
        self.fields["last"].initial = add_months(self.contract.last_day + _DAY, A_YEAR) - _DAY
        if known:
            self.fields["paid_seats"].initial = known.paid_seats
            self.fields["cost_per_seat"].initial = as_typed(known.cost_per_seat)

    def clean_order_form(self) -> str:
        number = self.cleaned_data["order_form"]
        if Contract.objects.filter(order_form=number).exists():
            raise forms.ValidationError("A contract of this order form is on record already.")
        return str(number)


def as_typed(amount: Decimal) -> str:
    """41.000000 as a person would write it: 41.00."""
    whole, _, places = f"{amount:f}".partition(".")
    return f"{whole}.{places[:2].ljust(2, '0')}{places[2:].rstrip('0')}"
