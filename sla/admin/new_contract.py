"""A new contract at the desk, for a customer on record or a new one: typed, looked at, confirmed (E1, E3, S1, S11)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse

from entitlements import wording
from entitlements.access import Who, open_to
from entitlements.actions.fees import Fee
from entitlements.admin.engagement_forms import date_field
from entitlements.admin.pages import DeskRequest, done, page
from entitlements.forms.base import PortalForm
from entitlements.models import Contract, Customer, Level, PolicyEdition, Product
from entitlements.rules.contract_years import contract_years
from entitlements.rules.days import zone_names
from entitlements.rules.editions import LEVELS, edition_for
from sla.actions.contract_terms import open_on_terms
from sla.admin.contract_previews import Preview, Table
from sla.admin.contract_term_forms import cost_field, percent_field, seats_field, zone_field
from sla.models import TermsPeriod


class NewContractForm(PortalForm):
    """Everything that an order form says of a contract, by what it is called there."""

    use_required_attribute = False

    customer = forms.ModelChoiceField(
        Customer.objects.all(),
        required=False,
        empty_label="A new customer",
        help_text="Or fill in the next two fields.",
    )
    name = forms.CharField(
        label="Name of a new customer", max_length=200, required=False, help_text="As the firm writes it."
    )
    number = forms.CharField(
        label="Customer number of a new customer",
        max_length=60,
        required=False,
        help_text="As in your CRM; imports find it by it.",
    )
    order_form = forms.CharField(label="Order form", max_length=60, help_text="Its number.")
    account = forms.CharField(
        label="Account",
        max_length=100,
        help_text="The customer's account that the products run on. Example: acme.example.",
    )
    first = date_field("First day", help_text="Of the subscription. Every contract year is counted from it.")
    last = date_field("Last day", help_text="It belongs to the term.")
    zone = zone_field()
    currency = forms.CharField(label="Currency", max_length=3, min_length=3, initial="USD", help_text="Three letters.")
    level = forms.ChoiceField(label="Level", choices=Level.choices, help_text="The caps of the policy follow from it.")
    terms = forms.ChoiceField(
        label="Terms", choices=TermsPeriod.Kind.choices, help_text="Standard terms carry no credit based on loss."
    )
    products = forms.ModelMultipleChoiceField(
        Product.objects.all(), widget=forms.CheckboxSelectMultiple, required=False, help_text="For the whole term."
    )
    plan = forms.CharField(label="Plan", max_length=60, help_text="As the price list names it.")
    discount_percent = percent_field(initial="0")
    paid_seats = seats_field(required=False)
    cost_per_seat = cost_field(required=False)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        new = [given.get("name"), given.get("number")]
        if not given.get("customer") and not all(new):
            self.add_error("customer", "Choose a customer, or give the name and the number of a new one.")
        if given.get("customer") and any(new):
            self.add_error("customer", "Choose a customer or give a new one, not both.")
        if (first := given.get("first")) and (last := given.get("last")) and last < first:
            self.add_error("last", "The last day lies before the first.")
        return given

    def given(self) -> dict[str, Any]:
        """What the action is given, by name."""
        typed = dict(self.cleaned_data)
        seats, cost = typed.pop("paid_seats"), typed.pop("cost_per_seat")
        level, products = typed.pop("level"), typed.pop("products")
        fee = Fee(cost, seats) if seats is not None and cost is not None else None
        return {
            **typed,
            "levels": [(typed["first"], level)],
            "products": [product.pk for product in products],
            "fee": fee,
        }

    def _asked_for(self) -> Iterator[str]:
        yield from super()._asked_for()
        yield "step"


@open_to(Who.MANAGERS)
def new_contract(request: DeskRequest) -> HttpResponse:
    """The form, what it would put on record, and, confirmed, the contract."""
    if request.method != "POST":
        asked = request.GET.get("customer", "")
        return _form(request, NewContractForm(initial={"customer": asked} if asked.isdecimal() else {}))
    form = NewContractForm(request.POST)
    if not form.is_valid():
        return _form(request, form)
    if request.POST.get("step") != "confirm":
        return _form(request, form, _preview(form))
    try:
        contract = open_on_terms(**form.given(), by=request.user, now=request.now)
    except ValidationError as error:
        for message in error.messages:
            form.add_error(None, message)
        return _form(request, form)
    return done(request, "The contract is on record.", "admin:contract", contract.pk)


def _preview(form: NewContractForm) -> Preview:
    """E2, E3: the contract's years, each with the edition that governs it; and another contract that stands in the way."""
    given, editions = form.cleaned_data, PolicyEdition.objects.facts()
    rows = [
        (f"Year {year.n}", wording.days_in_words(year.first, year.last), edition_for(editions, year.first).name)
        for year in contract_years(given["first"], given["last"])
    ]
    whose = given["customer"] or given["name"]
    sentences = (
        f"{given['order_form']} for {whose}: {LEVELS[given['level']]}, {TermsPeriod.Kind(given['terms']).label}.",
        *_in_the_way(form),
    )
    return Preview(sentences, (Table("Its contract years", "E3", ("Year", "Days", "Governed by"), rows, ""),))


def _in_the_way(form: NewContractForm) -> list[str]:
    given = form.cleaned_data
    known = Contract.objects.filter(order_form=given["order_form"])
    other = Contract.objects.filter(
        customer=given["customer"], account=given["account"], term__overlap=(given["first"], given["last"])
    )
    said = [f"The order form {one.order_form} is on record already; this will be refused." for one in known]
    return said + [
        f"{one.order_form} covers the same account on some of these days; this will be refused." for one in other
    ]


def _form(request: DeskRequest, form: NewContractForm, preview: Preview | None = None) -> HttpResponse:
    return page(
        request,
        "admin/new_contract.html",
        title="New contract",
        form=form,
        preview=preview,
        zones=sorted(zone_names()),
        hidden=[field.as_hidden() for field in form] if preview else [],
    )
