"""What a request asks of its requester: what is there, a time or a day, and the two confirmations (E5, E7, E11, E12)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms

from entitlements.forms.base import PortalForm
from entitlements.forms.times import TimesForm, another_day_field, time_field
from entitlements.models import ActivityDescription
from entitlements.offers import Offered
from entitlements.rules.days import local_day

ANSWERS = [("yes", "We have this"), ("not_yet", "Not yet"), ("not_sure", "Not sure")]
CONFIRMED = ("preparation", "advice")


class AskingForm(PortalForm):
    """E11, E12: what every request says, whoever types it: its topic, the two confirmations, and which form it was."""

    topic = forms.CharField(
        label="What it is about",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What you want to find out or decide, so that the right engineer comes prepared.",
        error_messages={"max_length": "Say what it is about in at most 2,000 characters."},
    )
    preparation = forms.BooleanField(
        error_messages={"required": "Tick the box to confirm what you bring. Without it we cannot take the request."}
    )
    advice = forms.BooleanField(
        error_messages={"required": "Tick the box to accept that the engagement is advice. It belongs to the request."}
    )
    form_key = forms.CharField(required=False, widget=forms.HiddenInput)

    def confirm_of(self, described: ActivityDescription) -> None:
        """What the two confirmations are of, in the activity's own words."""
        self.fields["preparation"].label = "We bring this to the session"
        self.fields["preparation"].help_text = f"{described.should_bring} Tick to confirm: the engagement builds on it."
        self.fields["advice"].label = described.edition.advice_wording
        self.fields["advice"].help_text = "Tick to accept: your name, the time and this wording are kept."

    def clean_form_key(self) -> uuid.UUID:
        """X9: the same for every sending of one form; a form without a good one counts as new."""
        try:
            return uuid.UUID(self.cleaned_data["form_key"])
        except ValueError:
            return uuid.uuid4()


class RequestForm(TimesForm, AskingForm):
    """E5, E11, E12: the answers of both pages; the confirmations are asked for on the second only, when it is sent."""

    wished_start = time_field("The next free times")
    wished_day = another_day_field()
    ps_reference = forms.CharField(
        label="Professional Services agreement",
        max_length=60,
        help_text="Its reference. Under it the session takes no place of your contract year.",
        error_messages={"required": "Give the reference of the agreement, as it stands on it."},
    )

    def __init__(self, *args: Any, offer: Offered, now: datetime, sent: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, own_zone=offer.contract.tz, earliest=offer.earliest(now), **kwargs)
        self.offer = offer
        for question in offer.questions:
            field = forms.ChoiceField(
                label=question.thing, choices=ANSWERS, widget=forms.RadioSelect, help_text=question.help
            )
            self.fields[question.key] = field
        if not offer.beyond:
            del self.fields["ps_reference"]
        self.order_fields([*(question.key for question in offer.questions), "ps_reference", "topic"])  # as on the page
        self._list_times()
        self.confirm_of(offer.described)
        for name in CONFIRMED:
            self.fields[name].required = sent

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        start = answers["wished_start"] = None if self.gone else self.chosen("wished_start")
        if self.gone:
            self.has_gone("wished_start", self.gone)
        elif start:
            answers["wished_day"] = local_day(start, self.own_zone)
        elif not answers.get("wished_day") and not {"wished_day", "wished_start"} & set(self.errors):
            self.add_error("wished_day", "Choose a time, or give the day that you wish for, such as 2026-11-30.")
        return answers

    def _list_times(self) -> None:
        """The next free times, and the one that was chosen; if that has gone, those after it."""
        chosen, after = self.chosen("wished_start"), self.start_of_list
        self.gone = chosen if chosen and not self.offer.is_free(chosen) else None
        times = self.offer.next_times(max(after, self.gone) if self.gone else after, self.read_in, self.part)
        self.offer_times("wished_start", [*times, *([chosen] if chosen and not self.gone else [])], "None of these")

    @property
    def asks_again(self) -> bool:
        """Whether something of the first page is wrong, so that it has to be shown again."""
        return bool(set(self.errors) - set(CONFIRMED))

    @property
    def prepared(self) -> dict[str, str]:
        """E12: each thing to bring, and what was answered."""
        return {question.thing: self.cleaned_data[question.key] for question in self.offer.questions}

    @property
    def prepared_in_words(self) -> list[tuple[str, str]]:
        return [(thing, dict(ANSWERS)[answer]) for thing, answer in self.prepared.items()]

    @property
    def first_page(self) -> list[forms.BoundField]:
        """What the first page shows, in its order: what is there first, then when (C4.2)."""
        asked = [self[question.key] for question in self.offer.questions]
        wanted = [self["ps_reference"]] if self.offer.beyond else []
        return [*asked, *wanted, self["topic"]]

    @property
    def carried(self) -> list[forms.BoundField]:
        """What the second page keeps of the first, unseen."""
        return [field for field in self if field.name not in CONFIRMED]
