"""What a manager fills in for the ledger: an application to an invoice, a reversal, a correction (M6)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, Sum

from entitlements.admin.engagement_forms import reason_field
from entitlements.wording import money_in_words
from sla.admin.forms import Form
from sla.forms.fields import MoneyField
from sla.ledger import LedgerLine
from sla.models import Credit, CreditEntry


class ApplicationForm(Form):
    """So much of a credit went into an invoice."""

    invoice = forms.CharField(
        label="Invoice",
        max_length=60,
        help_text="Its number, as billing has it and as the customer finds it.",
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off"}),
    )
    amount = MoneyField(label="Sum", help_text="How much of the credit this invoice is less by, like 1,200.50.")

    def __init__(self, *args: Any, credit: Credit, lines: list[LedgerLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].initial = f"{credit.balance:.2f}"


class _OfALine(Form):
    line = forms.ModelChoiceField(
        CreditEntry.objects.none(),
        label="Which line",
        help_text="What of it still stands is said beside it. The line itself stays as it is.",
        widget=forms.RadioSelect,
        empty_label=None,
    )

    def __init__(self, *args: Any, credit: Credit, lines: list[LedgerLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {one.entry.pk: self._in_words(one) for one in lines if one.can_be_changed}
        field: Any = self.fields["line"]
        field.queryset = CreditEntry.objects.filter(pk__in=words)
        field.label_from_instance = lambda entry: words[entry.pk]
        if len(words) == 1:
            field.initial = next(iter(words))

    def _in_words(self, line: LedgerLine) -> str:
        invoice = f": {line.entry.invoice}" if line.entry.invoice else ""
        left = money_in_words(abs(line.stands), line.entry.currency)
        return f"{line.what}{invoice}; {left} of it stands"


class ReversalForm(_OfALine):
    """A line is undone by its opposite."""

    reason = reason_field("Why", "The customer reads it in the letter and on the memo.")
    set_off_by = forms.ModelChoiceField(
        Credit.objects.none(),
        label="Credit that is kept instead",
        required=False,
        help_text="Only where two causes turn out to be one, before they are merged: this credit is void then.",
        empty_label="None: the credit keeps its place, and its cause stays credited",
    )

    def __init__(self, *args: Any, credit: Credit, **kwargs: Any) -> None:
        super().__init__(*args, credit=credit, **kwargs)
        others = Credit.objects.filter(customer=credit.customer, voided_at__isnull=True).exclude(pk=credit.pk)
        stands = Sum("entries__amount", filter=Q(entries__memo__isnull=False))
        field: Any = self.fields["set_off_by"]
        field.queryset = others.select_related("cause", "claim__contract").annotate(stands=stands)
        field.label_from_instance = lambda one: (
            f"{one.reference}, {money_in_words(one.stands, one.currency)} for {one.cause}"
        )


class CorrectionForm(_OfALine):
    """What a line should have been."""

    amount = MoneyField(
        label="What it should have been", help_text="The whole sum, like 1,200.50. The new line is the difference."
    )
    reason = reason_field("Why", "The customer reads it in the letter and on the memo.")
