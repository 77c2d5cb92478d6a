"""What elections count with (S17): the catalogue's list prices, and what a contract paid ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from entitlements.access import Who, contracts_visible_to, open_to
from entitlements.admin.pages import DeskRequest, done, page, refusals_of, what_happened
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal
from sla.actions import prices as actions
from sla.admin.maintenance_forms import EndHoursForm
from sla.admin.withdrawal_forms import CorrectPaidForm, PrepaidForm, PriceForm
from sla.business_days import vendor_zone
from sla.models import ListPrice, PrepaidPeriod

PRICES, PREPAID = "admin:list_prices", "admin:prepaid"
ABOUT_PREPAID = ("contract.prepaid_entered", "contract.prepaid_corrected")


@open_to(Who.MANAGERS)
def prices(request: DeskRequest) -> HttpResponse:
    """The list prices on record, and the form that adds one."""
    form = PriceForm(request.POST if request.method == "POST" else None, initial=_today(request))
    if request.method != "POST" or not form.is_valid():
        return _prices_page(request, form)
    given = {**form.cleaned_data, "currency": form.cleaned_data["currency"].upper()}
    if refusals := refusals_of(lambda: actions.enter_price(**given, by=request.user, now=request.now)):
        return _prices_page(request, form, refusals=refusals)
    return done(request, "The price is on record.", PRICES)


@open_to(Who.MANAGERS)
def end(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S17: a plan is sold at this price for the last time."""
    price = get_object_or_404(ListPrice, pk=pk)
    if request.method != "POST":
        return redirect(PRICES)
    form = EndHoursForm(request.POST, prefix=f"end-{pk}")
    if not form.is_valid():
        return _prices_page(request, PriceForm(initial=_today(request)), ending={pk: form})
    last = form.cleaned_data["last"]
    refusals = refusals_of(lambda: actions.end_price(price=price, last=last, by=request.user, now=request.now))
    if refusals:
        return _prices_page(request, PriceForm(initial=_today(request)), ending={pk: form}, refusals=refusals)
    return done(request, f"{price.plan}: its last day is on record.", PRICES)


@open_to(Who.MANAGERS)
def prepaid(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S17: what the contract paid ahead, and the form that adds to it."""
    contract = get_object_or_404(contracts_visible_to(request.user).select_related("customer"), pk=pk)
    form = PrepaidForm(request.POST if request.method == "POST" else None)
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        refusals = refusals_of(
            lambda: actions.enter_prepaid(contract=contract, **given, by=request.user, now=request.now)
        )
        if not refusals:
            return done(request, "What was paid ahead is on record.", PREPAID, contract.pk)
    return page(
        request,
        "admin/prepaid.html",
        title=f"Paid ahead: {contract.order_form}",
        contract=contract,
        periods=contract.prepaid_periods.select_related("entered_by"),
        zone=contract.tz,
        form=form,
        refusals=refusals,
        elections=contract.elections.running_or_prepared().select_related("withdrawal"),
        history=what_happened(contract.order_form, *ABOUT_PREPAID),
    )


@open_to(Who.MANAGERS)
def correct(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S17: another fee or sum for days on record."""
    own = PrepaidPeriod.objects.filter(contract__in=contracts_visible_to(request.user))
    period = get_object_or_404(own.select_related("contract__customer", "entered_by"), pk=pk)
    contract = period.contract
    form = CorrectPaidForm(
        request.POST if request.method == "POST" else None,
        initial={"fee": f"{period.fee.normalize():f}", "amount": period.amount},
    )
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        refusals = refusals_of(
            lambda: actions.correct_prepaid(prepaid=period, **given, by=request.user, now=request.now)
        )
        if not refusals:
            return done(request, "It is put right.", PREPAID, contract.pk)
    return page(
        request,
        "admin/correct_prepaid.html",
        title=f"Put right what was paid ahead: {contract.order_form}",
        period=period,
        contract=contract,
        zone=contract.tz,
        form=form,
        refusals=refusals,
    )


def _today(request: DeskRequest) -> dict[str, Any]:
    return {"first": local_day(request.now, vendor_zone())}


def _prices_page(
    request: DeskRequest,
    form: PriceForm,
    *,
    ending: dict[int, EndHoursForm] | None = None,
    refusals: Sequence[Refusal] = (),
) -> HttpResponse:
    ending = ending or {}
    rows = ListPrice.objects.select_related("entered_by")
    return page(
        request,
        "admin/list_prices.html",
        title="List prices",
        prices=[(one, ending.get(one.pk) or EndHoursForm(prefix=f"end-{one.pk}")) for one in rows],
        form=next(iter(ending.values()), form),
        price_form=form,
        refusals=refusals,
        zone=vendor_zone(),
        today=local_day(request.now, vendor_zone()),
    )


pages: list[tuple[str, Any, str]] = [
    ("prices/", prices, "list_prices"),
    ("prices/<int:pk>/end/", end, "end_price"),
    ("contracts/<int:pk>/prepaid/", prepaid, "prepaid"),
    ("contracts/prepaid/<int:pk>/", correct, "correct_prepaid"),
]
