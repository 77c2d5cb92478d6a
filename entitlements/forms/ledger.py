from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django import forms

from entitlements.cards import Card
from entitlements.forms.filters import FilterForm
from entitlements.forms.times import A_DAY_OF_OURS, DAYS_AS_TYPED
from entitlements.rules.days import at_local_time, first_instant

DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)


class OfTheLedger(FilterForm):
    """One of the two questions that the ledger's page answers; each knows of the other's fields."""

    def _asked_for(self) -> Iterator[str]:
        yield from super()._asked_for()
        yield from ("line", "on", "at")


class LedgerFilter(OfTheLedger):
    """Narrows a year's ledger to one line of its card."""

    line = forms.ChoiceField(label="Activity", required=False, help_text="What the places are of")

    def __init__(self, *args: Any, card: Card, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.card = card
        choices = [("", "Any"), *((row.line.target, row.name) for row in card.rows)]
        self.fields["line"].choices = choices  # type: ignore[attr-defined]

    @property
    def targets(self) -> tuple[str, ...]:
        """The activity or the pool with its activities; empty: all."""
        target = self.cleaned_data["line"] if self.is_valid() else ""
        return next(((target, *row.line.activities) for row in self.card.rows if row.line.target == target), ())


class AsOfForm(OfTheLedger):
    """E5: the question what was left at a moment that has been. Without a time: at the end of the day."""

    on = forms.DateField(
        label="On the day",
        validators=A_DAY_OF_OURS,
        input_formats=DAYS_AS_TYPED,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "short"}),
        help_text="Today or an earlier day. Example: 2026-03-03.",
        error_messages={
            "required": "Give the day of the question, such as 2026-03-03.",
            "invalid": "Give the day as year, month and day, such as 2026-03-03.",
        },
    )
    at = forms.TimeField(
        label="At the time",
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "short"}),
        help_text="In the contract’s zone. Without one: at the end of the day.",
        error_messages={"invalid": "Give the time as hour and minute, such as 14:30."},
    )

    def __init__(self, *args: Any, card: Card, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.now, self.today = card.contract.tz, now, card.book.today

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        if "on" in answers and (answers["on"] > self.today or (answers.get("at") and self.instant > self.now)):
            self.add_error("on", "That moment is still to come. Give today or an earlier day.")
        return answers

    @property
    def instant(self) -> datetime:
        """The moment asked for (UTC), never after now."""
        on, at = self.cleaned_data["on"], self.cleaned_data["at"]
        if at:
            return at_local_time(datetime.combine(on, at), self.zone)
        return min(first_instant(on + DAY, self.zone) - MOMENT, self.now)
