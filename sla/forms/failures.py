"""The report of a failure (S13), and the filter of a list."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q

from entitlements.models import Contract
from entitlements.wording import zone_in_words
from sla.forms.fields import ClockField, DayField, FormWithTimes, which_field
from sla.models import Failure, FailureState

COUNTRIES = [("", "I do not know"), ("US", "United States"), ("CA", "Canada"), ("other", "Another country")]
MOST_DELAY = 7 * 24 * 60
OF_AN_ALERT = ("incident", "channel", "responder_country", "configured_delay_minutes")


class ReportForm(FormWithTimes):
    """Three answers are enough: what failed, when it began, whether it is over. Times are read in the contract's zone."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)
    contract = forms.ModelChoiceField(
        Contract.objects.none(),
        label="Which contract was affected?",
        help_text="The times below are read in the zone of this contract.",
        empty_label=None,
    )
    kind = forms.ChoiceField(
        label="What failed?",
        choices=Failure.Kind.choices,
        widget=forms.RadioSelect,
        help_text="Choose the second also if single alerts came late while the rest worked.",
    )
    began_day = DayField(label="On which day did it begin?", help_text="Your best estimate is enough.")
    began_time = ClockField(label="At what time did it begin?")
    began_which = which_field()
    ended_day = DayField(
        label="On which day did it end?",
        required=False,
        help_text="Leave both empty while it goes on, or if you do not know.",
    )
    ended_time = ClockField(label="At what time did it end?", required=False)
    ended_which = which_field()
    description = forms.CharField(
        label="What happened?",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="A sentence or two. Leave out passwords, card numbers and personal data.",
    )
    incident = forms.CharField(
        label="Number of the incident or event", required=False, max_length=100, help_text="As your alerts show it."
    )
    channel = forms.ChoiceField(
        label="How should the alert have come?",
        required=False,
        choices=[("", "I do not know"), *Failure.Channel.choices],
        help_text="A fault of the push provider of a telephone is judged differently. Report it all the same.",
    )
    responder_country = forms.ChoiceField(
        label="Where is the address or device of the person to be alerted?",
        required=False,
        choices=COUNTRIES,
        help_text="Addresses outside the United States and Canada are judged differently. Report it all the same.",
    )
    configured_delay_minutes = forms.IntegerField(
        label="Delay that you had configured, in minutes",
        required=False,
        min_value=0,
        max_value=MOST_DELAY,
        help_text="0 if the alert was to go out at once.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short num"}),
        error_messages={"invalid": "Write the minutes as a whole number, like 5."},
    )
    all_the_same = forms.BooleanField(
        label="Report it all the same",
        required=False,
        help_text="Failures with one cause bring one credit, however often they are reported.",
    )

    def __init__(self, *args: Any, contracts: list[Contract], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.same: Failure | None = None
        zones = {contract.zone: zone_in_words(contract.tz) for contract in contracts}
        in_zone = f"In {next(iter(zones.values()))}." if len(zones) == 1 else "In the zone of the contract."
        self.fields["began_time"].help_text = f"{in_zone} Your best estimate is enough."
        self.fields["ended_time"].help_text = in_zone
        if len(contracts) == 1:
            del self.fields["contract"]
            self.only: Contract | None = contracts[0]
        else:
            self._offer(contracts)

    def _offer(self, contracts: list[Contract]) -> None:
        self.only = None
        field = self.fields["contract"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Contract.objects.filter(pk__in=[one.pk for one in contracts]).select_related("customer")
        field.label_from_instance = _with_zone  # type: ignore[method-assign]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        contract = cleaned["contract"] = self.only or cleaned.get("contract")
        if contract is None:
            return cleaned
        began = cleaned["began_at"] = self.instant("began", contract.tz)
        ended = cleaned["ended_at"] = self.instant("ended", contract.tz)
        self._check_times(cleaned, began, ended)
        if not self.errors and not cleaned["all_the_same"]:
            self._ask_about_another(cleaned)
        return cleaned

    def _check_times(self, cleaned: dict[str, Any], began: datetime | None, ended: datetime | None) -> None:
        if began is None and {"began_day", "began_time"} <= cleaned.keys():
            self.add_error("began_day", "That day is too far away. Check the year.")
        if began and began > self.now:
            self.add_error("began_day", "It cannot have begun in the future. Check the day and the time.")
        half = bool(cleaned.get("ended_day")) != bool(cleaned.get("ended_time"))
        if half and not {"ended_day", "ended_time"} & self.errors.keys():
            lacking = "ended_time" if cleaned.get("ended_day") else "ended_day"
            self.add_error(lacking, "Give both the day and the time of its end, or neither.")
        if ended and ended > self.now:
            self.add_error("ended_day", "It cannot have ended in the future. Leave the end empty while it goes on.")
        elif began and ended and ended <= began:
            self.add_error("ended_day", "It ended before it began, as you have it. Check both.")

    def _ask_about_another(self, cleaned: dict[str, Any]) -> None:
        """C5.9: one of the same customer, kind and time is named before another is made."""
        until = cleaned["ended_at"] or self.now
        others = Failure.objects.filter(
            Q(ended_at__gt=cleaned["began_at"]) | Q(ended_at__isnull=True, reported_at__gt=cleaned["began_at"]),
            contract__customer=cleaned["contract"].customer,
            kind=cleaned["kind"],
            began_at__lt=until,
        ).exclude(state=FailureState.WITHDRAWN)
        self.same = others.exclude(form_key=cleaned.get("form_key") or uuid.uuid4()).first()
        if self.same:
            said = f"{self.same.reference} is on record for this time already. Tick here if this is another failure."
            self.add_error("all_the_same", said)

    def facts(self) -> dict[str, Any]:
        """What the action takes; the answers about an alert only for an alert."""
        names = ("contract", "kind", "began_at", "ended_at", "description", "form_key")
        facts = {name: self.cleaned_data[name] for name in names}
        if facts["kind"] == Failure.Kind.ALERT:
            facts |= {name: self.cleaned_data[name] for name in OF_AN_ALERT}
            facts["configured_delay_minutes"] = facts["configured_delay_minutes"] or 0
        return facts


def _with_zone(obj: Any) -> str:
    return f"{obj} ({zone_in_words(obj.tz)})"
