"""What a manager fills in about claims, proposals and outages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.db.models import Q

from entitlements import wording
from entitlements.admin.engagement_forms import date_field, time_field
from entitlements.models import Contract, Customer
from entitlements.rules.days import at_local_time
from sla.models import Cause, LostTransaction, Outage

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
        known = list(outages)
        self.fields["outage"] = forms.ModelChoiceField(
            Outage.objects.filter(pk__in=[outage.pk for outage, _ in known]),
            label="Which recorded outage it was",
            help_text="Outages of this customer from three days before the stated time to three days after it.",
            widget=forms.RadioSelect,
            empty_label=None,
        )
        words = {outage.pk: text for outage, text in known}
        self.fields["outage"].label_from_instance = lambda outage: words[outage.pk]  # type: ignore[attr-defined]


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


class EndForm(Times):
    prefix = "end"
    end_day = date_field("Ended on")
    end_time = time_field("Ended at", seconds=True, help_text="To the second, as the log has it.")
    zone = forms.ChoiceField(label="Times are in", choices=zones, widget=forms.RadioSelect)


class OutageForm(Times):
    title = forms.CharField(max_length=200, label="What happened", help_text="Customers read it.")
    customers = forms.CharField(
        label="Customers that it hit",
        help_text="One a line: the customer's number or name. Only the server logs of these customers count (S2).",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    everybody = forms.BooleanField(label="All customers with a contract on that day", required=False)
    zone = forms.ChoiceField(label="Times are in", choices=zones, widget=forms.RadioSelect, initial="UTC")
    start_day = date_field("Began on")
    start_time = time_field("Began at", seconds=True, help_text="To the second, as the log has it.")
    end_day = date_field("Ended on", required=False, help_text="Leave both empty while it lasts.")
    end_time = time_field("Ended at", seconds=True, required=False)
    source = forms.CharField(max_length=200, label="Source", help_text="Which log, and which lines of it.")
    cause = forms.ModelChoiceField(
        Cause.objects.filter(fixed_at__isnull=True),
        label="Cause",
        help_text="One that is known and not fixed yet; failures of one cause share one credit (S12).",
        required=False,
        empty_label="A new cause",
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        start, end = self.instant("start"), self.instant("end")
        if bool(given.get("end_day")) != bool(given.get("end_time")):
            self.add_error("end_time", "Fill in both the day and the time of the end, or neither.")
        if start and start > self.now:
            self.add_error("start_time", "It cannot have begun after now. Check the day, the time and the zone.")
        if start and end and end <= start:
            self.add_error("end_time", "It cannot have ended before it began. Check both times.")
        if end and end > self.now:
            self.add_error("end_time", "It cannot have ended after now. Leave the end empty while it lasts.")
        return given | {"hit": self._hit(given, start)}

    def _hit(self, given: dict[str, Any], start: datetime | None) -> list[Customer]:
        typed = [line.strip() for line in given.get("customers", "").splitlines() if line.strip()]
        known = Customer.objects.filter(Q(external_id__in=typed) | Q(name__in=typed))
        names = {name for one in known for name in (one.external_id, one.name)}
        if unknown := [line for line in typed if line not in names]:
            self.add_error("customers", f"No customer has this number or name: {', '.join(unknown)}.")
        if not given.get("everybody"):
            if not typed:
                self.add_error("customers", "Name at least one customer, or tick all of them.")
            return list(known)
        day = (start or self.now).astimezone(UTC).date()
        running = Contract.objects.running_on(day).values("customer")
        return list(Customer.objects.filter(Q(pk__in=running) | Q(pk__in=known)))
