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
from entitlements.rules.days import at_local_time, comes_twice, second_of_two
from sla.deadlines import tried


class OccurrenceForm(PortalForm):
    use_required_attribute = False
    contract = forms.ModelChoiceField(
        Contract.objects.select_related("customer"), label="Contract", help_text="Its zone, terms and years count."
    )
    day = date_field("Day", help_text="In the contract’s zone. Example: 2026-11-21.")
    time = time_field("Time", seconds=True, help_text="In the contract’s zone. Example: 14:30.")

    which = forms.ChoiceField(
        label="Which of the two",
        choices=[("", "Choose one"), ("first", "The first"), ("second", "The second, after the clocks are set back")],
        required=False,
        help_text="Only for a time that comes twice, in the night in which the clocks are set back.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        clock, contract = self._clock(given), given.get("contract")
        if clock and contract and comes_twice(clock, contract.tz) and not given.get("which"):
            self.add_error(
                "which", f"{clock:%H:%M} comes twice on that day in {contract.zone}. Say which one is meant."
            )
        return given

    def occurrence(self) -> datetime:
        """UTC. A time that comes twice is the one that was chosen; the choice says nothing of any other time."""
        read = second_of_two if self.cleaned_data["which"] == "second" else at_local_time
        clock = self._clock(self.cleaned_data)
        assert clock is not None
        return read(clock, self.cleaned_data["contract"].tz)

    def which_in_words(self) -> str:
        """'the second of the two', where the time that was asked for comes twice."""
        given = self.cleaned_data
        clock = self._clock(given)
        twice = clock is not None and comes_twice(clock, given["contract"].tz)
        return f"the {given['which']} of the two times that the clock shows it" if twice else ""

    def _clock(self, given: dict[str, Any]) -> datetime | None:
        day, time = given.get("day"), given.get("time")
        return datetime.combine(day, time) if day and time else None


@open_to(Who.MANAGERS)
def panel(request: DeskRequest) -> HttpResponse:
    """Nothing is stored and nothing is changed: a question, and the rules' answers."""
    form = OccurrenceForm(request.GET or None)
    asked = form.is_valid()
    answer = tried(form.cleaned_data["contract"], form.occurrence(), vendor_zone()) if asked else None
    which = form.which_in_words() if asked else ""
    return page(request, "admin/deadlines.html", title="Try the deadlines", form=form, answer=answer, which=which)


pages: list[tuple[str, Any, str]] = [("deadlines/", panel, "deadlines")]
