"""A person's own account: address, display, letters, sign-ins (C12)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entitlements.access import Who, customers_of, memberships_visible_to, open_to
from entitlements.actions import accounts as actions
from entitlements.actions.people import choose_copies
from entitlements.actions.refused import Refused
from entitlements.addresses import sign_ins_of
from entitlements.forms.accounts import AddressForm, CopiesForm, DisplayForm
from entitlements.models import AddressChange, Membership, Role
from entitlements.models.accounts import kept_of
from entitlements.people_letters import zone_for
from entitlements.rules.refusals import Refusal
from entitlements.views.invitations import SIGN_IN_AS
from entitlements.views.requests import PortalRequest, posted, where_from
from entitlements.views.step_up import freshly_signed_in
from entitlements.wording import day_in_style


@open_to(Who.SIGNED_IN)
@require_safe
def account(request: PortalRequest) -> HttpResponse:
    """Everything about the account, with a way to each part of it."""
    own = memberships_visible_to(request.user).filter(user=request.user, left_at__isnull=True)
    pending = request.user.address_changes.filter(confirmed_at__isnull=True, replaced_at__isnull=True).first()
    context = {
        "memberships": own.select_related("customer"),
        "pending": pending if pending and pending.is_open(request.now) else None,
        "owner": customers_of(request.user, Role.OWNER).exists(),
        "zone": zone_for(request.user),
    }
    return render(request, "account/account.html", context)


@open_to(Who.SIGNED_IN)
@require_http_methods(["GET", "HEAD", "POST"])
@freshly_signed_in
def address(request: PortalRequest) -> HttpResponse:
    """C12.2: asks for the new address; a link goes there."""
    form, refusals = AddressForm(posted(request)), _none()
    if request.method == "POST" and form.is_valid():
        try:
            change = actions.ask_address_change(email=form.cleaned_data["email"], by=request.user, now=request.now)
        except Refused as refused:
            refusals = refused.refusals
        else:
            messages.success(
                request, f"We are sending a link to {change.email}. Until you confirm there, nothing changes."
            )
            return redirect("account")
    return render(request, "account/address.html", {"form": form, "refusals": refusals})


@never_cache
@open_to(Who.ANYONE)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: PortalRequest, token: str) -> HttpResponse:
    """The link in the letter to the new address: a GET says what will happen, a POST does it."""
    change = get_object_or_404(AddressChange.objects.select_related("user"), token_hash=kept_of(token))
    refusals = _none()
    if request.method == "POST":
        try:
            reader = request.user if request.user.is_authenticated else None
            actions.confirm_address(change=change, by=reader, now=request.now, where=where_from(request))
        except Refused as refused:
            refusals = refused.refusals
        else:
            return _sign_in_anew(request, change)
    context = {"change": change, "open": change.is_open(request.now), "refusals": refusals}
    return render(request, "account/confirm_address.html", context)


@open_to(Who.SIGNED_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def display(request: PortalRequest) -> HttpResponse:
    """C12.5: "Show" previews what is chosen, "Save" keeps it."""
    known = {"zone": request.user.zone, "date_style": request.user.date_style}
    form = DisplayForm(posted(request), initial=known)
    chosen = {name: form.cleaned_data[name] for name in known} if form.is_bound and form.is_valid() else known
    if request.method == "POST" and form.is_valid() and not form.cleaned_data["preview"]:
        actions.choose_display(**chosen, by=request.user, now=request.now)
        messages.success(request, "Saved.")
        return redirect("account")
    own = ZoneInfo(chosen["zone"] or zone_for(request.user))
    preview = day_in_style(request.now.astimezone(own).date(), chosen["date_style"])
    context = {"form": form, "preview": preview, "own": own, "zone": zone_for(request.user)}
    return render(request, "account/display.html", context)


@open_to(Who.CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def letters(request: PortalRequest, pk: int) -> HttpResponse:
    """C12.4: adds letters; those that belong to the contract are named, and cannot be switched off."""
    own = Membership.objects.filter(user=request.user, left_at__isnull=True).select_related("customer")
    membership = get_object_or_404(own, pk=pk)
    form = CopiesForm(posted(request), initial={"copies": membership.copies})
    if request.method == "POST" and form.is_valid():
        choose_copies(membership=membership, copies=form.cleaned_data["copies"], by=request.user, now=request.now)
        messages.success(request, "Saved.")
        return redirect("account")
    context = {"title": f"Letters about {membership.customer}", "membership": membership, "form": form}
    return render(request, "account/letters.html", context)


@open_to(Who.SIGNED_IN)
@require_POST
def letters_reach_me(request: PortalRequest) -> HttpResponse:
    """C12.3: whoever reads at the address says that it works; reminders go there again."""
    actions.address_works(by=request.user, now=request.now)
    messages.success(request, "Thank you. Every letter goes there again.")
    return redirect("account")


@open_to(Who.SIGNED_IN)
@require_safe
def sign_ins(request: PortalRequest) -> HttpResponse:
    """C12.6: where the person is signed in now."""
    here = request.session.session_key or ""
    context = {"sign_ins": sign_ins_of(request.user, here, request.now), "zone": zone_for(request.user)}
    return render(request, "account/sign_ins.html", context)


@open_to(Who.SIGNED_IN)
@require_safe
def what_is_kept(request: PortalRequest) -> HttpResponse:
    """C12.7: what stays when somebody asks for deletion, and why."""
    return render(request, "account/kept.html", {"owner": customers_of(request.user, Role.OWNER).exists()})


@open_to(Who.SIGNED_IN)
@require_POST
def stay(request: PortalRequest) -> HttpResponse:
    """C1.8: one key, and the session goes on: any request says that somebody is there."""
    return HttpResponse(status=204)


@open_to(Who.SIGNED_IN)
@require_POST
def end_sign_in(request: PortalRequest, pk: int) -> HttpResponse:
    """Ends one of them at once."""
    if pk not in [one.pk for one in sign_ins_of(request.user, "", request.now)]:
        raise Http404
    actions.end_sign_in(session=pk, by=request.user, now=request.now)
    messages.success(request, "That sign-in is ended.")
    return redirect("sign_ins")


def _sign_in_anew(request: PortalRequest, change: AddressChange) -> HttpResponse:
    """First out, then the message: what was kept for a session that has ended is lost with it."""
    if request.user == change.user:
        logout(request)
    request.session[SIGN_IN_AS] = change.email
    messages.success(request, f"Your address is {change.email} now. Sign in with a code that we send there.")
    return redirect("account_request_login_code")


def _none() -> tuple[Refusal, ...]:
    return ()
