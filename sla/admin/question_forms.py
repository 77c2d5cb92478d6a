"""What a reviewer fills in to ask a customer for more, and to settle a second look (S19)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms

from entitlements.admin.engagement_forms import date_field
from entitlements.models import Contract
from entitlements.rules.days import deadline_within, local_day
from entitlements.wording import zone_in_words
from sla.admin.forms import Form

USUAL_DAYS, MOST_DAYS = 10, 60


class AskForm(Form):
    prefix = "ask"
    asked_for = forms.CharField(
        label="What we need",
        max_length=4000,
        help_text="One thing a line. The letter and the customer's page say it in these words.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    day = date_field("Last day to answer")

    def __init__(self, *args: Any, contract: Contract, now: datetime, **kwargs: Any) -> None:
        self.zone = contract.tz
        self.today = local_day(now, self.zone)
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = self.today + timedelta(days=USUAL_DAYS)
        zone = zone_in_words(self.zone)
        self.fields[
            "day"
        ].help_text = f"Until its end in {zone}. Unanswered then, the claim goes on in review as it stands."

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day <= self.today:
            raise forms.ValidationError("Give the customer at least until tomorrow.")
        if day > self.today + timedelta(days=MOST_DAYS):
            raise forms.ValidationError(f"At most {MOST_DAYS} days ahead. Check the year.")
        return day

    def answer_by(self) -> datetime:
        """The first instant (UTC) that is too late."""
        return deadline_within(0, self.cleaned_data["day"], self.zone)


class SecondLookForm(Form):
    prefix = "second_look"
    reason = forms.CharField(
        label="Why, for the customer",
        max_length=4000,
        help_text="The letter says it in these words, whichever you choose.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
