"""The link in an invitation: a GET shows who invited to what, a POST accepts; a dead one says why (C1.3)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from entitlements.access import Who, open_to
from entitlements.actions.invitations import accept_invitation, ask_for_invitation
from entitlements.actions.refused import Refused
from entitlements.models import Invitation, User
from entitlements.models.accounts import kept_of
from entitlements.people_letters import zone_of
from entitlements.rules.refusals import Refusal
from entitlements.views.requests import PortalRequest

SIGN_IN_AS = "sign_in_as"
"""In the session: the address that the page for asking for a code is filled in with."""


@never_cache
@open_to(Who.ANYONE)
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: PortalRequest, token: str) -> HttpResponse:
    """Accepting signs nobody in: whoever has the link alone has nothing; the code goes to the address that was invited."""
    found = _found(token)
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST":
        try:
            accept_invitation(invitation=found, by=_reader(request), now=request.now)
        except Refused as refused:
            refusals = refused.refusals
        else:
            return _welcome(request, found)
    context = {
        "invitation": found,
        "state": found.state_at(request.now),
        "refusals": refusals,
        "token": token,
        "zone": zone_of(found.customer),
    }
    return render(request, "people/invitation.html", context)


@never_cache
@open_to(Who.ANYONE)
@require_POST
def ask(request: PortalRequest, token: str) -> HttpResponse:
    """A dead link offers a new one: the customer's owners are asked for it."""
    found = _found(token)
    if not found.is_open(request.now) and not found.accepted_at:
        ask_for_invitation(invitation=found, by=_reader(request), now=request.now)
        messages.success(request, f"We have asked {found.customer} for a new invitation. It comes to {found.email}.")
    return redirect("invitation", token)


def _found(token: str) -> Invitation:
    known = Invitation.objects.select_related("customer", "invited_by")
    return get_object_or_404(known, token_hash=kept_of(token))


def _reader(request: PortalRequest) -> User | None:
    return request.user if request.user.is_authenticated else None


def _welcome(request: PortalRequest, found: Invitation) -> HttpResponse:
    if request.user.is_authenticated and request.user.email == found.email:
        messages.success(request, f"You belong to {found.customer} now.")
        return redirect("home")
    messages.success(request, f"You belong to {found.customer} now. Sign in with a code that we send to {found.email}.")
    request.session[SIGN_IN_AS] = found.email
    return redirect("account_request_login_code")
