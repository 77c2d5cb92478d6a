"""V47: what protects the account changes only in a session that showed its owner a short while ago; without a password, by a code."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from entitlements.access import Who, open_to
from entitlements.addresses import keep_sign_in
from entitlements.forms.base import PortalForm
from entitlements.models.accounts import kept_of
from entitlements.views.requests import PortalRequest, posted

FRESH = timedelta(minutes=10)
CODE_LASTS = timedelta(minutes=5)
MOST_TRIES = 3
PENDING = "step_up"


class CodeForm(PortalForm):
    """The code that came by letter."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        help_text="From the letter that we have just sent.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "class": "short", "autofocus": True}),
        error_messages={"required": "Type the code from the letter."},
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)


def is_fresh(request: HttpRequest, now: datetime) -> bool:
    """Whether the person has shown who they are in the last minutes. In the demo nobody has a mailbox: always."""
    records = get_authentication_records(request, request.user)
    return settings.DEMO or bool(records and now.timestamp() - records[-1]["at"] < FRESH.total_seconds())


def freshly_signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view, after the person has confirmed that it is them."""

    @functools.wraps(view)
    def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if is_fresh(request, request.now):
            return view(request, *args, **kwargs)
        return redirect(reverse("step_up", query={"next": request.get_full_path()}))

    return guarded


def factor_was_shown(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view that adds a factor. Whoever added the first has just shown it: its recovery codes come without asking for it again."""

    @functools.wraps(view)
    def adding(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.get("Location") == reverse("mfa_view_recovery_codes"):
            record_authentication(request, request.user, method="mfa", reauthenticated=True)
        return response

    return adding


@never_cache
@open_to(Who.SIGNED_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def step_up(request: PortalRequest) -> HttpResponse:
    """Whoever has a password or a second factor shows that; the others get a code by letter, and type it."""
    back = get_next_redirect_url(request) or reverse("account")
    if methods := get_adapter().get_reauthentication_methods(request.user):
        return redirect(f"{methods[0]['url'].partition('?')[0]}?next={back}")
    asked = "code" in request.POST
    form = CodeForm(posted(request) if asked else None, initial={"next": back})
    if request.method == "POST" and not asked:
        _send(request)
    elif asked and form.is_valid():
        if _is_right(request, form.cleaned_data["code"]):
            return _confirmed(request, back)
        form.add_error("code", "This is not the code of the last letter, or it is too old.")
    context = {"form": form, "sent": PENDING in request.session, "back": back}
    return render(request, "account/step_up.html", context)


def _send(request: PortalRequest) -> None:
    if not ratelimit.consume(request, action="request_login_code", key=request.user.email):
        return
    code = get_adapter().generate_login_code()
    until = (request.now + CODE_LASTS).timestamp()
    request.session[PENDING] = {"code": kept_of(_plain(code)), "until": until, "tries": 0}
    get_adapter().send_mail("account/email/login_code", request.user.email, {"request": request, "code": code})


def _is_right(request: PortalRequest, typed: str) -> bool:
    pending = request.session.get(PENDING)
    if not pending or request.now.timestamp() >= pending["until"] or pending["tries"] >= MOST_TRIES:
        request.session.pop(PENDING, None)
        return False
    request.session[PENDING] = {**pending, "tries": pending["tries"] + 1}
    return secrets.compare_digest(pending["code"], kept_of(_plain(typed)))


def _plain(code: str) -> str:
    """As people type it: with or without the hyphen, in any case."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def _confirmed(request: PortalRequest, back: str) -> HttpResponse:
    """C1.7: with a new session id."""
    del request.session[PENDING]
    before = request.session.session_key or ""
    request.session.cycle_key()
    keep_sign_in(before, request.session.session_key or "")
    record_authentication(request, request.user, method="code", email=request.user.email, reauthenticated=True)
    return redirect(back)
