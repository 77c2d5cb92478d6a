"""What a customer says to an outcome: how a recommendation stands, what it thinks of the session, and which rows it wants (E13)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from entitlements.forms.base import PortalForm
from entitlements.forms.filters import FilterForm
from entitlements.models import Recommendation, RecommendationState
from entitlements.references import normalised
from entitlements.rules.editions import ACTIVITIES
from entitlements.rules.outcomes import FEEDBACK_DAYS, TO_DO

RATINGS = ((5, "5: very helpful"), (4, "4: helpful"), (3, "3: in part"), (2, "2: hardly"), (1, "1: not at all"))


class MoveForm(PortalForm):
    """E11, E13: how a recommendation stands; a customer may decline it, with a reason."""

    state = forms.ChoiceField(
        label="How it stands",
        choices=RecommendationState.choices,
        widget=forms.RadioSelect,
        help_text="It is advice: you decide. Everybody of yours who signs in sees it, and so do we.",
    )
    reason = forms.CharField(
        label="Why you decline it",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Needed only if you decline it.",
        error_messages={"max_length": "Say why in at most 1,000 characters."},
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("state") == RecommendationState.DECLINED and not given.get("reason"):
            self.add_error("reason", "Say in a sentence why you decline it.")
        return given


class FeedbackForm(PortalForm):
    """E13: what the customer thought of an engagement."""

    rating = forms.TypedChoiceField(
        label="How helpful was it?",
        choices=RATINGS,
        coerce=int,
        widget=forms.RadioSelect,
        help_text="For what you wanted to find out or decide.",
    )
    words = forms.CharField(
        label="In your words",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"What was good, what was missing. The engineer and the managers read it; you can change it for "
        f"{FEEDBACK_DAYS} days.",
        error_messages={"max_length": "Say it in at most 2,000 characters."},
    )


class RecommendationFilter(FilterForm):
    """Narrows the list of recommendations; what cannot be understood narrows nothing and says so."""

    q = forms.CharField(label="Search", required=False, max_length=100, help_text="A reference, or words of the advice")
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "Any"), ("to_do", "To do"), ("overdue", "Overdue"), *RecommendationState.choices],
        help_text="How it stands",
    )
    activity = forms.ChoiceField(
        label="Activity", required=False, choices=[("", "Any"), *ACTIVITIES.items()], help_text="Where it was given"
    )
    owner = forms.TypedChoiceField(
        label="Owner", required=False, coerce=int, empty_value=None, help_text="Who sees to it"
    )

    def __init__(self, *args: Any, rows: QuerySet[Recommendation], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        owners = rows.order_by("owner__name").values_list("owner", "owner__name").distinct()
        self.fields["owner"].choices = [("", "Anybody"), *owners]  # type: ignore[attr-defined]

    def narrow(self, rows: QuerySet[Recommendation]) -> QuerySet[Recommendation]:
        if not self.is_valid():
            return rows
        if words := self.cleaned_data["q"]:
            reference = Q(outcome__engagement__reference=normalised(words) or words)
            rows = rows.filter(reference | Q(text__icontains=words))
        if activity := self.cleaned_data["activity"]:
            rows = rows.filter(outcome__engagement__activity=activity)
        if owner := self.cleaned_data["owner"]:
            rows = rows.filter(owner=owner)
        match self.cleaned_data["state"]:
            case "":
                return rows
            case "to_do":
                return rows.filter(state__in=TO_DO)
            case "overdue":
                return rows.filter(state__in=TO_DO, due__lt=self.today)
            case state:
                return rows.filter(state=state)
