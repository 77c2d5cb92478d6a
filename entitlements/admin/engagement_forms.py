"""What a manager fills in on an engagement's page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms

from entitlements import wording
from entitlements.actions.engagements import PlannedSession
from entitlements.models import Engagement, Engineer
from entitlements.rules.days import at_local_time


def date_field(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": f"{label}: write the date as 2026-11-30."},
        **more,
    )


def time_field(label: str, *, seconds: bool = False, **more: Any) -> forms.TimeField:
    attrs = {"type": "time"} | ({"step": "1"} if seconds else {})
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs=attrs, format="%H:%M:%S" if seconds else "%H:%M"),
        error_messages={"invalid": f"{label}: write the time as 14:30."},
        **more,
    )


class ScheduleForm(forms.Form):
    """E10: when each session begins, in the contract's zone, and with whom. How long it takes stands in the edition."""

    use_required_attribute = False

    def __init__(
        self, engagement: Engagement, parts: Sequence[tuple[str, int]], *args: Any, now: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.now, self.parts = engagement.contract.tz, now, parts
        engineers = Engineer.objects.filter(is_active=True).select_related("user")
        for n, (name, minutes) in enumerate(parts, start=1):
            what = f"{name.capitalize()}, {minutes} minutes" if len(parts) > 1 else f"Session, {minutes} minutes"
            wished = {"initial": engagement.wished_day} if n == 1 else {}
            self.fields[f"day_{n}"] = date_field(f"{what}: day", **wished)
            self.fields[f"time_{n}"] = time_field(
                f"{what}: begins at", help_text=f"In the contract's zone, {wording.zone_in_words(self.zone)}."
            )
            self.fields[f"engineer_{n}"] = forms.ModelChoiceField(
                engineers, label=f"{what}: engineer", empty_label="Choose an engineer"
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for n in range(1, len(self.parts) + 1):
            day, time = given.get(f"day_{n}"), given.get(f"time_{n}")
            if day and time:
                self._check(n, datetime.combine(day, time))
        return given

    def _check(self, n: int, clock: datetime) -> None:
        start = at_local_time(clock, self.zone)
        if start.astimezone(self.zone).replace(tzinfo=None) != clock:
            self.add_error(f"time_{n}", "The clocks jump over this time on that day. Choose another time.")
        elif start <= self.now:
            self.add_error(f"time_{n}", "That time is over. Choose a later one.")

    def sessions(self) -> list[PlannedSession]:
        given = self.cleaned_data
        return [
            PlannedSession(
                start=at_local_time(datetime.combine(given[f"day_{n}"], given[f"time_{n}"]), self.zone),
                engineer=given[f"engineer_{n}"],
            )
            for n in range(1, len(self.parts) + 1)
        ]

    def days(self) -> list[date]:
        """The days that were typed, as far as they are days: for the engineers' diary beside the form."""
        typed = (self.data.get(f"day_{n}") for n in range(1, len(self.parts) + 1))
        return [day for one in typed if (day := as_day(one))]


class DeclineForm(forms.Form):
    use_required_attribute = False
    prefix = "decline"
    reason = forms.CharField(
        label="Why the request is declined",
        help_text="The customer reads it in the letter. The place is given back.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CancelForm(forms.Form):
    use_required_attribute = False
    prefix = "cancel"
    side = forms.ChoiceField(
        label="Who cancels",
        choices=[("customer", "The customer"), ("vendor", "We")],
        help_text="If a session was held, the place stays used when the customer cancels, and is given back when we do (E5).",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Why it is cancelled",
        help_text="The customer reads it in the letter.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def as_day(typed: str | None) -> date | None:
    """A day as a browser sends it; None for anything else."""
    try:
        return date.fromisoformat(typed or "")
    except ValueError:
        return None
