"""What a person says about their own account, and an owner about the firm's contacts (C12)."""

from __future__ import annotations

from typing import Any

from django import forms

from entitlements.forms.base import PortalForm
from entitlements.models import DateStyle, Role
from entitlements.rules.days import zone_names

INVALID_ADDRESS = {"required": "Give an e-mail address.", "invalid": "Give a whole address, such as ana@acme.example."}


class AddressForm(PortalForm):
    """C12.2: where codes go from now on."""

    email = forms.EmailField(
        label="New e-mail address",
        help_text="We send a link there. The change happens when you open it and confirm.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages=INVALID_ADDRESS,
    )


class ContactForm(PortalForm):
    """C12.3: a person or an office that reads legal notices."""

    name = forms.CharField(
        label="Name",
        max_length=200,
        help_text="A person or an office, such as Legal department.",
        error_messages={"required": "Give a name."},
    )
    email = forms.EmailField(
        label="E-mail address",
        help_text="A shared mailbox is fine here. Nobody signs in by it.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages=INVALID_ADDRESS,
    )


class DisplayForm(PortalForm):
    """C12.5: the reader's own zone and way of writing days."""

    zone = forms.ChoiceField(
        label="Your time zone",
        required=False,
        help_text="Shown as a second line beside the contract's zone.",
    )
    date_style = forms.ChoiceField(
        label="How days are written",
        choices=DateStyle.choices,
        widget=forms.RadioSelect,
        help_text="In lists and facts. Deadlines and letters keep their one form.",
        error_messages={"required": "Choose one."},
    )
    preview = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(key for key in zone_names() if "/" in key and not key.startswith(("Etc/", "SystemV/")))
        self.fields["zone"].choices = [  # type: ignore[attr-defined]
            ("", "The contract's alone"),
            ("UTC", "UTC"),
            *((key, key.replace("_", " ")) for key in zones),
        ]


class RemindersForm(PortalForm):
    """C12.4: reminders that a person may do without."""

    wanted = forms.MultipleChoiceField(
        label="Remind me",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What is not ticked is switched off. The deadlines themselves stay, and so do the last reminders before them.",
    )

    def __init__(self, *args: Any, offered: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["wanted"].choices = list(offered.items())  # type: ignore[attr-defined]


class CopiesForm(PortalForm):
    """C12.4: letters that come besides those of the person's own roles."""

    copies = forms.MultipleChoiceField(
        label="Also send me",
        required=False,
        choices=[
            (Role.BOOKINGS.value, "Letters about sessions: booked, moved, cancelled, reminders"),
            (Role.CLAIMS.value, "Letters about failures, claims and credits, with their reminders"),
        ],
        widget=forms.CheckboxSelectMultiple,
        help_text="Ticking adds letters. What your own roles bring stays, ticked or not.",
    )
