"""Fields that the paper needs: sums of money as people write them, days and clock times of a contract's zone."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from entitlements.forms.base import PortalForm
from entitlements.rules.days import at_local_time, comes_twice, second_of_two
from sla import sums


class MoneyField(forms.CharField):
    """A sum as `1,200.50` or `1200.5`. Anything that could be read in two ways is refused with an example; nothing is guessed."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "class": "short num"}))
        super().__init__(max_length=sums.MOST_SIGNS, **kwargs)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return Decimal(0)
        try:
            return sums.sum_of(typed)
        except sums.NotASum as bad:
            raise forms.ValidationError(str(bad), code=bad.code) from bad


class DayField(forms.DateField):
    """A day, as a browser's calendar sends it or with its month in words: `11/12/2026` is two days, so it is neither."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    default_error_messages = {"invalid": "Write the day like 2026-11-21."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d", "%B %d, %Y", "%b %d, %Y"], **kwargs)


class ClockField(forms.TimeField):
    """A clock time of a zone that stands beside it."""

    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    default_error_messages = {"invalid": "Write the time like 14:05 or 2:05 PM."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p"], **kwargs)


def which_field() -> forms.ChoiceField:
    """Asked only where the clocks show a time twice: which of the two."""
    return forms.ChoiceField(
        label="Which of the two?",
        required=False,
        choices=[("first", "Before the clocks were set back"), ("second", "After they were set back")],
        widget=forms.RadioSelect,
    )


class FormWithTimes(PortalForm):
    """A form that asks for times of a zone, each by three fields: `…_day`, `…_time`, and `…_which`, of a time that comes twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.twice: set[str] = set()

    def instant(self, name: str, zone: ZoneInfo) -> datetime | None:
        """UTC; None unless day and time are given and the calendar reaches that far. Nothing is guessed: a time that the clocks never
        show is refused, and of one that they show twice it is asked which."""
        given = self.cleaned_data
        day, clock = given.get(f"{name}_day"), given.get(f"{name}_time")
        if day is None or clock is None or not 2000 <= day.year <= 2200:
            return None
        typed = datetime.combine(day, clock)
        at = at_local_time(typed, zone)
        if at.astimezone(zone).replace(tzinfo=None) != typed:
            self.add_error(f"{name}_time", "The clocks were set forward over this time, so they never showed it.")
        if not comes_twice(typed, zone):
            return at
        self.twice.add(name)
        self.fields[f"{name}_which"].required = True
        if not given.get(f"{name}_which"):
            self.add_error(f"{name}_which", f"The clocks showed {clock:%H:%M} twice on that day. Say which you mean.")
        return second_of_two(typed, zone) if given.get(f"{name}_which") == "second" else at
