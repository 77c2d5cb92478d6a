"""What a manager fills in about maintenance, the normal hours and the vendor's days without business (M8.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from entitlements.admin.engagement_forms import DeskForm, date_field, reason_field, time_field
from entitlements.rules.days import at_local_time, comes_twice
from entitlements.rules.spans import Span
from sla.actions.maintenance_records import Told
from sla.admin.forms import Times, zones
from sla.admin.whom_forms import WhomForm
from sla.models import Outage
from sla.models.business_days import WEEKDAYS

PLANNED, EMERGENCY, REPAIR = "planned", "emergency", "repair"


def zone_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Times are in", choices=zones, widget=forms.RadioSelect, help_text="All times on this page.",
        initial=zones()[1][0],
    )  # fmt: skip


class TimedForm(Times, DeskForm):
    """Days and times in a zone that is said. A clock time that is none, or two, is asked for in UTC."""

    asks_for: tuple[str, ...] = ("start", "end")
    may_be_open = False

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in self.asks_for:
            self._check_clock(given, name)
        if self.asks_for == ("start", "end"):
            self._check_order(given)
        return given

    def _check_clock(self, given: dict[str, Any], name: str) -> None:
        day, time, zone = (given.get(key) for key in (f"{name}_day", f"{name}_time", "zone"))
        if bool(day) != bool(time) and not {f"{name}_day", f"{name}_time"} & set(self.errors):
            self.add_error(f"{name}_time", "Fill in both the day and the time, or neither.")
        if day and time and zone and _is_not_one_instant(datetime.combine(day, time), ZoneInfo(zone)):
            self.add_error(
                f"{name}_time", "The clocks change over this time on that day. Write the times of that night in UTC."
            )

    def _check_order(self, given: dict[str, Any]) -> None:
        start, end = self.instant("start"), self.instant("end")
        if start and end and end <= start:
            self.add_error("end_time", "It must end after it begins. Check both times.")

    @property
    def why_no_window(self) -> str:
        """Why times that are all typed are no window; empty while one is missing."""
        days_and_times = ("start_day", "start_time", "end_day", "end_time")
        wrong = [str(said) for name in days_and_times for said in self.errors.get(name, [])]
        typed = all(self.data.get(self.add_prefix(name)) for name in days_and_times)
        return wrong[0] if wrong and typed else ""

    @property
    def window(self) -> Span | None:
        """The time that was given (UTC), where both ends are there and in order."""
        start, end = self.instant("start"), self.instant("end")
        return Span(start, end) if start and end and start < end else None


class WindowForm(TimedForm):
    start_day = date_field("Begins on")
    start_time = time_field("Begins at")
    end_day = date_field("Ends on")
    end_time = time_field("Ends at")
    zone = zone_field()


class ToldForm(WhomForm, TimedForm):
    """What customers read of it, and whom it concerns."""

    field_order: Sequence[str] = ("title", "effect", "everybody", "customers")

    title = forms.CharField(
        max_length=200, label="What is done", help_text="Customers read it. Example: database upgrade."
    )
    effect = forms.CharField(
        max_length=300,
        label="What customers notice",
        required=False,
        help_text="Customers read it. Example: alerts may come some minutes late.",
    )

    @property
    def told(self) -> Told:
        given = self.cleaned_data
        return Told(title=given["title"], effect=given["effect"], customers=self.named)


def _is_not_one_instant(clock: datetime, zone: ZoneInfo) -> bool:
    """Whether a local clock time comes twice, or not at all."""
    return comes_twice(clock, zone) or at_local_time(clock, zone).astimezone(zone).replace(tzinfo=None) != clock


class PlanForm(WindowForm, ToldForm):
    field_order = (
        *("title", "effect", "zone", "start_day", "start_time", "end_day", "end_time"),
        *("everybody", "customers", "kind", "reason"),
    )
    kind = forms.ChoiceField(
        label="Why then",
        choices=[(PLANNED, "Planned: its notice can wait for the business day"), (EMERGENCY, "Emergency: it cannot wait for a notice")],
        widget=forms.RadioSelect,
        initial=PLANNED,
        help_text="An emergency is one for which notice was not practicable (S3).",
    )  # fmt: skip
    reason = forms.CharField(
        label="Why notice is not practicable",
        required=False,
        max_length=2000,
        help_text="Of an emergency only. It is recorded with this moment and stands in the file of every claim.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        """M8.3: the reason is asked for before it is called an emergency."""
        given = super().clean()
        if given.get("kind") == EMERGENCY and not given.get("reason"):
            self.add_error("reason", "Say why notice is not practicable; without a reason it is no emergency (S3).")
        window = self.window
        if window and window.start <= self.now:
            self.add_error("start_time", "That has begun already. Record what runs or ran instead.")
        return given

    @property
    def emergency_reason(self) -> str:
        return str(self.cleaned_data["reason"]) if self.cleaned_data["kind"] == EMERGENCY else ""


class RecordForm(ToldForm):
    field_order = (
        *("title", "effect", "zone", "start_day", "start_time", "end_day", "end_time"),
        *("everybody", "customers", "kind", "repairs", "reason"),
    )
    start_day = date_field("Began on")
    start_time = time_field("Began at", seconds=True, help_text="To the second, as it really was.")
    end_day = date_field("Ended on", required=False, help_text="Leave both empty while it runs.")
    end_time = time_field("Ended at", seconds=True, required=False)
    zone = zone_field()
    kind = forms.ChoiceField(
        label="What it was",
        choices=[
            (EMERGENCY, "Emergency maintenance"),
            (REPAIR, "The repair of an outage: the service was down already"),
        ],
        widget=forms.RadioSelect,
        initial=EMERGENCY,
        help_text="A repair does not cut the outage that it repairs (S3).",
    )
    repairs = forms.ModelChoiceField(
        Outage.objects.all(), label="Which outage it repairs", required=False, help_text="Of a repair only."
    )
    reason = reason_field(
        "Why notice was not practicable", "Recorded with this moment; it counts within 24 hours of the beginning (S3)."
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        is_repair = given.get("kind") == REPAIR
        if is_repair and not given.get("repairs"):
            self.add_error("repairs", "Choose the outage that it repairs.")
        for name in ("start", "end"):
            at = self.instant(name)
            if at and at > self.now:
                self.add_error(f"{name}_time", "That lies ahead. Only what has happened is recorded here.")
        return given | {"repairs": given.get("repairs") if is_repair else None}


class ChangeForm(WindowForm):
    why = reason_field("Why it changes", "Customers read it.")


class CancelForm(DeskForm):
    why = reason_field("Why it is cancelled", "Customers read it.")

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class StartForm(TimedForm):
    asks_for = ("start",)
    start_day = date_field("Began on")
    start_time = time_field("Began at", seconds=True, help_text="To the second, as it really was.")
    zone = zone_field()


class EndForm(TimedForm):
    asks_for = ("end",)
    end_day = date_field("Ended on")
    end_time = time_field("Ended at", seconds=True, help_text="To the second, as it really was.")
    zone = zone_field()


class CorrectForm(TimedForm):
    start_day = date_field("Really began on")
    start_time = time_field("Really began at", seconds=True)
    end_day = date_field("Really ended on", required=False, help_text="Leave both empty while it runs.")
    end_time = time_field("Really ended at", seconds=True, required=False)
    zone = zone_field()
    why = reason_field("Why it is corrected", "What shows the right times. Whoever judges a claim reads it.")


class DocumentForm(TimedForm):
    asks_for = ("accepted",)
    accepted_day = date_field("Accepted on")
    accepted_time = time_field("Accepted at", seconds=True, help_text="When the customer's mail server took it.")
    zone = zone_field()
    document = forms.CharField(
        max_length=200,
        label="What shows it",
        help_text="The document and where it is kept. Example: receipt in ticket 4711.",
    )


class HoursForm(DeskForm):
    prefix = "hours"
    weekday = forms.TypedChoiceField(
        label="Weekday",
        choices=[("", "Choose a day"), *enumerate(WEEKDAYS)],
        coerce=int,
        help_text="On which it begins.",
    )
    begins = time_field("Begins at", help_text="By the vendor's clock.")
    ends = time_field("Ends at", help_text="Not after the beginning: on the next day.")
    first = date_field("Holds from")
    last = date_field(
        "Holds until", required=False, help_text="The last day on which it begins. Empty: until further notice."
    )


class EndHoursForm(DeskForm):
    last = date_field("Last day", help_text="The last day on which it begins.")


class CheckForm(DeskForm):
    compared_with = forms.CharField(
        max_length=300,
        label="Compared with",
        help_text="The list of days off and of hours kept, and who gave it. Example: the people team's list of 2027.",
    )


class YearForm(DeskForm):
    prefix = "year"
    year = forms.IntegerField(
        label="Year", min_value=2000, max_value=2999, help_text="It replaces what is on record for it."
    )
    weekend = forms.TypedMultipleChoiceField(
        label="Days of the week without business",
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        required=False,
        initial=[5, 6],
        widget=forms.CheckboxSelectMultiple,
        help_text="In this year.",
    )
    holidays = forms.CharField(
        label="Holidays",
        required=False,
        help_text="A line each, day first: 2026-07-03 Independence Day, observed.",
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )

    def clean_holidays(self) -> dict[date, str]:
        found: dict[date, str] = {}
        for line in filter(None, map(str.strip, self.cleaned_data["holidays"].splitlines())):
            typed, _, name = line.partition(" ")
            try:
                found[date.fromisoformat(typed)] = name.strip()[:100] or "Holiday"
            except ValueError:
                raise forms.ValidationError(f"“{line[:60]}”: begin the line with the day, as in 2026-07-03.") from None
        return found

    def _asked_for(self) -> Iterator[str]:
        yield from super()._asked_for()
        yield "year-weekend"
