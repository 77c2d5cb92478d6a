"""What a reviewer fills in beside a decision: to put a claim aside, to name its cause, to waive lateness, to have it audited."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms

from entitlements.admin.engagement_forms import date_field
from entitlements.models import Contract
from entitlements.rules.days import deadline_within, first_instant, local_day
from sla.actions.audits import Auditor
from sla.admin.forms import Form
from sla.admin.question_forms import MOST_DAYS
from sla.models import Audit, Cause, Claim


class DayForm(Form):
    """A day of the contract's zone, ahead of us."""

    def __init__(self, *args: Any, contract: Contract, now: datetime, **kwargs: Any) -> None:
        self.zone = contract.tz
        self.today = local_day(now, self.zone)
        super().__init__(*args, **kwargs)

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not 0 < (day - self.today).days <= MOST_DAYS:
            raise forms.ValidationError(f"Choose a day from tomorrow to {MOST_DAYS} days ahead.")
        return day


class AsideForm(DayForm):
    prefix = "aside"
    day = date_field("Until", help_text="It is back in the queue when this day begins. No deadline of it moves.")
    why = forms.CharField(label="Why", max_length=400, help_text="Your colleagues read it. The customer does not.")

    def until(self) -> datetime:
        return first_instant(self.cleaned_data["day"], self.zone)


class CauseForm(Form):
    """S12: the cause of another claim, or a new one."""

    prefix = "cause"
    like = forms.ModelChoiceField(
        Cause.objects.none(),
        label="Same cause as",
        required=False,
        empty_label="None of these: a new cause",
        help_text="Causes of outages, and of other claims of this customer, that are not merged into another.",
    )
    title = forms.CharField(
        label="Title of a new cause", required=False, max_length=200, help_text="What made the failure happen."
    )

    def __init__(self, *args: Any, claim: Claim, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Cause.objects.filter(claims__contract__customer=claim.contract.customer_id)
        hit = Cause.objects.filter(outages__downtimes__customer=claim.contract.customer_id)
        known = (own | hit).filter(merged_into__isnull=True).distinct()
        self.fields["like"].queryset = known  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("like") and not given.get("title"):
            self.add_error("title", "Choose a cause, or say what the new one is.")
        return given


class CapForm(Form):
    """S11: a rate, its day, and whose it is."""

    prefix = "cap"
    rate = forms.DecimalField(
        label="Rate",
        max_digits=18,
        decimal_places=8,
        help_text="So much of the contract’s currency for one of the cap’s.",
    )
    day = date_field("Day of the rate", help_text="The day of the approval, or the last one before it with a rate.")
    source = forms.CharField(label="Source", max_length=200, help_text="Who published the rate, and where.")


class WaiverForm(Form):
    prefix = "waiver"
    reason = forms.CharField(
        label="Why lateness is waived",
        max_length=4000,
        help_text="A second person approves it. It stands in the file.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AuditForm(DayForm):
    prefix = "audit"
    side = forms.ChoiceField(label="By whom", choices=Audit.Side.choices, widget=forms.RadioSelect)
    email = forms.EmailField(
        label="E-mail of the auditor", help_text="Somebody independent signs in with it, and sees this claim only."
    )
    name = forms.CharField(label="Name of an independent auditor", required=False, max_length=200)
    firm = forms.CharField(label="Firm of an independent auditor", required=False, max_length=200)
    scope = forms.CharField(
        label="What is audited",
        max_length=4000,
        help_text="The letter and the customer's page say it in these words.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    day = date_field("Last day to help", help_text="Until its end the customer gives the auditor what they ask for.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("side") == Audit.Side.INDEPENDENT:
            for field, said in (("name", "Name the auditor."), ("firm", "Name the auditor's firm.")):
                if not given.get(field):
                    self.add_error(field, said)
        return given

    def told(self) -> dict[str, Any]:
        given = self.cleaned_data
        firm = given["firm"] if given["side"] == Audit.Side.INDEPENDENT else ""
        auditor = Auditor(side=given["side"], email=given["email"], name=given["name"], firm=firm)
        return {"auditor": auditor, "scope": given["scope"], "answer_by": deadline_within(0, given["day"], self.zone)}


class CloseAuditForm(Form):
    prefix = "close"
    findings = forms.CharField(
        label="What the audit found",
        max_length=8000,
        help_text="Strike out or keep the lines that it is about first: the change of the amount is worked out from them.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    refused = forms.BooleanField(
        label="The customer refused the audit", required=False, help_text="That is a ground for denial (S14)."
    )
