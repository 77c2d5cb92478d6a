"""What a manager fills in about a cause that excludes failures: what, from when to when, upon what, by which evidence (S6)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.db.models import Q

from entitlements.admin.engagement_forms import DeskForm, date_field, reason_field, time_field
from entitlements.models import User
from entitlements.uploads import CheckedFile, RefusedFile
from sla import uploads
from sla.actions.findings import Found
from sla.admin.maintenance_forms import TimedForm, zone_field
from sla.admin.whom_forms import WhomForm
from sla.models import DETAILS, FOUND_KINDS, Downtime, Failure, Finding, FindingDocument, Outage
from sla.models.findings import OWN_KINDS
from sla.rules.exclusions import ExclusionKind, ForceMajeure, Responsibility

_DETAILS_OF = {
    ExclusionKind.FORCE_MAJEURE.numeral: ForceMajeure,
    ExclusionKind.CUSTOMER_RESPONSIBILITY.numeral: Responsibility,
}
_RESPONSIBILITY, _PUSH = ExclusionKind.CUSTOMER_RESPONSIBILITY.numeral, ExclusionKind.PUSH_CHANNEL.numeral

NO_DOCUMENT = "Choose the document that shows it. Nothing is excluded without evidence."


def _details() -> list[Any]:
    named = [(FOUND_KINDS[kind], [(one.value, DETAILS[one]) for one in of_it]) for kind, of_it in _DETAILS_OF.items()]
    return [("", "None: the kind says it"), *named]


class FindingForm(WhomForm, TimedForm):
    """S6. `kept` is the document once it was handed in: a page cannot keep a file."""

    field_order = (
        *("kind", "detail", "zone", "start_day", "start_time", "end_day", "end_time", "outage", "channel", "incident"),
        *("everybody", "customers", "statement", "rests_on", "state_then", "evidence", "document", "kept", "reason"),
    )
    kind = forms.ChoiceField(
        label="Which exclusion",
        choices=[("", "Choose an exclusion"), *((key, f"({key}) {words}") for key, words in FOUND_KINDS.items())],
        help_text="Maintenance (iv) and volume (v) are computed, and need no finding.",
    )
    detail = forms.ChoiceField(
        label="Which force majeure or responsibility",
        choices=_details,
        required=False,
        help_text="Of (ii) and (vi) only.",
    )
    zone = zone_field()
    start_day = date_field("From, day")
    start_time = time_field("From, time", seconds=True, help_text="To the second, as the evidence has it.")
    end_day = date_field("To, day")
    end_time = time_field("To, time", seconds=True, help_text="This instant itself is not excluded any more.")
    outage = forms.CharField(
        label="Upon which outage",
        required=False,
        help_text="Its reference. With none, and no channel or incident, all counts that these customers had in that time.",
    )
    channel = forms.ChoiceField(
        label="Upon alerts by which channel",
        choices=[("", "Any channel, and outages"), *Failure.Channel.choices],
        required=False,
        help_text="With a channel it is of alerts only. Of (vii) it is push.",
    )
    incident = forms.CharField(
        label="Upon alerts of which incident",
        max_length=200,
        required=False,
        help_text="As the alert log has it. With an incident it is of its alerts only.",
    )
    statement = forms.CharField(
        label="What was found",
        max_length=2000,
        help_text="Customers read it. What failed, whose it was, and why that caused the failure.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    rests_on = forms.CharField(
        label="By which document the customer had to act",
        max_length=300,
        required=False,
        help_text="Of (vi) only: its title and address.",
    )
    state_then = forms.CharField(
        label="How it stood then",
        max_length=2000,
        required=False,
        help_text="Of (vi) only: the version in force, what it asks, and how the customer's setting or act differed.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    evidence = forms.CharField(
        label="What shows it", max_length=300, help_text="What the document is, and where in it. Customers read it."
    )
    document = forms.FileField(
        label="The document",
        help_text=f"{uploads.ALLOWED[0].upper()}{uploads.ALLOWED[1:]}. Its hash is kept with the finding.",
        widget=forms.FileInput(attrs={"accept": ",".join(f".{one}" for one in uploads.KINDS)}),
        error_messages={"empty": "The file is empty. Choose another.", "required": NO_DOCUMENT},
    )
    kept = forms.ModelChoiceField(FindingDocument.objects.none(), required=False, widget=forms.HiddenInput)
    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def __init__(self, *args: Any, by: User, finding: Finding | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Q(uploaded_by=by) | Q(findings=finding) if finding else Q(uploaded_by=by)
        self.fields["kept"].queryset = FindingDocument.objects.filter(own).distinct()  # type: ignore[attr-defined]
        self.fields["everybody"].label = "It concerns all customers"
        self.fields["document"].required = not (finding or self.data.get("kept"))
        if finding:
            self.fields["reason"] = reason_field("Why it is another", "What it was stays on record beside this.")
            self.order_fields(self.field_order)

    def keep(self, document: FindingDocument) -> None:
        """The document is kept by now: the page that follows names it, and the file need not be chosen again."""
        data: Any = self.data
        self.data = data = data.copy()
        data["kept"] = str(document.pk)

    def clean_document(self) -> CheckedFile | None:
        upload = self.cleaned_data.get("document")
        if not upload:
            return None
        try:
            return uploads.check(upload)
        except RefusedFile as refused:
            raise forms.ValidationError(str(refused)) from refused

    def clean_outage(self) -> Outage | None:
        typed = str(self.cleaned_data["outage"]).strip()
        if not typed:
            return None
        if found := Outage.objects.filter(reference__iexact=typed).first():
            return found
        raise forms.ValidationError("No outage has this reference. Look it up in the list of outages.")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        kind = given.get("kind", "")
        fitting = [one.value for one in _DETAILS_OF.get(kind, ())]
        if given.get("detail", "") not in (fitting or [""]):
            self.add_error(
                "detail", "Choose which of them it was." if fitting else "Leave it: this exclusion has no kinds."
            )
        self._check_responsibility(given, kind)
        self._check_scope(given, kind)
        if not given.get("document") and not given.get("kept") and "document" not in self.errors:
            self.add_error("document", NO_DOCUMENT)
        return given

    def _check_responsibility(self, given: dict[str, Any], kind: str) -> None:
        asked = {
            "rests_on": "Name the document by which the customer had to act.",
            "state_then": "Say how it stood then.",
        }
        for name, sentence in asked.items():
            if kind == _RESPONSIBILITY and not given.get(name):
                self.add_error(name, sentence)
            elif kind != _RESPONSIBILITY and given.get(name):
                self.add_error(name, "Leave it empty: only a customer responsibility has it.")

    def _check_scope(self, given: dict[str, Any], kind: str) -> None:
        if given.get("outage") and (given.get("channel") or given.get("incident")):
            self.add_error("outage", "It is upon an outage or upon alerts, not both. Record two findings.")
        if kind == _PUSH and given.get("channel") not in ("", "push"):
            self.add_error("channel", "The provider of the push channel excludes alerts by push only.")
        if given.get("incident") and given.get("everybody"):
            self.add_error("incident", "An incident is one customer's. Name the customer.")
        if kind in OWN_KINDS and given.get("everybody"):
            self.add_error("everybody", "This cause is a customer's own. Name the customers whom it concerns.")

    @property
    def found(self) -> Found:
        """What was filled in, once it is valid."""
        given, span = self.cleaned_data, self.window
        assert span is not None
        names = ("kind", "detail", "statement", "evidence", "rests_on", "state_then", "outage", "channel", "incident")
        return Found(span=span, customers=self.named, **{name: given[name] for name in names})


class WithdrawFindingForm(DeskForm):
    reason = reason_field("Why it is withdrawn", "It stays on record, with this, and excludes nothing any more.")


class ExaminedForm(DeskForm):
    """S6: it was looked, and not found."""

    prefix = "examined"
    kind = forms.ChoiceField(
        label="Which exclusion you looked for",
        choices=[("", "Choose an exclusion"), *((key, f"({key}) {words}") for key, words in FOUND_KINDS.items())],
        help_text="What you found is recorded as a finding instead.",
    )
    note = reason_field("What you looked at", "It stands on the checklist with your name.")


def as_it_is(finding: Finding) -> dict[str, Any]:
    """What the form of a correction begins with."""
    span = {"start": finding.during.lower, "end": finding.during.upper}
    names = ("kind", "detail", "statement", "evidence", "rests_on", "state_then", "channel", "incident", "everybody")
    return {
        "zone": "UTC",
        **_times(span),
        **{name: getattr(finding, name) for name in names},
        "outage": finding.outage.reference if finding.outage else "",
        "customers": "\n".join(one.customer.external_id for one in finding.named.select_related("customer")),
        "kept": finding.document_id,
    }


def _times(span: dict[str, datetime]) -> dict[str, Any]:
    local = {name: at.astimezone(UTC) for name, at in span.items()}
    return {f"{name}_day": at.date() for name, at in local.items()} | {
        f"{name}_time": at.time() for name, at in local.items()
    }


def asked_for(asked: dict[str, str]) -> dict[str, Any]:
    """What the form begins with where a page leads to it: upon its outage or alert, in its time (instants in ISO, UTC), or else that
    of the outage."""
    known: dict[str, Any] = {
        name: asked[name] for name in ("outage", "customers", "incident", "channel", "kind") if name in asked
    }
    times = {name: at for name in ("start", "end") if (at := _instant(asked.get(name, "")))}
    times = times or _time_of_outage(asked.get("outage", ""))
    return {"zone": "UTC", **known, **_times(times)} if times else known


def _time_of_outage(reference: str) -> dict[str, datetime]:
    """From the first interval of its logs to the end of the last; while one lasts there is no end."""
    logged = Downtime.objects.that_count().filter(outage__reference=reference).values_list("during", flat=True)
    spans = list(logged)
    if not spans:
        return {}
    times = {"start": min(one.lower for one in spans)}
    return times if any(one.upper is None for one in spans) else times | {"end": max(one.upper for one in spans)}


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
