"""The filter above a list: a reference, with or without hyphens, and a state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from entitlements.forms.filters import FilterForm
from entitlements.references import normalised
from entitlements.wording import state_of


class ListForm(FilterForm):
    """What a list is narrowed by. An answer that makes no sense narrows nothing."""

    q = forms.CharField(
        label="Reference",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    state = forms.ChoiceField(label="State", required=False)
    page = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, states: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(str(state), state_of(state).word) for state in states]
        self.fields["state"].choices = [("", "All"), *offered]  # type: ignore[attr-defined]

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        self.is_valid()
        asked = self.cleaned_data
        if typed := asked.get("q"):
            reference = normalised(typed)
            rows = rows.filter(reference=reference) if reference else rows.filter(reference__icontains=typed)
        return rows.filter(state=asked["state"]) if asked.get("state") else rows

    @property
    def narrows(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("q", "state"))
