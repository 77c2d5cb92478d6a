"""A panel to try the rules on: type an occurrence, see every deadline with its explanation (M11.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpResponse

from entitlements.access import Who, open_to
from entitlements.admin.engagement_forms import date_field, time_field
from entitlements.admin.pages import DeskRequest, page
from entitlements.admin.queues import vendor_zone
from entitlements.forms.base import PortalForm
from entitlements.models import Contract
from entitlements.rules.days import at_local_time
from sla.deadlines import tried


class OccurrenceForm(PortalForm):
    use_required_attribute = False
    contract = forms.ModelChoiceField(
        Contract.objects.select_related("customer"), label="Contract", help_text="Its zone, terms and years count."
    )
    day = date_field("Day", help_text="In the contract’s zone. Example: 2026-11-21.")
    time = time_field("Time", seconds=True, help_text="In the contract’s zone. Example: 14:30.")

    def occurrence(self) -> datetime:
        given: dict[str, Any] = self.cleaned_data
        return at_local_time(datetime.combine(given["day"], given["time"]), given["contract"].tz)


@open_to(Who.MANAGERS)
def panel(request: DeskRequest) -> HttpResponse:
    """Nothing is stored and nothing is changed: a question, and the rules' answers."""
    form = OccurrenceForm(request.GET or None)
    asked = form.is_valid()
    answer = tried(form.cleaned_data["contract"], form.occurrence(), vendor_zone()) if asked else None
    return page(request, "admin/deadlines.html", title="Try the deadlines", form=form, answer=answer)


pages: list[tuple[str, Any, str]] = [("deadlines/", panel, "deadlines")]
