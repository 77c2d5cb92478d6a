"""What a manager fills in about outages: the log intervals, typed or in a file, and the end of one that lasts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q

from entitlements import uploads
from entitlements.admin.engagement_forms import date_field, reason_field, time_field
from entitlements.models import Contract, Customer
from entitlements.uploads import CheckedFile, RefusedFile
from sla.actions.outages import LoggedInterval
from sla.admin.forms import Form, Times, zones
from sla.log_lines import MOST_LINES, Line, read_lines
from sla.models import COMPONENTS, OUTAGE_MOVES, Cause, Outage, OutageState
from sla.rules.components import Component
from sla.uploads import KINDS

MOST_BYTES = 1024**2


class EndForm(Times):
    prefix = "end"
    end_day = date_field("Ended on")
    end_time = time_field("Ended at", seconds=True, help_text="To the second, as the log has it.")
    zone = forms.ChoiceField(label="Times are in", choices=zones, widget=forms.RadioSelect)


class CorrectionForm(Times):
    prefix = "correct"
    zone = forms.ChoiceField(label="Times are in", choices=zones, widget=forms.RadioSelect)
    start_day = date_field("Began on", help_text="As the logs have it in truth.")
    start_time = time_field("Began at", seconds=True, help_text="To the second.")
    end_day = date_field("Ended on", required=False, help_text="Leave both empty while it lasts.")
    end_time = time_field("Ended at", seconds=True, required=False, help_text="To the second.")
    reason = reason_field("Why it is another", "Which log shows it. It stays beside the old times.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if bool(given.get("end_day")) != bool(given.get("end_time")):
            self.add_error("end_time", "Fill in both the day and the time of the end, or neither.")
        for name in ("start", "end"):
            self.refuse_a_clock_time_that_is_two(given, name)
        return given


class WithdrawalForm(Form):
    prefix = "withdraw"
    reason = reason_field("Why it should not have been recorded", "It stays on record, with this, and counts no more.")


class StepForm(Form):
    prefix = "step"
    state = forms.ChoiceField(label="How it stands", help_text="The next step, or the same with more that is known.")
    note = reason_field("What is known", "Times, what was found, what is being done.")

    def __init__(self, *args: Any, outage: Outage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ways = (outage.state, *OUTAGE_MOVES[outage.state])
        self.fields["state"].choices = [(one, OutageState(one).label) for one in ways]  # type: ignore[attr-defined]


class OutageForm(Times):
    title = forms.CharField(max_length=200, label="What happened", help_text="Customers read it.")
    component = forms.ChoiceField(
        label="What was not available",
        choices=[(one.value, title) for one, title in COMPONENTS.items()],
        initial=Component.INCIDENT_TRACKING,
        help_text="Only incident tracking and alerting are the Service. The others are recorded, and give no credit (S2).",
    )
    zone = forms.ChoiceField(
        label="Times are in",
        choices=zones,
        widget=forms.RadioSelect,
        initial="UTC",
        help_text="All times on this page.",
    )
    customers = forms.CharField(
        label="Customers that it hit",
        help_text="One a line: the customer's number or name. Only the server logs of these customers count (S2).",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    everybody = forms.BooleanField(
        label="All customers with a contract on that day",
        required=False,
        help_text="They had the same minutes, those below.",
    )
    start_day = date_field("Began on", required=False, help_text="For all of these customers alike.")
    start_time = time_field("Began at", seconds=True, required=False, help_text="To the second, as the log has it.")
    end_day = date_field("Ended on", required=False, help_text="Leave both empty while it lasts.")
    end_time = time_field("Ended at", seconds=True, required=False, help_text="To the second, as the log has it.")
    lines = forms.CharField(
        label="Or intervals customer by customer",
        help_text="A line each: customer, from, to, as in: C-00012, 2026-06-09 10:00:00, 2026-06-09 10:29:59. "
        "Leave the last empty while it lasts. Several lines of one customer are fine.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    file = forms.FileField(
        label="Or a CSV with such lines",
        help_text=f"Its heads are customer, start, end. At most {MOST_LINES:,} lines. Its hash is kept with each interval.",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv"}),
        error_messages={"empty": "The file is empty. Choose another."},
    )
    source = forms.CharField(max_length=200, label="Source", help_text="Which log, and which lines of it.")
    cause = forms.ModelChoiceField(
        Cause.objects.filter(merged_into__isnull=True),
        label="Cause",
        help_text="One that is known and was not fixed when this began; failures of one cause share one credit (S12).",
        required=False,
        empty_label="A new cause",
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.intervals: list[LoggedInterval] = []

    def clean_file(self) -> CheckedFile | None:
        upload = self.cleaned_data.get("file")
        if not upload:
            return None
        try:
            return uploads.check(upload, {"csv": KINDS["csv"]}, allowed="a CSV", most_bytes=MOST_BYTES)
        except RefusedFile as refused:
            raise forms.ValidationError(str(refused)) from refused

    def clean(self) -> dict[str, Any]:
        """Whatever can be read becomes `intervals`, also while other answers are still missing."""
        given = super().clean() or {}
        self.intervals = [*self._alike(given), *self._line_by_line(given)]
        if not self.intervals and not self.errors:
            self._say_that_nothing_is_there(given)
        return given

    @property
    def unread(self) -> list[str]:
        """What stands against intervals that were typed, while others are worked out already."""
        return [str(sentence) for name in ("end_time", "lines", "file") for sentence in self.errors.get(name, [])]

    def _say_that_nothing_is_there(self, given: dict[str, Any]) -> None:
        if name := next((one for one in ("lines", "file") if given.get(one)), ""):
            self.add_error(name, "It has no line with a customer and a time. Check it.")
        else:
            self.add_error("customers", "Name at least one customer, or tick all of them.")

    def _alike(self, given: dict[str, Any]) -> list[LoggedInterval]:
        """The same minutes for a set of customers."""
        asked = any(given.get(name) for name in ("customers", "everybody", "start_day", "start_time", "end_day"))
        start, end = self.instant("start"), self.instant("end")
        if asked:
            self._say_what_is_missing(given)
        if bool(given.get("end_day")) != bool(given.get("end_time")):
            self.add_error("end_time", "Fill in both the day and the time of the end, or neither.")
            return []
        for name in ("start", "end"):
            self.refuse_a_clock_time_that_is_two(given, name)
        if start and start > self.now:
            self.add_error("start_time", "It cannot have begun after now. Check the day, the time and the zone.")
        if start and end and end <= start:
            self.add_error("end_time", "It cannot have ended before it began. Check both times.")
            return []
        if end and end > self.now:
            self.add_error("end_time", "It cannot have ended after now. Leave the end empty while it lasts.")
        hit = self._hit(given, start) if asked else []
        return [LoggedInterval(customer=one, start=start, end=end) for one in hit] if start else []

    def _say_what_is_missing(self, given: dict[str, Any]) -> None:
        for name, label in (("start_day", "Began on"), ("start_time", "Began at")):
            if not given.get(name) and name not in self.errors:
                self.add_error(name, f"Fill in: {label}")

    def _line_by_line(self, given: dict[str, Any]) -> list[LoggedInterval]:
        zone = ZoneInfo(given.get("zone") or "UTC")
        found: list[LoggedInterval] = []
        if typed := given.get("lines"):
            found += self._intervals_of("lines", typed, zone)
        if file := given.get("file"):
            found += self._intervals_of("file", file.content.decode("utf-8-sig"), zone)
        return found

    def _intervals_of(self, name: str, text: str, zone: ZoneInfo) -> list[LoggedInterval]:
        lines, wrong = read_lines(text, zone)
        known = _customers_called({line.customer for line in lines})
        wrong += [self._whose(line, known) for line in lines if len(known[line.customer]) != 1]
        if any((line.end or line.start) > self.now for line in lines):
            wrong.append("A line lies ahead of now. Check its day, its time and the zone.")
        for one in wrong[:20]:
            self.add_error(name, one)
        return [
            LoggedInterval(known[line.customer][0], line.start, line.end, line.number)
            for line in lines
            if len(known[line.customer]) == 1
        ]

    def _whose(self, line: Line, known: dict[str, list[Customer]]) -> str:
        if known[line.customer]:
            return f"Line {line.number}: several customers are called {line.customer}. Write the number."
        return f"Line {line.number}: no customer has this number or name: {line.customer}."

    def _hit(self, given: dict[str, Any], start: datetime | None) -> list[Customer]:
        typed = list(dict.fromkeys(line.strip() for line in given.get("customers", "").splitlines() if line.strip()))
        known = _customers_called(typed)
        if unknown := [name for name in typed if not known[name]]:
            self.add_error("customers", f"No customer has this number or name: {', '.join(unknown)}.")
        if twice := [name for name in typed if len(known[name]) > 1]:
            self.add_error("customers", f"Several customers are called so: {', '.join(twice)}. Write the number.")
        named = {one.pk: one for name in typed for one in known[name]}
        if given.get("everybody"):
            day = (start or self.now).astimezone(UTC).date()
            running = Contract.objects.running_on(day).values("customer")
            named |= {one.pk: one for one in Customer.objects.filter(pk__in=running)}
        elif not typed:
            self.add_error("customers", "Name at least one customer, or tick all of them.")
        return list(named.values())


def _customers_called(names: Iterable[str]) -> dict[str, list[Customer]]:
    """The customers by what they were called: a number, which is one customer's, comes before a name."""
    wanted = list(names)
    by_number: dict[str, list[Customer]] = {}
    by_name: dict[str, list[Customer]] = {}
    for one in Customer.objects.filter(Q(external_id__in=wanted) | Q(name__in=wanted)):
        by_number.setdefault(one.external_id, []).append(one)
        by_name.setdefault(one.name, []).append(one)
    return {name: by_number.get(name) or by_name.get(name, []) for name in wanted}
