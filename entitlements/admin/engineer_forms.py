"""What a manager fills in about an engineer: skills and zone, working hours, leave, the last day, to whom sessions go (E15)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from entitlements import wording
from entitlements.actions.engineers import Week
from entitlements.admin.engagement_forms import date_field, time_field
from entitlements.admin.hand_over import HandOver
from entitlements.models import Activity, Engineer, WorkingHours
from entitlements.models.contracts import check_zone
from entitlements.rules.days import at_local_time, first_instant, local_day, zone_names
from entitlements.rules.spans import Span

HOURS = re.compile(r"(\d{1,2})(?::(\d\d))?\s*[-–]\s*(\d{1,2})(?::(\d\d))?")
NOT_HOURS = "%(day)s: write hours as 09:00–12:00, 13:00–17:30, or nothing."


class Form(forms.Form):
    use_required_attribute = False


class EngineerForm(Form):
    """E15: zone and skills."""

    prefix = "engineer"
    zone = forms.CharField(
        label="Zone",
        validators=[check_zone],
        help_text="The working hours are times of its clock. Example: Europe/Lisbon.",
    )
    skills = forms.ModelMultipleChoiceField(
        Activity.objects.all(),
        label="Can hold",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Only for these activities can sessions be booked with them. What is booked already stays.",
    )
    takes_engagements = forms.BooleanField(
        label="Takes engagements", required=False, help_text="Without it nothing new is booked. What is booked stays."
    )

    @classmethod
    def of(cls, engineer: Engineer) -> EngineerForm:
        skills = [one.pk for one in engineer.skills.all()]
        return cls(initial={"zone": engineer.zone, "skills": skills, "takes_engagements": engineer.is_active})


class HoursForm(Form):
    """E15: a week, from a day on."""

    prefix = "hours"

    def __init__(self, engineer: Engineer, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = local_day(now, engineer.tz)
        self.fields["first"] = date_field(
            "From", initial=today, help_text="Until then the hours stay as they are. Sessions that are booked must fit."
        )
        in_force = [one for one in engineer.hours.all() if one.days.upper is None]
        for weekday in WorkingHours.Weekday:
            self.fields[weekday.name.lower()] = forms.CharField(
                label=weekday.label,
                required=False,
                initial=hours_in_words([one for one in in_force if one.weekday == weekday]),
                help_text="Example: 09:00–12:00, 13:00–17:30. Empty: no work." if weekday == 0 else "",
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["week"] = {}
        for weekday in WorkingHours.Weekday:
            try:
                given["week"][int(weekday)] = spans_of(given.get(weekday.name.lower(), ""))
            except ValueError:
                self.add_error(weekday.name.lower(), ValidationError(NOT_HOURS, params={"day": weekday.label}))
        return given

    @property
    def week(self) -> Week:
        return self.cleaned_data["week"]


class LeaveForm(Form):
    """E15: a leave, in days of the engineer's zone, or in part of a day."""

    prefix = "leave"

    def __init__(self, engineer: Engineer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = engineer.tz
        zone = wording.zone_in_words(self.zone)
        self.fields["first"] = date_field("First day", help_text=f"In {engineer}'s zone, {zone}.")
        self.fields["last"] = date_field("Last day", help_text="It is part of the leave.")
        self.fields["begins"] = time_field("Begins at", required=False, help_text="Empty: with the first day.")
        self.fields["ends"] = time_field("Ends at", required=False, help_text="Empty: with the last day.")
        self.fields["reason"] = forms.CharField(
            label="Why", max_length=200, help_text="Only the desk reads it. Example: annual leave."
        )
        self.fields["stand_in"] = forms.ModelChoiceField(
            Engineer.objects.filter(is_active=True).exclude(pk=engineer.pk).select_related("user"),
            label="Stand-in",
            required=False,
            empty_label="Nobody",
            help_text="Takes over the sessions in the leave, where free.",
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last:
            start, end = self._start(first, given.get("begins")), self._end(last, given.get("ends"))
            if start < end:
                given["during"] = Span(start, end)
            else:
                self.add_error("last", "The leave ends before it begins. Choose a later last day or time.")
        return given

    def _start(self, day: date, clock: time | None) -> datetime:
        return at_local_time(datetime.combine(day, clock), self.zone) if clock else first_instant(day, self.zone)

    def _end(self, day: date, clock: time | None) -> datetime:
        following = day + timedelta(days=1)
        return at_local_time(datetime.combine(day, clock), self.zone) if clock else first_instant(following, self.zone)


class LastDayForm(Form):
    """E15: the last day in the firm, and who finishes what is left."""

    prefix = "leaving"
    last_day = date_field(
        "Last day", help_text="In their own zone. After it nothing can be booked with them, and they cannot sign in."
    )

    def __init__(self, engineer: Engineer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"] = forms.ModelChoiceField(
            Engineer.objects.filter(is_active=True, leaves_at=None).exclude(pk=engineer.pk).select_related("user"),
            label="Who finishes what is left",
            required=False,
            empty_label="Nobody: nothing is left",
            help_text="Notes sessions, books follow-ups, gives outcomes and sees to recommendations after the last day.",
        )


class HandOverForm(Form):
    """E15: for each session a colleague who is free for it; the stand-in where they are."""

    prefix = "to"

    def __init__(self, rows: Sequence[HandOver], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        for row in rows:
            self.fields[str(row.session.pk)] = forms.TypedChoiceField(
                label=f"{row.session.engagement.reference}, part {row.session.part}: goes to",
                choices=[("", "Nobody yet"), *((one.pk, str(one)) for one in row.free)],
                coerce=int,
                empty_value=None,
                required=False,
                initial=row.suggested,
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    @property
    def passed(self) -> dict[int, Engineer]:
        known = {one.pk: one for row in self.rows for one in row.free}
        return {int(session): known[to] for session, to in self.cleaned_data.items() if to}


class FreeTimesForm(Form):
    """E15: what to look up free times for. A question: it changes nothing."""

    activity = forms.ModelChoiceField(
        Activity.objects.all(), label="Activity", empty_label=None, help_text="A session is as long as the policy says."
    )
    day = date_field("From", help_text="The next seven days are looked at.")
    zone = forms.ChoiceField(
        label="Show in",
        choices=lambda: [(one, one) for one in sorted(zone_names())],
        help_text="Zone of the list.",
    )

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.cleaned_data["zone"])


def spans_of(typed: str) -> list[tuple[int, int]]:
    """Hours as they are typed, in minutes of the day; ValueError for anything that cannot be hours of one day."""
    spans = []
    for part in filter(None, (one.strip() for one in typed.split(","))):
        found = HOURS.fullmatch(part)
        if not found:
            raise ValueError(part)
        hour, minute, last_hour, last_minute = (int(one or 0) for one in found.groups())
        spans.append((hour * 60 + minute, last_hour * 60 + last_minute))
        if max(minute, last_minute) > 59:
            raise ValueError(part)
    flat = [minute for span in sorted(spans) for minute in span]
    if flat != sorted(flat) or any(begins == ends for begins, ends in spans) or (flat and flat[-1] > 24 * 60):
        raise ValueError(typed)
    return sorted(spans)


def hours_in_words(hours: Sequence[WorkingHours]) -> str:
    """'09:00–12:00, 13:00–17:00', as they are typed."""
    return ", ".join(f"{_clock(one.minutes.lower)}–{_clock(one.minutes.upper)}" for one in hours)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
