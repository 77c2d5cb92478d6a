"""Who gets the alarms of the clockwork: chosen by any manager, for everybody at the desk (N27)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from entitlements.access import Who, open_to
from entitlements.actions.on_call import choose_on_call
from entitlements.admin.pages import DeskRequest, page
from entitlements.forms.base import PortalForm
from entitlements.models import User

PAGE = "admin:on_call"


class OnCallForm(PortalForm):
    people = forms.ModelMultipleChoiceField(
        User.objects.filter(is_staff=True, is_active=True).order_by("name", "pk"),
        label="On call",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "Somebody who is ticked works here no more. Tick whoever still does, and save again."
        },
        help_text="Alarms go to these people alone. While nobody is ticked, they go to everybody at the desk.",
    )


@open_to(Who.MANAGERS)
def detail(request: DeskRequest) -> HttpResponse:
    """Who is on call; a POST says who is from now on."""
    on_call = User.objects.filter(is_staff=True, is_active=True, on_call=True)
    form = OnCallForm(request.POST if request.method == "POST" else None, initial={"people": on_call})
    if request.method == "POST" and form.is_valid():
        choose_on_call(people=list(form.cleaned_data["people"]), by=request.user, now=request.now)
        messages.success(request, "Saved. The next alarm goes to whoever is ticked.")
        return redirect(PAGE)
    return page(request, "admin/on_call.html", title="Who is on call", form=form)


pages: list[tuple[str, Any, str]] = [("on-call/", detail, "on_call")]
