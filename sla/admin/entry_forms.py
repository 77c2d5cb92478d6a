"""What a manager fills in for a customer who wrote or called (S13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q

from entitlements.admin.engagement_forms import date_field, reason_field, time_field
from entitlements.imports.values import BadCell
from entitlements.models import Contract
from entitlements.rules.days import at_local_time, local_day
from entitlements.wording import zone_in_words
from sla import uploads
from sla.actions.entries import FACTS, OF_AN_ALERT, Written
from sla.admin.forms import Form
from sla.forms.failures import COUNTRIES, MOST_DELAY
from sla.forms.fields import MoneyField
from sla.models import Entry, Failure
from sla.stated import StatedRates, TransactionLine
from sla.transaction_columns import columns_of

MOST_LINES = 5_000
OFFERED = timedelta(days=30)
RATES = ("revenue", "expenses", "completed_revenue", "completed_expenses", "first_day", "last_day")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "The document or the call": ("what", "way", "sender", "arrived_day", "arrived_time", "document", "note"),
    "What failed": ("failure", "kind", "began_day", "began_time", "ended_day", "ended_time", "description"),
    "Only of an alert": OF_AN_ALERT,
    "Whom we may ask": ("contact_name", "contact_email"),
    "What was lost, line by line": ("lines",),
    "Or by the rate of the months before": ("by_rate", *(f"rate_{name}" for name in RATES)),
}
"""The fields as they stand on the page, under what they are about."""


class EntryForm(Form):
    what = forms.ChoiceField(label="What it is", choices=Entry.What.choices, widget=forms.RadioSelect, initial="claim")
    way = forms.ChoiceField(label="How it came", choices=Entry.Way.choices, widget=forms.RadioSelect, initial="email")
    sender = forms.CharField(
        label="Who wrote or called", max_length=200, help_text="Name and office, as the document has them."
    )
    arrived_day = date_field("Arrived on")
    arrived_time = time_field("Arrived at", seconds=True)
    document = forms.FileField(
        label="The letter or e-mail itself", required=False, help_text=f"{uploads.ALLOWED}. A call has none."
    )
    note = forms.CharField(
        label="What was said",
        required=False,
        max_length=4000,
        help_text="Of a call: who said what. Of a letter nothing; it speaks for itself.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    failure = forms.ModelChoiceField(
        Failure.objects.none(),
        label="The failure",
        required=False,
        empty_label="One that is not on record yet, as below",
        help_text="Reports of this contract of the last thirty days, and those whose time to claim ended in them or runs.",
    )
    kind = forms.ChoiceField(label="What failed", choices=Failure.Kind.choices, widget=forms.RadioSelect, initial="A")
    began_day = date_field("Began on", required=False)
    began_time = time_field("Began at", required=False)
    ended_day = date_field(
        "Ended on", required=False, help_text="Leave both empty while it goes on, or if it says nothing."
    )
    ended_time = time_field("Ended at", required=False)
    description = forms.CharField(
        label="What happened, in their words",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    incident = forms.CharField(label="Number of its incident", required=False, max_length=100)
    channel = forms.ChoiceField(
        label="How it should have come",
        required=False,
        choices=[("", "It does not say"), *Failure.Channel.choices],
    )
    responder_country = forms.ChoiceField(
        label="Where the address or device is",
        required=False,
        choices=[("", "It does not say"), *COUNTRIES[1:]],
    )
    configured_delay_minutes = forms.IntegerField(
        label="Delay that was configured, in minutes",
        required=False,
        min_value=0,
        max_value=MOST_DELAY,
        help_text="Empty: none.",
    )
    contact_name = forms.CharField(label="Whom we may ask", required=False, max_length=200)
    contact_email = forms.EmailField(
        label="Their e-mail address", required=False, help_text="The receipt and our questions go there as well."
    )
    lines = forms.CharField(
        label="Lost transactions",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )

    by_rate = forms.CharField(
        label="Why there are no records of attempts",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Only of a claim that lists no transactions but states the profit of the months before. Else leave all of it empty.",
    )
    rate_revenue = MoneyField(label="Revenue of the months before", required=False)
    rate_expenses = MoneyField(label="Their expenses", required=False)
    rate_completed_revenue = MoneyField(label="Revenue of what did complete", required=False)
    rate_completed_expenses = MoneyField(label="Expenses of that", required=False)
    rate_first_day = date_field("First day that the records cover", required=False)
    rate_last_day = date_field("Last day that the records cover", required=False)

    def __init__(self, *args: Any, contract: Contract, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.currency, self.now = contract.tz, contract.currency, now
        zone = zone_in_words(self.zone)
        self.fields["arrived_day"].initial = local_day(now, self.zone)
        self.fields[
            "arrived_time"
        ].help_text = f"In {zone}. This is the receipt: take it from the document or the mailbox."
        self.fields["began_time"].help_text = self.fields["ended_time"].help_text = f"In {zone}."
        self.fields["lines"].help_text = (
            f"A line each, in {contract.currency} and {zone}: time; what; revenue; expenses, as in: "
            "2026-06-09 10:25; order 1881; 1,200.50; 300. Rows of a spreadsheet can be pasted. For a report leave it empty."
        )
        recent = Q(reported_at__gte=now - OFFERED) | Q(closes_at__gte=now - OFFERED)
        offered = Failure.objects.filter(recent, contract=contract)
        failure = self.fields["failure"]
        assert isinstance(failure, forms.ModelChoiceField)
        failure.queryset = offered.select_related("contract")

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        for legend, names in GROUPS.items():
            yield legend, [self[name] for name in names]

    def clean_document(self) -> uploads.CheckedFile | None:
        given = self.cleaned_data["document"]
        try:
            return uploads.check(given) if given else None
        except uploads.RefusedFile as refused:
            raise forms.ValidationError(str(refused)) from refused

    def clean_lines(self) -> list[TransactionLine]:
        typed = [line for line in self.cleaned_data["lines"].splitlines() if line.strip()]
        if len(typed) > MOST_LINES:
            raise forms.ValidationError(
                f"At most {MOST_LINES:,} lines can be pasted here. Ask the customer to bring longer lists in as a file, in the portal."
            )
        return [self._line(number, text) for number, text in enumerate(typed, start=1)]

    def _line(self, number: int, text: str) -> TransactionLine:
        cells = [cell.strip() for cell in text.replace("\t", ";").split(";")]
        if len(cells) not in (3, 4) or not cells[1]:
            raise forms.ValidationError(f"Line {number}: write time; what; revenue; expenses.")
        written = dict(zip(("attempted", "transaction", "revenue", "expenses"), cells, strict=False))
        columns = columns_of(self.zone, self.currency, self.now).by_name
        try:
            given: dict[str, Any] = {name: columns[name].read(cell) for name, cell in written.items() if cell}
        except BadCell as bad:
            raise forms.ValidationError(f"Line {number}: {bad}") from bad
        if lacks := [name for name in ("attempted", "revenue") if name not in given]:
            raise forms.ValidationError(f"Line {number}: {lacks[0]} is empty.")
        return TransactionLine(
            given["attempted"], given["transaction"], given["revenue"], given.get("expenses", Decimal(0))
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("arrived", "began", "ended"):
            day, clock = given.get(f"{name}_day"), given.get(f"{name}_time")
            given[name] = at_local_time(datetime.combine(day, clock), self.zone) if day and clock else None
            if bool(day) != bool(clock) and not {f"{name}_day", f"{name}_time"} & self.errors.keys():
                self.add_error(f"{name}_time" if day else f"{name}_day", "Give both the day and the time.")
        if not given.get("failure") and given["began"] is None and not {"began_day", "began_time"} & self.errors.keys():
            self.add_error("began_day", "Say when it began, or choose the failure above.")
        self._check_rates(given)
        return given

    def _check_rates(self, given: dict[str, Any]) -> None:
        """S10: all of it or nothing, and both days or neither."""
        stated = [name for name in RATES if given.get(f"rate_{name}")]
        if stated and not given.get("by_rate") and "by_rate" not in self.errors:
            self.add_error("by_rate", "Say why there are no records, as the document does, or leave the rates empty.")
        first, last = given.get("rate_first_day"), given.get("rate_last_day")
        if bool(first) != bool(last) and not {"rate_first_day", "rate_last_day"} & self.errors.keys():
            self.add_error("rate_last_day" if first else "rate_first_day", "Give both days, or leave both empty.")
        elif first and last and first > last:
            self.add_error("rate_last_day", "It lies before the first day. Check both.")

    def _rates(self) -> StatedRates | None:
        given = self.cleaned_data
        if not given["by_rate"]:
            return None
        return StatedRates(reason=given["by_rate"], **{name: given[f"rate_{name}"] for name in RATES})

    def written(self) -> Written:
        given, failure = self.cleaned_data, self.cleaned_data["failure"]
        names = ("what", "way", "sender", "note", "contact_name", "contact_email", "lines", "failure")
        here = {**given, "began_at": given["began"], "ended_at": given["ended"]}
        alert = given["kind"] == Failure.Kind.ALERT
        here |= {name: given[name] if alert else "" for name in OF_AN_ALERT}
        here["configured_delay_minutes"] = here["configured_delay_minutes"] or 0
        facts = {name: getattr(failure, name) if failure else here[name] for name in FACTS}
        said = {name: given[name] for name in names}
        return Written(**said, arrived_at=given["arrived"], rates=self._rates(), **facts)


class ReturnForm(Form):
    prefix = "return"
    reason = reason_field("What is not as the document says", "Whoever entered it reads this. It stays on record.")
