from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from entitlements.forms.filters import FilterForm
from entitlements.models import Letter
from entitlements.references import normalised
from entitlements.wording import label_in_words


class LetterFilter(FilterForm):
    """Narrows the archive; what cannot be understood narrows nothing and says so."""

    q = forms.CharField(
        label="Search", required=False, max_length=100, help_text="A reference, an address, or words of the letter"
    )
    kind = forms.ChoiceField(label="About", required=False, help_text="What the letter is about")

    def __init__(self, *args: Any, letters: QuerySet[Letter], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = letters.order_by("kind").values_list("kind", flat=True).distinct()
        choices = [("", "Anything"), *((kind, label_in_words(kind)) for kind in kinds)]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]

    def narrow(self, letters: QuerySet[Letter]) -> QuerySet[Letter]:
        if not self.is_valid():
            return letters
        if words := self.cleaned_data["q"]:
            letters = letters.filter(
                Q(matter=normalised(words) or words)
                | Q(subject__icontains=words)
                | Q(text__icontains=words)
                | Q(addressee__icontains=words)
            )
        if kind := self.cleaned_data["kind"]:
            letters = letters.filter(kind=kind)
        return letters
