"""What the lists of alerts are narrowed to, and what is found of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.urls import reverse
from django.utils.http import urlencode

from entitlements.admin.engagement_forms import reason_field
from entitlements.admin.queues import vendor_zone
from entitlements.forms.filters import FilterForm
from entitlements.forms.times import A_DAY_OF_OURS, DAYS_AS_TYPED
from entitlements.rules.days import first_instant
from entitlements.rules.spans import Span
from entitlements.wording import zone_in_words
from sla.admin.forms import Form
from sla.evidence.wording import CHANNELS, VERDICTS, channel_in_words

DAY = timedelta(days=1)
OURS = "ours"
"""Days of the vendor's zone, as on the pages of all customers."""
SHOWN_AT_FIRST, MOST_DAYS = timedelta(days=30), timedelta(days=366)
GROUPS = [
    ("", "All"),
    ("in_scope", "In scope"),
    ("late", "Late"),
    ("failures", "Failures"),
    ("excluded", "Late, excluded"),
    *((verdict.value, words) for verdict, words in VERDICTS.items()),
]


def day_field(label: str, help_text: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        validators=A_DAY_OF_OURS,
        input_formats=DAYS_AS_TYPED,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "short"}),
        help_text=help_text,
        error_messages={"invalid": "Give the day as year, month and day, such as 2026-11-30."},
    )


class DayForm(FilterForm):
    """A day of the vendor's zone, and whose alerts."""

    day = day_field("Day", "By the receipt of the trigger.")
    q = forms.CharField(label="Customer", required=False, max_length=100, help_text="A part of the name.")

    def told(self, otherwise: date) -> tuple[date, str]:
        """The day and the name that are asked for; the other day where none is, or none that makes sense."""
        told = _understood(self)
        return told.get("day") or otherwise, told.get("q") or ""


class AlertsForm(FilterForm):
    """From which day to which, and which of a customer's alerts."""

    since = day_field("From", "The first day.")
    until = day_field("To", "The last day.")
    zone = forms.ChoiceField(label="Days of", required=False, help_text="Whose midnight begins and ends them.")
    group = forms.ChoiceField(label="Which", required=False, choices=GROUPS, help_text="What the rules say of them.")
    channel = forms.ChoiceField(label="Channel", required=False, help_text="By which they were to go out.")
    places = forms.ChoiceField(
        label="Places",
        required=False,
        choices=[("", "US and Canada"), ("all", "Everywhere")],
        initial="",
        help_text="Registered and located there; elsewhere no alert counts (S4).",
    )
    q = forms.CharField(
        label="Incident or reference", required=False, max_length=100, help_text="A part of it is enough."
    )

    def __init__(self, *args: Any, last: date, of: ZoneInfo, channels: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last, self.of = last, of
        self.fields["zone"].choices = [  # type: ignore[attr-defined]
            ("", f"The contract: {zone_in_words(of)}"),
            (OURS, f"Ours: {zone_in_words(vendor_zone())}"),
        ]
        offered = sorted({*CHANNELS, *channels})
        self.fields["channel"].choices = [("", "Any"), *((one, channel_in_words(one)) for one in offered)]  # type: ignore[attr-defined]
        self.initial.update(since=last - SHOWN_AT_FIRST + DAY, until=last)

    def _asked_for(self) -> Iterator[str]:
        yield from super()._asked_for()
        yield from ("after", "whole")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", "The last day lies before the first.")
        elif since and (until or self.last) - since >= MOST_DAYS:
            self.add_error("since", f"At most {MOST_DAYS.days} days are shown together.")
        return cleaned

    @property
    def days(self) -> tuple[date, date]:
        """First and last day; those shown at first where none are given, or none that make sense."""
        told = self.cleaned_data if self.is_valid() else {}
        until = told.get("until") or max(told.get("since") or self.last, self.last)
        return told.get("since") or until - SHOWN_AT_FIRST + DAY, until

    @property
    def span(self) -> Span:
        """S4: from the first instant of the first day to that after the last, in the zone whose days they are."""
        first, last = self.days
        zone = vendor_zone() if self.asked("zone") == OURS else self.of
        return Span(first_instant(first, zone), first_instant(last + DAY, zone))

    def asked(self, name: str) -> str:
        return str(_understood(self).get(name) or "")


def _understood(form: forms.Form) -> dict[str, Any]:
    """The answers that make sense, of a form that was filled in."""
    form.is_valid()
    return form.cleaned_data if form.is_bound else {}


class OtherwiseForm(Form):
    """S8: what caused a late alert, if not the outage that it overlaps."""

    reason = reason_field(
        "Why the outage is not its cause",
        "What caused it instead, and what shows it. Whoever reads the claim reads it, and open claims are computed anew.",
    )


def list_address(customer: int, first: date, last: date, group: str = "") -> str:
    """Where a customer's (by key) alerts of these days of the vendor's zone are listed, wherever they went."""
    asked = {
        "since": str(first),
        "until": str(last),
        "zone": OURS,
        "places": "all",
        **({"group": group} if group else {}),
    }
    return f"{reverse('admin:alerts_of_customer', args=[customer])}?{urlencode(asked)}"
