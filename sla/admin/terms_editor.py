"""The editions of the Enterprise terms at the desk (S1, M11): one form, and the pages that every document has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField

from entitlements.admin.edition_forms import DraftForm
from entitlements.admin.edition_pages import Document, EditionPages, Verbs
from sla.actions import terms as actions
from sla.models import TermsEdition
from sla.rules.terms_drafts import faults
from sla.terms_sheets import CHANNELS, FIGURES, LOG_HELP, Sheet, effects_of, place_in_words


class TermsForm(DraftForm):
    """Every figure with its label and what it decides; what cannot be is said at the figure."""

    def __init__(self, *args: Any, edition: TermsEdition, **kwargs: Any) -> None:
        logs = {f"log_{channel}": edition.deciding_logs.get(channel, "") for channel in CHANNELS}
        super().__init__(*args, initial={"turn": edition.turn, **edition.figures, **logs}, **kwargs)
        for name in FIGURES:
            self.fields[name] = _field(name)
        for channel, label in CHANNELS.items():
            self.fields[f"log_{channel}"] = forms.CharField(
                label=f"Deciding log: {label}", max_length=40, help_text=f"{LOG_HELP} (S4)"
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            for place, refusal in faults(self.as_text()):
                self.add_error(place, str(refusal))
        return given

    def as_text(self) -> dict[str, Any]:
        """What was typed, by the names of the rules."""
        given = self.cleaned_data
        logs = {channel: given[f"log_{channel}"] for channel in CHANNELS}
        return {"valid_from": given["valid_from"], **{name: given[name] for name in FIGURES}, "deciding_logs": logs}

    @property
    def figures(self) -> Iterator[BoundField]:
        return (self[name] for name in (*FIGURES, *(f"log_{channel}" for channel in CHANNELS)))


def _field(name: str) -> forms.Field:
    """The field of a figure. What is below zero is refused by the rule, with its reason, not by the field."""
    label, clause, help_text = FIGURES[name]
    field: Any = TermsEdition._meta.get_field(name).formfield(  # type: ignore[union-attr]
        label=label, help_text=f"{help_text} ({clause})"
    )
    field.min_value = None
    field.validators = [one for one in field.validators if getattr(one, "code", "") != "min_value"]
    field.widget.attrs.pop("min", None)
    made: forms.Field = field
    return made


pages = EditionPages(
    Document(
        stem="terms",
        title="Enterprise terms",
        clause="S1",
        listed_at="admin:sla_termsedition_changelist",
        editions=lambda: TermsEdition.objects.select_related("drafted_by", "proposed_by", "published_by"),
        verbs=Verbs(
            draft=actions.draft_terms,
            save=actions.save_terms,
            propose=actions.propose_terms,
            give_back=actions.return_terms,
            publish=actions.publish_terms,
            discard=actions.discard_terms,
        ),
        form=lambda edition, typed=None: TermsForm(typed, edition=edition),
        sheet=Sheet,
        effects=effects_of,
        place=place_in_words,
        sheet_template="admin/terms_sheet.html",
        form_template="admin/terms_form.html",
        effects_template="admin/terms_effects.html",
    )
).routes
