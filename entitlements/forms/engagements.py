from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q

from entitlements.forms.base import PortalForm
from entitlements.forms.filters import FilterForm
from entitlements.models import ContractYear, EngagementState
from entitlements.models.engagements import EngagementQuerySet, Use
from entitlements.references import normalised
from entitlements.rules.editions import ACTIVITIES
from entitlements.wording import days_in_words


class CancelForm(PortalForm):
    """E5: the customer cancels what is scheduled."""

    reason = forms.CharField(
        label="Why",
        required=False,
        max_length=500,
        help_text="The engineer reads it. You may leave it empty.",
        error_messages={"max_length": "Say why in at most 500 characters."},
    )


class EngagementFilter(FilterForm):
    """Narrows the list; what cannot be understood narrows nothing and says so."""

    q = forms.CharField(label="Search", required=False, max_length=100, help_text="A reference, or words of the topic")
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "Any"), *EngagementState.choices],
        help_text="What became of it",
    )
    activity = forms.ChoiceField(
        label="Activity", required=False, choices=[("", "Any"), *ACTIVITIES.items()], help_text="What was asked for"
    )

    year = forms.ChoiceField(label="Contract year", required=False, help_text="In which it counts")
    use = forms.ChoiceField(
        label="Counts",
        required=False,
        choices=[("", "Any"), *((use.value, use.label) for use in Use)],
        help_text="Whether it takes a place of its year",
    )

    def __init__(self, *args: Any, years: Iterable[ContractYear], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = ((one, days_in_words(one.first_day, one.last_day)) for one in years)
        choices = [("", "Any"), *((str(one.pk), f"{one.contract.order_form}, {days}") for one, days in named)]
        self.fields["year"].choices = choices  # type: ignore[attr-defined]

    def narrow(self, engagements: EngagementQuerySet) -> EngagementQuerySet:
        if not self.is_valid():
            return engagements
        if words := self.cleaned_data["q"]:
            engagements = engagements.filter(Q(reference=normalised(words) or words) | Q(topic__icontains=words))
        if state := self.cleaned_data["state"]:
            engagements = engagements.filter(state=state)
        if activity := self.cleaned_data["activity"]:
            engagements = engagements.filter(activity=activity)
        if year := self.cleaned_data["year"]:
            engagements = engagements.filter(year=year)
        if use := self.cleaned_data["use"]:
            engagements = engagements.counting(Use(use))
        return engagements
