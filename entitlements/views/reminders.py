"""Reminders that a person may do without (C12.4): chosen in the account, or switched off by one click from the letter (RFC 8058)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from entitlements.access import Who, open_to
from entitlements.actions.accounts import choose_reminders
from entitlements.forms.accounts import RemindersForm
from entitlements.optional_letters import ALL, meant_by, offered_to
from entitlements.views.requests import PortalRequest, posted


@open_to(Who.SIGNED_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: PortalRequest) -> HttpResponse:
    """C12.4: what may be switched off, kind by kind; what belongs to the contract is not here."""
    offered = offered_to(request.user)
    wanted = [kind for kind in offered if kind not in request.user.switched_off]
    form = RemindersForm(posted(request), offered=offered, initial={"wanted": wanted})
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["wanted"]
        off = [kind for kind in offered if kind not in wanted]
        choose_reminders(person=request.user, off=off, by=request.user, now=request.now)
        messages.success(request, "Saved.")
        return redirect("account")
    return render(request, "account/reminders.html", {"title": "Reminders", "form": form})


@csrf_exempt  # a mail program posts here for its reader, who is not signed in; the token says for whom and for what
@never_cache
@open_to(Who.ANYONE)
@require_http_methods(["GET", "HEAD", "POST"])
def switch_off(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever follows the link is asked; the POST of a mail program or of the page does it, and can be taken back in the account."""
    meant = meant_by(token)
    if meant is None:
        raise Http404
    person, kind = meant
    if request.method == "POST":
        off = [*person.switched_off, kind]
        choose_reminders(person=person, off=off, by=person, now=request.now)  # type: ignore[attr-defined]
    context = {"what": ALL[kind], "done": request.method == "POST", "person": person}
    return render(request, "account/switch_off.html", context)
