"""How the loss is shown (S9, S10): the rates in place of a list of attempts, and what is asked about expenses."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from entitlements.forms.base import PortalForm
from sla.forms.fields import DayField, MoneyField
from sla.stated import StatedRates

EXPENSES_OF = {"expenses": "revenue", "completed_expenses": "completed_revenue"}
"""S10: the profit of months and of what completed is never below nothing: a negative one would raise the claim."""

YES_NO = [("yes", "Yes"), ("no", "No")]


class RateForm(PortalForm):
    """S10: only where the customer's own incident left no records of attempts; why, is asked first. `today` and the first and last
    of the `days` of the months before the failure (None: not known) are of the contract's zone."""

    reason = forms.CharField(
        label="Why are there no records of the attempts?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Like: the system that takes the orders was down itself and wrote nothing. Leave out names of people.",
        error_messages={"required": "Say why there are no records: this method is only for where there are none."},
    )
    revenue = MoneyField(label="Revenue of these months")
    expenses = MoneyField(
        label="Customary expenses of these months",
        required=False,
        help_text="What it usually cost you to fulfill them, as your documents show it. Leave empty if nothing.",
    )
    first_day = DayField(
        label="First day that your records cover",
        required=False,
        help_text="Leave both days empty if they cover all of these months.",
    )
    last_day = DayField(label="Last day that your records cover", required=False)
    completed_revenue = MoneyField(
        label="Revenue of what did complete while the failure lasted",
        required=False,
        help_text="In the remedy period, through the same systems. Leave empty if nothing completed.",
    )
    completed_expenses = MoneyField(label="Customary expenses of that", required=False)

    def __init__(
        self, *args: Any, currency: str, today: date, days: tuple[date, date] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.days = today, days
        said = f"In {currency}, through the affected systems only. Figures are totals, like 1,200.50."
        self.fields["revenue"].help_text = said

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for expenses, revenue in EXPENSES_OF.items():
            if not {expenses, revenue} & self.errors.keys() and cleaned[expenses] > cleaned[revenue]:
                self.add_error(expenses, "They are higher than the revenue that they belong to. Check both sums.")
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if not {"first_day", "last_day"} & self.errors.keys():
            if bool(first) != bool(last):
                self.add_error("last_day" if first else "first_day", "Give both days, or leave both empty.")
            elif first and last and first > last:
                self.add_error("last_day", "It lies before the first day. Check both.")
            elif last and last > self.today:
                self.add_error("last_day", "No records cover a day that is still to come. Check the year.")
            elif first and last and self.days and (last < self.days[0] or first > self.days[1]):
                self.add_error("last_day", "None of these days is within the months that count. They are named above.")
        return cleaned

    def rates(self) -> StatedRates:
        return StatedRates(**self.cleaned_data)


class ExpensesForm(PortalForm):
    """S9: how the expenses were worked out, and the three things for which nothing is paid, as plain questions."""

    expenses_basis = forms.CharField(
        label="How did you work out the expenses?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What a sale usually costs you: goods, freight, fees of the payment. Say which document shows it.",
    )
    affected_systems = forms.ChoiceField(
        label="Did all of it go through the systems that the failure affected?",
        choices=YES_NO,
        required=False,
        widget=forms.RadioSelect,
        help_text="A loss through other systems does not count.",
    )
    other_system_down = forms.ChoiceField(
        label="Did any of it need another system that was down anyway at that time?",
        choices=YES_NO,
        required=False,
        widget=forms.RadioSelect,
        help_text="Such as your shop, your bank or your network. It would have been lost without the failure too.",
    )
    repair_costs = forms.ChoiceField(
        label="Does any sum contain what it cost to repair, replace or make up for something?",
        choices=YES_NO,
        required=False,
        widget=forms.RadioSelect,
        help_text="Such costs do not count. Take them out of the sums.",
    )

    QUESTIONS = ("affected_systems", "other_system_down", "repair_costs")

    def answers(self) -> dict[str, Any]:
        """Yes, no, or None where it is left open."""
        said = {name: {"yes": True, "no": False}.get(self.cleaned_data[name]) for name in self.QUESTIONS}
        return {"expenses_basis": self.cleaned_data["expenses_basis"], **said}

    @classmethod
    def known(cls, claim: Any) -> dict[str, str]:
        """What was answered before, as the form shows it."""
        words = {True: "yes", False: "no", None: ""}
        return {
            "expenses_basis": claim.expenses_basis,
            **{name: words[getattr(claim, name)] for name in cls.QUESTIONS},
        }
