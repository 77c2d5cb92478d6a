"""On the page of a late alert: the finding that the outage which it overlaps is not its cause, and its taking back (S8)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, refusals_of
from sla.actions.presumptions import find_otherwise, take_finding_back
from sla.admin.alert_forms import OtherwiseForm
from sla.admin.alert_page import address_of, asked_for, page_of


@open_to(Who.MANAGERS)
def otherwise(request: DeskRequest, **key: int) -> HttpResponse:
    """S8: the outage is not its cause."""
    one = asked_for(**key)
    if request.method != "POST":
        return redirect(address_of(one))
    form = OtherwiseForm(request.POST)
    if not form.is_valid():
        return page_of(request, one, form)
    reason = form.cleaned_data["reason"]
    refusals = refusals_of(lambda: find_otherwise(alert=one, reason=reason, by=request.user, now=request.now))
    if refusals:
        return page_of(request, one, form, refusals)
    messages.success(
        request, "Noted. The alert has a remedy period of its own, and the claims that rest on it are computed anew."
    )
    return redirect(address_of(one))


@open_to(Who.MANAGERS)
def presumed(request: DeskRequest, **key: int) -> HttpResponse:
    """S8: the presumption holds again."""
    one = asked_for(**key)
    if request.method == "POST":
        take_finding_back(alert=one, by=request.user, now=request.now)
        messages.success(request, "Taken back. The outage is presumed to be its cause again.")
    return redirect(address_of(one))


_ALERT = "alerts/<int:pk>/<int:at>/<int:source>/<int:line>/"
pages: list[tuple[str, Any, str]] = [
    (f"{_ALERT}otherwise/", otherwise, "find_otherwise"),
    (f"{_ALERT}presumed/", presumed, "presume_again"),
]
