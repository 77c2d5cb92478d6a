"""The forms of a claim: a lost transaction, a document, the contact, the declaration (S9, S13, S14)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator

from entitlements.forms.base import PortalForm
from entitlements.imports.columns import Kind
from entitlements.imports.reading import CHECKS
from entitlements.uploads import check
from entitlements.wording import zone_in_words
from sla import uploads
from sla.actions.claims import TransactionLine
from sla.forms.fields import ClockField, DayField, FormWithTimes, MoneyField, which_field
from sla.transaction_files import MOST_LINES, read

_TELEPHONE = r"^\+?[0-9(][0-9 ()./-]{3,}[0-9]( ?(x|ext\.?) ?[0-9]+)?$"


class TransactionForm(FormWithTimes):
    """S9: one transaction that was attempted and not completed."""

    what = forms.CharField(
        label="What was it?", max_length=200, help_text="An order number and what it was for. No names of people."
    )
    attempted_day = DayField(label="Day of the attempt", help_text="Several attempts at one transaction are one line.")
    attempted_time = ClockField(label="Time of the attempt")
    attempted_which = which_field()
    revenue = MoneyField(label="Revenue that it would have brought")
    expenses = MoneyField(
        label="Expenses that you saved",
        required=False,
        help_text="What it would usually have cost you to fulfill it. Leave empty if nothing.",
    )

    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def __init__(self, *args: Any, zone: ZoneInfo, currency: str, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now
        self.fields["attempted_time"].help_text = f"In {zone_in_words(zone)}."
        self.fields["revenue"].help_text = f"In {currency}, like 1,200.50."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        day, clock = cleaned.get("attempted_day"), cleaned.get("attempted_time")
        at = cleaned["attempted_at"] = self.instant("attempted", self.zone)
        if day and clock and at is None:
            self.add_error("attempted_day", "That day is too far away. Check the year.")
        elif at and at > self.now:
            self.add_error("attempted_day", "It cannot have been attempted in the future. Check the day and the time.")
        return cleaned

    def line(self) -> TransactionLine:
        cleaned = self.cleaned_data
        return TransactionLine(
            cleaned["attempted_at"], cleaned["what"], cleaned["revenue"], cleaned["expenses"], cleaned["form_key"]
        )


class TransactionFileForm(PortalForm):
    """S9: lost transactions by a file, of the columns of `kind`; what is wrong with it as a whole is said here, row by row later."""

    file = forms.FileField(
        label="File of transactions",
        help_text=f"CSV in UTF-8, or XLSX, of at most {MOST_LINES:,} rows.",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        allow_empty_file=True,
        error_messages={"required": "Choose the file with your transactions."},
    )

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean_file(self) -> uploads.CheckedFile:
        most = settings.EVIDENCE_MAX_FILE_BYTES
        try:
            checked = check(self.cleaned_data["file"], CHECKS, allowed="a CSV or XLSX", most_bytes=most)
            uploads.refuse_a_virus(checked)
            read(checked, self.kind)
        except uploads.RefusedFile as refused:
            raise forms.ValidationError(str(refused)) from refused
        return checked


class EvidenceForm(PortalForm):
    """S9, S13: a document with a name of the customer's own; what is wrong with the file is said by `sla.uploads`."""

    label = forms.CharField(
        label="What does it show?",
        max_length=200,
        help_text="In your words, like: orders of that morning, from our shop.",
    )
    file = forms.FileField(
        label="File", help_text="Take out passwords, card numbers and personal data first.", allow_empty_file=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ",".join(f".{kind}" for kind in [*uploads.KINDS, "jpeg"])

    def clean_file(self) -> uploads.CheckedFile:
        try:
            return uploads.check(self.cleaned_data["file"])
        except uploads.RefusedFile as refused:
            raise forms.ValidationError(str(refused)) from refused


class ContactForm(PortalForm):
    """S13, S14: whom we may ask, whether the records may be audited, and whether a complete draft sends itself."""

    name = forms.CharField(label="Name", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label="E-mail address",
        help_text="Where questions about this claim go.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": "Write the address like name@example.com."},
    )
    phone = forms.CharField(
        label="Telephone number",
        required=False,
        max_length=60,
        help_text="With its country code, such as +1 415 555 0100.",
        validators=[RegexValidator(_TELEPHONE, "Write the number with digits, such as +1 415 555 0100.")],
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    audit_consent = forms.BooleanField(
        label="We agree that the records behind this claim may be audited",
        required=False,
        help_text="By the vendor or an independent auditor. You can send without it; refusing an audit can be a ground for denial.",
    )
    sends_itself = forms.BooleanField(
        label="Send the claim by itself if we forget",
        required=False,
        help_text="One hour before the deadline, if nothing is missing and the answers are declared.",
    )


class DeclarationForm(PortalForm):
    """S13: who signs for whom is said in the label, not chosen."""

    declared = forms.BooleanField(
        label="I declare",
        help_text="Other figures, or a document taken out after this, ask for it again. You can still add documents.",
    )

    def __init__(self, *args: Any, signs: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["declared"].label = signs
        self.fields["declared"].error_messages["required"] = "Tick the declaration before you send."
