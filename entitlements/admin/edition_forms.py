"""What is filled in about an edition of any document: its name and day, and the forms of its way to publication."""

from __future__ import annotations

from typing import Any

from django import forms

from entitlements.admin.engagement_forms import date_field
from entitlements.forms.base import PortalForm

NAME_LENGTH = 60
"""The log names an edition by its name."""


class TurnForm(PortalForm):
    """What was read when the page was opened: an act on another draft than this is refused."""

    use_required_attribute = False
    turn = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ReturnForm(TurnForm):
    reason = forms.CharField(
        label="Why it is returned",
        help_text="Its author reads it in the history of the edition.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why it is returned."},
    )


class DraftForm(TurnForm):
    """An edition as a form; a document's own form adds its figures."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"] = date_field("Valid from", help_text="The first day on which it is in force.")


class NewDraftForm(PortalForm):
    """A draft begins as another edition, with a name and a day of its own."""

    use_required_attribute = False
    name = forms.CharField(
        label="Name",
        max_length=NAME_LENGTH,
        help_text="As customers will read it. It stays. Example: CSE usage policy, second edition.",
        error_messages={"max_length": f"Give it a name of at most {NAME_LENGTH} characters."},
    )
    valid_from = date_field("Valid from", help_text="The first day on which it is in force. Example: 2027-01-01.")


def lines_field(label: str, help_text: str, *, required: bool = True) -> forms.CharField:
    """A field for some sentences that customers read."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=2000,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": f"{label}: write a sentence. Customers read it."},
    )
