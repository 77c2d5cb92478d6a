"""Where a customer's legal notices go (C12.3): an owner lists the addresses, whoever reads there confirms."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from entitlements.access import Who, customers_looked_after_by, open_to
from entitlements.actions import legal_contacts as actions
from entitlements.actions.refused import Refused
from entitlements.forms.accounts import ContactForm
from entitlements.models import LegalContact
from entitlements.models.accounts import kept_of
from entitlements.people_letters import zone_of
from entitlements.rules.refusals import Refusal
from entitlements.views.people import confirmed
from entitlements.views.requests import PortalRequest, posted


@open_to(Who.OWNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: PortalRequest, customer: int) -> HttpResponse:
    """A name and an address; a letter asks whoever reads there to confirm."""
    own = get_object_or_404(customers_looked_after_by(request.user), pk=customer)
    form, refusals = ContactForm(posted(request)), _none()
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_legal_contact(customer=own, **form.cleaned_data, by=request.user, now=request.now)
        except Refused as refused:
            refusals = refused.refusals
        else:
            messages.success(request, f"We are asking {form.cleaned_data['email']} to confirm.")
            return redirect("people")
    return render(request, "people/add_contact.html", {"customer": own, "form": form, "refusals": refusals})


@open_to(Who.OWNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_again(request: PortalRequest, pk: int) -> HttpResponse:
    """A new link for a contact that has not confirmed, or whose letters come back."""
    contact = _own(request, pk)
    return confirmed(
        request,
        "people/ask_contact_again.html",
        {"contact": contact, "zone": zone_of(contact.customer)},
        lambda: actions.send_contact_link_again(contact=contact, by=request.user, now=request.now),
        f"A new link goes to {contact.email}. The earlier one no longer works.",
    )


@open_to(Who.OWNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: PortalRequest, pk: int) -> HttpResponse:
    """Takes a contact out, unless too few would be left."""
    contact = _own(request, pk)
    return confirmed(
        request,
        "people/remove_contact.html",
        {"contact": contact},
        lambda: actions.remove_legal_contact(contact=contact, by=request.user, now=request.now),
        f"{contact.email} gets no more legal notices.",
    )


@never_cache
@open_to(Who.ANYONE)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: PortalRequest, token: str) -> HttpResponse:
    """The link in the letter: a GET says what it is about, a POST confirms. Nobody signs in by it."""
    known = LegalContact.objects.select_related("customer", "added_by")
    contact = get_object_or_404(known, token_hash=kept_of(token))
    refusals = (actions.GONE,) if contact.removed_at else _none()
    if request.method == "POST" and not refusals:
        by = request.user if request.user.is_authenticated else None
        actions.confirm_legal_contact(contact=contact, by=by, now=request.now)
        messages.success(request, "Confirmed. Thank you.")
        return redirect("confirm_legal_contact", token)
    return render(request, "people/confirm_contact.html", {"contact": contact, "refusals": refusals})


def _own(request: PortalRequest, pk: int) -> LegalContact:
    own = LegalContact.objects.filter(customer__in=customers_looked_after_by(request.user), removed_at__isnull=True)
    return get_object_or_404(own.select_related("customer"), pk=pk)


def _none() -> tuple[Refusal, ...]:
    return ()
