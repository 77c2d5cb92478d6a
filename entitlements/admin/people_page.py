"""A customer's people as a manager helps with them: the first owner is invited here, and a new one when nobody is left."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404

from entitlements import people
from entitlements.access import Who, open_to
from entitlements.actions.invitations import invite
from entitlements.actions.people import end_membership, is_last_owner, others_of
from entitlements.admin.pages import DeskRequest, done, page, refusals_of, what_happened
from entitlements.forms.people import InviteForm, TakeOutForm
from entitlements.models import Customer, Membership, Role
from entitlements.people_letters import zone_of
from entitlements.rules.refusals import Refusal
from entitlements.views.lists import InFile, if_asked_as_file

PAGE = "admin:customer_people"
IN_FILE: InFile = {
    "name": lambda one: one.user.name,
    "e-mail": lambda one: one.user.email,
    "roles": lambda one: ", ".join(one.roles_in_words),
    "last signed in": lambda one: one.user.last_login,
    "left": lambda one: one.left_at,
}


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, customer: int) -> HttpResponseBase:
    """Who belongs, who was invited; a POST invites."""
    found = get_object_or_404(Customer, pk=customer)
    if file := if_asked_as_file(request, "people", _memberships(found), IN_FILE):
        return file
    form = InviteForm(request.POST if request.method == "POST" else None, initial={"roles": [Role.OWNER]})
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        refusals = refusals_of(lambda: invite(customer=found, **given, by=request.user, now=request.now))
        if not refusals:
            return done(request, f"An invitation goes to {given['email']}.", PAGE, found.pk)
    return page(request, "admin/customer_people.html", **_facts(request, found), form=form, refusals=refusals)


@open_to(Who.MANAGERS)
def take_out(request: DeskRequest, *, pk: int) -> HttpResponse:
    """Somebody left the firm and no owner can say so; with a reason, which the owners can read."""
    current = Membership.objects.filter(left_at__isnull=True).select_related("user", "customer")
    membership = get_object_or_404(current, pk=pk)
    others = others_of(membership) if is_last_owner(membership) else None
    form = TakeOutForm(others, request.POST if request.method == "POST" else None)
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST" and form.is_valid():
        act = {"membership": membership, "by": request.user, "now": request.now, **form.cleaned_data}
        refusals = refusals_of(lambda: end_membership(**act))
        if not refusals:
            return done(request, f"{membership.user} no longer belongs.", PAGE, membership.customer_id)
    context: dict[str, Any] = {"membership": membership, "leaving": people.leaving(membership), "form": form}
    return page(request, "admin/take_out.html", title=f"Take out {membership.user}", refusals=refusals, **context)


def _memberships(customer: Customer) -> QuerySet[Membership]:
    return customer.memberships.select_related("user").order_by("left_at", "user__name")


def _facts(request: DeskRequest, customer: Customer) -> dict[str, Any]:
    memberships = list(_memberships(customer))
    return {
        "title": f"People of {customer}",
        "customer": customer,
        "memberships": memberships,
        "has_owner": any(Role.OWNER in one.roles and not one.left_at for one in memberships),
        "invitations": people.invitations_of([customer], request.now),
        "events": what_happened(customer.external_id),
        "zone": zone_of(customer),
    }


pages: list[tuple[str, Any, str]] = [
    ("customers/<int:customer>/people/", detail, "customer_people"),
    ("customers/people/<int:pk>/take-out/", take_out, "take_out_person"),
]
