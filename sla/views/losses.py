"""How a draft shows its loss, beside the list of transactions: by the rate of the months before (S10), and the expenses (S9)."""

from __future__ import annotations

from django.contrib import messages
from django.forms import model_to_dict
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from entitlements.access import Who, open_to
from entitlements.rules.days import local_day
from entitlements.rules.money import cents
from sla.actions import losses as actions
from sla.forms.losses import ExpensesForm, RateForm
from sla.live_figures import months_of_the_rate
from sla.models import Claim, RateBasis
from sla.views.drafts import FORM, asked_again, step
from sla.views.requests import PortalRequest, own_draft, posted, refused_on

MONEY = ("revenue", "expenses", "completed_revenue", "completed_expenses")


@open_to(Who.CUSTOMERS)
@require_http_methods(FORM)
@refused_on("claim")
def rates(request: PortalRequest, reference: str) -> HttpResponse:
    """S10: the rate of the months before, where no record of attempts exists."""
    claim = own_draft(request, reference)
    today = local_day(request.now, claim.contract.tz)
    months, zone = months_of_the_rate(claim, request.now) or (None, claim.contract.tz)
    days = (local_day(months.start, zone), local_day(months.end, zone)) if months else None
    form = RateForm(posted(request), currency=claim.contract.currency, today=today, days=days, initial=_known(claim))
    if request.method == "POST" and form.is_valid():
        actions.save_rates(claim=claim, rates=form.rates(), by=request.user, now=request.now)
        messages.success(request, f"The rates are saved: the claim is by them now.{asked_again(claim)}")
        return redirect("claim", reference)
    return step(request, "claims/rates.html", claim, form=form, months=months, zone_then=zone)


def _known(claim: Claim) -> dict[str, object]:
    basis = RateBasis.objects.filter(claim=claim).first()
    if basis is None:
        return {}
    return model_to_dict(basis) | {name: cents(getattr(basis, name)) for name in MONEY}


@open_to(Who.CLAIMANTS)
@require_POST
@refused_on("claim")
def by_transactions(request: PortalRequest, reference: str) -> HttpResponse:
    claim = own_draft(request, reference)
    actions.claim_by_transactions(claim=claim, by=request.user, now=request.now)
    messages.success(request, f"The claim is by the list of transactions now.{asked_again(claim)}")
    return redirect("claim_transactions", reference)


@open_to(Who.CUSTOMERS)
@require_http_methods(FORM)
@refused_on("claim")
def expenses(request: PortalRequest, reference: str) -> HttpResponse:
    """S9: what a sale usually costs, and the three things for which nothing is paid."""
    claim = own_draft(request, reference)
    form = ExpensesForm(posted(request), initial=ExpensesForm.known(claim))
    if request.method == "POST" and form.is_valid():
        actions.save_expenses(claim=claim, **form.answers(), by=request.user, now=request.now)
        messages.success(request, f"What you said about expenses is saved.{asked_again(claim)}")
        return redirect("claim", reference)
    return step(request, "claims/expenses.html", claim, form=form)
