"""What a manager fills in to change a contract. Each form hands its action what it needs, by name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms

from entitlements.admin.engagement_forms import date_field
from entitlements.forms.base import PortalForm
from entitlements.models import Activity, CapOverride, Contract, Level, PolicyEdition
from entitlements.rules.caps import NOT_AVAILABLE, UNLIMITED, Override
from entitlements.rules.days import local_day


def reason_field(help_text: str) -> forms.CharField:
    return forms.CharField(label="Why", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), help_text=help_text)


class ContractForm(PortalForm):
    """A change of one contract: typed, looked at, confirmed."""

    use_required_attribute = False

    def __init__(self, *args: Any, contract: Contract, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contract, self.today = contract, local_day(now, contract.tz)
        self.prepare()

    def prepare(self) -> None:
        """What of the form depends on the contract."""

    def given(self) -> dict[str, Any]:
        """What the action is given, by name."""
        return {"contract": self.contract, **self.cleaned_data}

    def _asked_for(self) -> Iterator[str]:
        yield from super()._asked_for()
        yield "step"


class LevelForm(ContractForm):
    """E1, E6"""

    level = forms.ChoiceField(label="Level", choices=Level.choices, help_text="The caps of the policy follow from it.")
    first = date_field("From", help_text="The first day at this level. It holds to the end of the term.")
    reason = reason_field("The order form or amendment, or what was agreed.")

    def prepare(self) -> None:
        day = max(self.today, self.contract.first_day)
        now = self.contract.facts().level_on(day)
        self.fields["first"].initial = day
        if now:
            self.fields["level"].initial = now
            self.fields["level"].help_text = f"Now: {Level(now).label}. The caps of the policy follow from it."


class OverrideForm(ContractForm):
    """E8"""

    target = forms.ChoiceField(label="Cap of", help_text="An activity, or a pool of the policy as a whole.")
    kind = forms.ChoiceField(
        label="Instead of the policy's cap",
        choices=[("number", "A number"), ("unlimited", "Without limit"), ("na", "N/A: not available")],
        initial="number",
        widget=forms.RadioSelect,
    )
    cap = forms.IntegerField(
        label="Number a contract year", min_value=0, max_value=999, required=False, help_text="Only for a number."
    )
    first = date_field("From", required=False, help_text="Empty: from the beginning of the term.")
    last = date_field("Until", required=False, help_text="The last day. Empty: to the end of the term.")
    document = forms.CharField(
        label="Document",
        max_length=200,
        help_text="The agreement that says so, with its section. Example: Order form, 4.2.",
    )
    reason = reason_field("Whoever looks at the cap later reads it.")

    def prepare(self) -> None:
        editions = PolicyEdition.objects.facts()
        pools = {pool.key: pool.name for edition in editions for pool in edition.pools}
        activities = list(Activity.objects.values_list("key", "name"))
        self.fields["target"].choices = [*activities, *pools.items()]  # type: ignore[attr-defined]
        self.pools = pools

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == "number" and given.get("cap") is None and "cap" not in self.errors:
            self.add_error("cap", "Give the number, or choose without limit or N/A.")
        first, last = given.get("first"), given.get("last")
        if first and last and last < first:
            self.add_error("last", "The last day lies before the first.")
        return given

    def given(self) -> dict[str, Any]:
        typed = self.cleaned_data
        caps = {"unlimited": UNLIMITED, "na": NOT_AVAILABLE}
        override = Override(
            target=typed["target"],
            cap=caps.get(typed["kind"], typed["cap"]),
            first=typed["first"],
            last=typed["last"],
            reference=typed["document"],
            reason=typed["reason"],
            on_pool=typed["target"] in self.pools,
        )
        return {"contract": self.contract, "override": override}


class EndOverrideForm(ContractForm):
    """E8"""

    override = forms.ModelChoiceField(
        CapOverride.objects.none(), label="Override", empty_label="Choose an override", help_text="The cap that ends."
    )
    last = date_field("Last day", help_text="From the day after, the policy's own cap holds.")
    reason = reason_field("What in the agreement ended it.")

    def prepare(self) -> None:
        field = self.fields["override"]
        field.queryset = self.contract.overrides.select_related("activity")  # type: ignore[attr-defined]
        field.label_from_instance = _named  # type: ignore[attr-defined]
        self.fields["last"].initial = self.today

    def given(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class ReasonForm(ContractForm):
    """E14: suspended and resumed with a reason, from today on."""

    reason = reason_field("It is kept with the contract; the customer does not read it.")


class TerminateForm(ContractForm):
    """E14"""

    last_day = date_field("Last day", help_text="The last day of the term. What is booked for later days is cancelled.")
    side = forms.ChoiceField(
        label="Who ends it", choices=[("customer", "The customer"), ("vendor", "We")], widget=forms.RadioSelect
    )
    reason = reason_field("The customer reads it in the letter about each cancelled engagement.")


class ExtendForm(ContractForm):
    """E3"""

    last = date_field("New last day", help_text="By the same order form. A new order form is a new contract: renew it.")
    reason = reason_field("What was agreed, and where: the name of the document.")


def _named(override: CapOverride) -> str:
    cap = override.effective_cap()
    what = str(override.activity) if override.activity else override.pool_key
    figure = {UNLIMITED: "without limit", NOT_AVAILABLE: "N/A"}.get(cap, cap) if not isinstance(cap, int) else cap
    return f"{what}: {figure}, by {override.document}"
