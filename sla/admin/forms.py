"""What a manager fills in about claims, proposals and outages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings

from entitlements import wording
from entitlements.rules.days import at_local_time
from sla.log_lines import clock_problem
from sla.models import LostTransaction, Outage

GROUNDS = {
    "S1": "S1: not on Enterprise terms, or outside the term",
    "S2": "S2: no Availability Outage by the server logs",
    "S4": "S4: not a delivery that the terms cover",
    "S5": "S5: no Delivery Failure",
    "S6": "S6: excluded by its cause",
    "S7": "S7: excluded by volume",
    "S9": "S9: no realized loss is documented",
    "S12": "S12: the same cause is credited already",
    "S13": "S13: claimed after its window",
    "S14": "S14: an audit was refused",
}


class Form(forms.Form):
    """No bubbles of the browser: the page comes back with what was typed, and says what to do (X7)."""

    use_required_attribute = False


class AssignForm(Form):
    prefix = "outage"

    def __init__(self, *args: Any, outages: Iterable[tuple[Outage, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {str(outage.pk): (outage, words) for outage, words in outages}
        self.fields["outage"] = forms.TypedChoiceField(
            choices=[(key, words) for key, (_, words) in known.items()],
            coerce=lambda key: known[key][0],
            label="Which recorded outage it was",
            help_text="Outages of this customer from three days before the stated time to three days after it.",
            widget=forms.RadioSelect,
        )


class StrikeForm(Form):
    prefix = "strike"
    reason = forms.ChoiceField(
        label="Why it does not count",
        choices=[("", "Choose a reason"), *LostTransaction.Strike.choices],
        help_text="A line outside the remedy period is struck by itself.",
    )
    note = forms.CharField(
        label="What shows it",
        help_text="The document and what it says. The second person reads it.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ApprovalForm(Form):
    prefix = "approval"
    grounds = forms.CharField(
        label="For the customer",
        help_text="What the letter adds to the figures.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DenialForm(Form):
    prefix = "denial"
    clauses = forms.MultipleChoiceField(
        label="Clauses on which the denial rests",
        choices=list(GROUNDS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick the clauses on which the denial rests."},
    )
    explanation = forms.CharField(
        label="Why, for the customer",
        help_text="The letter says it in these words.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def grounds(self) -> str:
        return f"{', '.join(self.cleaned_data['clauses'])}: {self.cleaned_data['explanation']}"


class ReturnForm(Form):
    prefix = "return"
    reason = forms.CharField(
        label="Why it goes back",
        help_text="Whoever proposed it reads this. The customer does not.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def zones() -> list[tuple[str, str]]:
    """Logs are written in UTC or in the vendor's own time."""
    vendor = settings.VENDOR_ZONE
    return [("UTC", "UTC"), (vendor, f"{wording.zone_in_words(ZoneInfo(vendor))} ({vendor})")]


class Times(Form):
    """Days and times of the server logs, in a zone that is said."""

    def instant(self, name: str) -> datetime | None:
        day, time = self.cleaned_data.get(f"{name}_day"), self.cleaned_data.get(f"{name}_time")
        zone = self.cleaned_data.get("zone")
        return at_local_time(datetime.combine(day, time), ZoneInfo(zone)) if day and time and zone else None

    def refuse_a_clock_time_that_is_two(self, given: dict[str, Any], name: str) -> None:
        """On the nights on which the clocks change nothing is guessed: such a time is written in UTC."""
        day, time, zone = (given.get(key) for key in (f"{name}_day", f"{name}_time", "zone"))
        if day and time and zone and (why := clock_problem(datetime.combine(day, time), ZoneInfo(zone))):
            self.add_error(f"{name}_time", f"{why} Write the times of that night in UTC.")
