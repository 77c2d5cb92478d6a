"""Fields that the paper needs: sums of money as people write them, days and clock times of a contract's zone."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from entitlements.rules.days import at_local_time
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


def instant(day: date | None, clock: time | None, zone: ZoneInfo) -> datetime | None:
    """The instant (UTC) of a day and a clock time in a zone; None unless both are given and the calendar reaches that far."""
    if day is None or clock is None or not 2000 <= day.year <= 2200:
        return None
    return at_local_time(datetime.combine(day, clock), zone)
