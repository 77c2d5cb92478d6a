"""A customer's people: who belongs, with which roles; an owner invites, changes and removes (C12.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from entitlements import people
from entitlements.access import Who, customers_looked_after_by, customers_of, memberships_visible_to, open_to
from entitlements.actions import invitations as by_link
from entitlements.actions import people as actions
from entitlements.actions.refused import Refused
from entitlements.forms.people import InviteForm, PeopleFilter, RolesForm
from entitlements.models import Customer, Invitation, Membership
from entitlements.people_letters import zone_of
from entitlements.rules.refusals import Refusal
from entitlements.views.lists import InFile, Order, if_asked_as_file, rows_in_words
from entitlements.views.requests import PortalRequest, posted

SORTS = {"name": "user__name", "customer": "customer__name", "last": "user__last_login"}
HEADS = {"name": "Name", "customer": "Customer", "roles": "Roles", "last": "Last signed in", "state": "State"}

IN_FILE: InFile = {
    "Name": lambda one: one.user.name,
    "E-mail": lambda one: one.user.email,
    "Customer": lambda one: one.customer.name,
    "Roles": lambda one: ", ".join(one.roles_in_words),
    "Last signed in": lambda one: one.user.last_login,
    "Left": lambda one: one.left_at,
}


@open_to(Who.CUSTOMERS)
@require_safe
def listing(request: PortalRequest) -> HttpResponseBase:
    """Everybody who belongs to the reader's customers, and who was invited; `?format=csv` gives the filtered people as a file."""
    chosen, order = PeopleFilter(request.GET), Order(SORTS, request.GET.get("sort", ""), "name")
    visible = memberships_visible_to(request.user).select_related("user", "customer")
    found = order.of(chosen.narrow(visible))
    if file := if_asked_as_file(request, "people", found, IN_FILE):
        return file
    page = Paginator(found, per_page=50).get_page(request.GET.get("page"))
    looked_after = list(customers_looked_after_by(request.user))
    context = {
        "form": chosen,
        "page_obj": page,
        "columns": order.columns(HEADS),
        "count": rows_in_words(page.paginator.count, "person").replace("persons", "people"),
        "own": looked_after,
        "invitations": people.invitations_of(looked_after, request.now),
        "contacts_of": people.contacts_of(customers_of(request.user)),
        "leavable": memberships_visible_to(request.user).filter(user=request.user, left_at__isnull=True),
        "zone": zone_of(customers_of(request.user)[0]),
    }
    return render(request, "people/list.html", context)


@open_to(Who.OWNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: PortalRequest, customer: int) -> HttpResponse:
    """N1: a name, an address, roles; the letter goes at once."""
    own = get_object_or_404(customers_looked_after_by(request.user), pk=customer)
    return _inviting(request, own, None)


@open_to(Who.OWNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def invite_again(request: PortalRequest, reference: str) -> HttpResponse:
    """C1.3: a new link for one that was not used, to the same address or a corrected one; the earlier link is dead."""
    earlier = _invitation(request, reference)
    return _inviting(request, earlier.customer, earlier)


@open_to(Who.OWNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: PortalRequest, reference: str) -> HttpResponse:
    """Take an invitation back before it is used."""
    invitation = _invitation(request, reference)
    return confirmed(
        request,
        "people/withdraw_invitation.html",
        {"invitation": invitation, "zone": zone_of(invitation.customer)},
        lambda: by_link.withdraw_invitation(invitation=invitation, by=request.user, now=request.now),
        f"The invitation to {invitation.email} is taken back. Its link no longer works.",
    )


@open_to(Who.OWNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def change_roles(request: PortalRequest, pk: int) -> HttpResponse:
    """What somebody may do from now on."""
    membership = _membership(request, pk)
    form = RolesForm(posted(request), initial={"roles": membership.roles})
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_roles(
                membership=membership, roles=form.cleaned_data["roles"], by=request.user, now=request.now
            )
        except Refused as refused:
            refusals = refused.refusals
        else:
            messages.success(request, f"{membership.user}: the new roles hold at once.")
            return redirect("people")
    return render(request, "people/roles.html", {"membership": membership, "form": form, "refusals": refusals})


@open_to(Who.OWNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: PortalRequest, pk: int) -> HttpResponse:
    """Somebody left the firm: what that does is said first."""
    return _leaving(request, _membership(request, pk), "{} no longer belongs to {}.")


@open_to(Who.CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: PortalRequest, pk: int) -> HttpResponse:
    """A person leaves by themselves."""
    own = memberships_visible_to(request.user).filter(user=request.user, left_at__isnull=True)
    return _leaving(request, get_object_or_404(own.select_related("user", "customer"), pk=pk), "You have left {1}.")


def _inviting(request: PortalRequest, customer: Customer, earlier: Invitation | None) -> HttpResponse:
    known = {"name": earlier.name, "email": earlier.email, "roles": earlier.roles} if earlier else None
    form, refusals = InviteForm(posted(request), initial=known), ()
    if request.method == "POST" and form.is_valid():
        try:
            sent = by_link.invite(
                customer=customer, **form.cleaned_data, by=request.user, now=request.now, instead_of=earlier
            )
        except Refused as refused:
            refusals = refused.refusals  # type: ignore[assignment]
        else:
            messages.success(
                request, f"We are sending an invitation to {sent.email}. You may correct the address below."
            )
            return redirect("people")
    context = {"customer": customer, "form": form, "refusals": refusals, "earlier": earlier, "zone": zone_of(customer)}
    return render(request, "people/invite.html", context)


def _leaving(request: PortalRequest, membership: Membership, said: str) -> HttpResponse:
    return confirmed(
        request,
        "people/remove.html",
        {"membership": membership, "leaving": people.leaving(membership), "self": membership.user == request.user},
        lambda: actions.end_membership(membership=membership, by=request.user, now=request.now),
        said.format(membership.user, membership.customer),
    )


def confirmed(
    request: PortalRequest, template: str, context: dict[str, Any], action: Callable[[], object], said: str
) -> HttpResponse:
    """A page that asks; the POST does it and goes back to the people, or shows what stands against it."""
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST":
        try:
            action()
        except Refused as refused:
            refusals = refused.refusals
        else:
            messages.success(request, said)
            return redirect("people" if request.user.memberships.filter(left_at__isnull=True).exists() else "home")
    return render(request, template, {**context, "refusals": refusals})


def _membership(request: PortalRequest, pk: int) -> Membership:
    own = Membership.objects.filter(customer__in=customers_looked_after_by(request.user), left_at__isnull=True)
    return get_object_or_404(own.select_related("user", "customer"), pk=pk)


def _invitation(request: PortalRequest, reference: str) -> Invitation:
    own = Invitation.objects.filter(customer__in=customers_looked_after_by(request.user), accepted_at__isnull=True)
    return get_object_or_404(own.select_related("customer", "invited_by"), reference=reference)
