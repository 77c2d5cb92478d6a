"""What a reviewer fills in to go through the lines of a claim (S9)."""

from __future__ import annotations

from typing import Any

from django import forms

from sla.admin.forms import Form
from sla.lines import STANDS, Sought
from sla.models import Claim, Evidence, LostTransaction

STRIKE, KEEP, DOCUMENT = "strike", "keep", "document"


class LinesForm(Form):
    """Which lines are looked at; a filter that makes no sense filters nothing."""

    q = forms.CharField(label="Words or line", required=False, max_length=100, help_text="A part of what it was.")
    stands = forms.ChoiceField(
        label="Which", required=False, choices=list(STANDS.items()), help_text="How the lines stand."
    )
    least = forms.DecimalField(label="Profit from", required=False, max_digits=18, decimal_places=2)
    most = forms.DecimalField(label="Profit to", required=False, max_digits=18, decimal_places=2)

    def sought(self) -> Sought:
        self.is_valid()
        told = self.cleaned_data
        return Sought(told.get("q") or "", told.get("stands") or "", told.get("least"), told.get("most"))


class JudgeForm(Form):
    """What is found of all the lines that are ticked, or of all that the filter finds."""

    prefix = "judge"
    which = forms.ChoiceField(
        label="Which lines",
        choices=[("ticked", "The lines that are ticked"), ("found", "All lines that the filter finds, on every page")],
        widget=forms.RadioSelect,
        initial="ticked",
    )
    finding = forms.ChoiceField(
        label="What you find",
        choices=[
            (STRIKE, "Strike them out"),
            (KEEP, "Keep them, as far as the rules let them count"),
            (DOCUMENT, "Name the document that shows them"),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.ChoiceField(
        label="Why they do not count",
        required=False,
        choices=[("", "Choose a reason"), *LostTransaction.Strike.choices],
        help_text="For lines that are struck out. Lines outside the remedy period are struck by themselves.",
    )
    document = forms.ModelChoiceField(
        Evidence.objects.none(),
        label="Document",
        required=False,
        empty_label="Choose a document",
        help_text="Of this claim, where a document is named.",
    )
    note = forms.CharField(
        label="What shows it",
        required=False,
        help_text="Why they are struck out or kept, on each line. The second person reads it.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, claim: Claim, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        documents = Evidence.objects.that_counts().filter(claim=claim)
        self.fields["document"].queryset = documents  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        finding = given.get("finding")
        if finding == STRIKE and not given.get("reason"):
            self.add_error("reason", "Choose why they do not count.")
        if finding in (STRIKE, KEEP) and not given.get("note"):
            self.add_error("note", "Say what shows it.")
        if finding == DOCUMENT and not given.get("document"):
            self.add_error("document", "Choose the document.")
        return given
