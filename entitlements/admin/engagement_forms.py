"""What a manager fills in on the pages of an engagement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from entitlements import wording
from entitlements.actions.engagements import PlannedSession
from entitlements.admin.engagement_standing import Part
from entitlements.forms.base import PortalForm
from entitlements.free_time import FreeTime
from entitlements.models import BookedSession, Engineer
from entitlements.rules.days import at_local_time

FREE = "In the customer's working day; after each, who is free then."
OTHERWISE = "None of these: the day and time below"
NOBODY_FREE = "No engineer is free in the customer's working day within sixty days: name a day and time below."
ANY_OF_THE_FREE = {
    "empty": "Whoever is free",
    "help_text": "With a free time: whoever is free first, unless you name one.",
}
ITS_OWN_FIRST = {
    "help_text": "With a free time: whoever has it now, if free then, else whoever is free first; unless you name another."
}
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
JUMPED = "The clocks jump over this time on that day. Choose another time."


def date_field(label: str, **more: Any) -> forms.DateField:
    """A day of our time: one at the edge of the calendar is a slip, and no clock could tell the day after it."""
    beyond = f"{label}: write a day between {FIRST_DAY.year} and {LAST_DAY.year}."
    return forms.DateField(
        label=label,
        validators=[MinValueValidator(FIRST_DAY, beyond), MaxValueValidator(LAST_DAY, beyond)],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": f"{label}: write the date as 2026-11-30."},
        **more,
    )


def time_field(label: str, *, seconds: bool = False, **more: Any) -> forms.TimeField:
    attrs = {"type": "time"} | ({"step": "1"} if seconds else {})
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs=attrs, format="%H:%M:%S" if seconds else "%H:%M"),
        error_messages={"invalid": f"{label}: write the time as 14:30."},
        **more,
    )


def engineer_field(label: str, *, empty: str = "Choose an engineer", **more: Any) -> forms.ModelChoiceField[Engineer]:
    active = Engineer.objects.filter(is_active=True).select_related("user")
    return forms.ModelChoiceField(active, label=label, empty_label=empty, **more)


def reason_field(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


def slot_field(label: str, free: Mapping[str, FreeTime], otherwise: str, zone: ZoneInfo) -> forms.ChoiceField:
    """E15: the free times, by their instants as texts, as choices, each with who is free then."""
    listed = [(key, f"{wording.moment_in_short(one.start, zone)}: {_names(one)}") for key, one in free.items()]
    field = forms.ChoiceField(
        label=label,
        choices=[*listed, ("", otherwise)],
        required=False,
        widget=forms.RadioSelect,
        help_text=FREE if free else NOBODY_FREE,
    )
    field.error_messages["invalid_choice"] = "That time has gone meanwhile. The free times are listed anew."
    return field


def by_instant(free: Sequence[FreeTime]) -> dict[str, FreeTime]:
    return {one.start.isoformat(): one for one in free}


def zone_help(zone: ZoneInfo) -> str:
    return f"In the contract's zone, {wording.zone_in_words(zone)}."


OF_THE_STEP = ("csrfmiddlewaretoken", "seen", "confirmed", "change")
"""Beside the answers: of the page that asks to confirm them."""


class DeskForm(PortalForm):
    """A form of the desk: on its page it is checked first and confirmed then."""

    use_required_attribute = False
    either = False
    """Whether some of the answers stand in place of others, so that none of them is optional by itself."""

    def _asked_for(self) -> Iterator[str]:
        yield from super()._asked_for()
        yield from OF_THE_STEP

    def typed(self) -> list[tuple[str, str]]:
        """What was sent, name by name, to be sent again when it is confirmed."""
        sent = [(name, value) for name, values in self.data.lists() for value in values]  # type: ignore[attr-defined]
        return [(name, value) for name, value in sent if name not in OF_THE_STEP]

    def answers(self) -> list[tuple[str, str]]:
        """Label and answer of what was filled in, for the page that asks to confirm it."""
        return [
            (str(field.label), _in_words(self, field))
            for field in self
            if not field.is_hidden and _in_words(self, field)
        ]


def _in_words(form: forms.Form, field: forms.BoundField) -> str:
    given = form.cleaned_data.get(field.name)
    if given == "":
        return ""
    if isinstance(field.field, forms.ChoiceField) and not isinstance(field.field, forms.ModelChoiceField):
        return str(dict(field.field.choices).get(given, ""))  # type: ignore[arg-type]
    if isinstance(given, bool):
        return "Yes" if given else ""
    if isinstance(given, date):
        return wording.day_in_short(given)
    if isinstance(given, time):
        return given.isoformat("seconds" if given.second else "minutes")
    return str(given or "")


class SessionsForm(DeskForm):
    """E10: when each session begins, in the contract's zone, and with whom. How long it takes stands in the edition.

    `booked` are the times that stand until now; a part that is among `may_wait` may be left open.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        *args: Any,
        zone: ZoneInfo,
        now: datetime,
        booked: Sequence[BookedSession] = (),
        first_day: date | None = None,
        may_wait: Sequence[int] = (),
        slots: Mapping[int, Sequence[FreeTime]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.now, self.parts, self.may_wait = zone, now, parts, may_wait
        self.slots = {n: by_instant(found) for n, found in (slots or {}).items()}
        self.booked = {one.part: one for one in booked}
        for part in parts:
            self._ask_for(part, first_day if part == parts[0] else None)

    def _ask_for(self, part: Part, first_day: date | None) -> None:
        what = f"{part.name.capitalize()}, {part.minutes} minutes"
        booked, free = self.booked.get(part.n), self.slots.get(part.n)
        required = {"required": part.n not in self.may_wait and free is None}
        if free is not None:
            otherwise = "Later, or the day and time below" if part.n in self.may_wait else OTHERWISE
            self.fields[f"slot_{part.n}"] = slot_field(f"{what}: free times", free, otherwise, self.zone)
        local = booked.during.lower.astimezone(self.zone) if booked else None
        self.fields[f"day_{part.n}"] = date_field(
            f"{what}: day", initial=local.date() if local else first_day, **required
        )
        self.fields[f"time_{part.n}"] = time_field(
            f"{what}: begins at", initial=local.time() if local else None, help_text=zone_help(self.zone), **required
        )
        self.fields[f"engineer_{part.n}"] = engineer_field(
            f"{what}: engineer",
            initial=booked.engineer_id if booked else None,
            required=required["required"],
            **((ITS_OWN_FIRST if booked else ANY_OF_THE_FREE) if free else {}),
        )
        self.fields[f"meet_at_{part.n}"] = forms.CharField(
            label=f"{what}: where to meet",
            max_length=300,
            required=False,
            initial=booked.meet_at if booked else "",
            help_text="A link to the call, or a room. It stands in the letters and the calendar files.",
        )

    def _take_slot(self, n: int, given: dict[str, Any]) -> None:
        """The free time that was chosen stands for day, time and, unless one is named, engineer; a typed one is an instant too."""
        chosen = self.slots.get(n, {}).get(given.get(f"slot_{n}") or "")
        if chosen:
            local = chosen.start.astimezone(self.zone)
            given[f"day_{n}"], given[f"time_{n}"] = local.date(), local.time()
            given[f"engineer_{n}"] = self._who(n, given.get(f"engineer_{n}"), chosen)
        if given.get(f"day_{n}") and given.get(f"time_{n}"):
            clock, booked = datetime.combine(given[f"day_{n}"], given[f"time_{n}"]), self.booked.get(n)
            typed = instant_typed(clock, self.zone, booked.during.lower if booked else None)
            given[f"start_{n}"] = chosen.start if chosen else typed

    def _who(self, n: int, named: Engineer | None, chosen: FreeTime) -> Engineer:
        """Whoever was named; whoever is free first in place of nobody, and of the one who has it now and is not free then."""
        stays = n in self.booked and named == self.booked[n].engineer
        return named if named and (not stays or named in chosen.engineers) else chosen.engineers[0]

    def _check_whole(self, n: int, answers: Mapping[str, Any]) -> None:
        """Beside free times nothing else must be filled in; then one of them is chosen, or all of the rest is."""
        if n in self.slots and n not in self.may_wait and not all(answers.values()) and not self.errors:
            self.add_error(f"slot_{n}", "Choose one of the free times, or give day, time and engineer below.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for part in self.parts:
            self._take_slot(part.n, given)
            self._check_whole(part.n, {name: given.get(f"{name}_{part.n}") for name in ("day", "time", "engineer")})
            answers = {name: given.get(f"{name}_{part.n}") for name in ("day", "time", "engineer")}
            if part.n in self.may_wait and any(answers.values()) and not all(answers.values()):
                self.add_error(f"day_{part.n}", "Give day, time and engineer of this session, or leave all three open.")
            elif answers["day"] and answers["time"]:
                self._check(part.n, datetime.combine(answers["day"], answers["time"]), given[f"start_{part.n}"])
        return given

    def _check(self, n: int, clock: datetime, start: datetime) -> None:
        if start.astimezone(self.zone).replace(tzinfo=None) != clock:
            self.add_error(f"time_{n}", JUMPED)
        elif start <= self.now and not self._stands(n, start):
            self.add_error(f"time_{n}", "That time is over. Choose a later one.")

    def _stands(self, n: int, start: datetime) -> bool:
        return n in self.booked and self.booked[n].during.lower == start

    def sessions(self) -> list[PlannedSession]:
        """What was asked for, in order; without what was left open."""
        given = self.cleaned_data
        return [
            PlannedSession(
                start=given[f"start_{n}"],
                engineer=given[f"engineer_{n}"],
                meet_at=given[f"meet_at_{n}"],
            )
            for n, *_ in self.parts
            if given[f"day_{n}"] and given[f"time_{n}"]
        ]

    def days(self) -> list[date]:
        """The days that were typed, as far as they are days: for the engineers' diary beside the form."""
        typed = (self.data.get(f"day_{part.n}") for part in self.parts)
        return [day for one in typed if (day := as_day(one))]


def instant_typed(clock: datetime, zone: ZoneInfo, known: datetime | None) -> datetime:
    """The instant (UTC) of what was typed; of the clock that was filled in it is the instant that is known, though the clocks show
    it twice."""
    if known and known.astimezone(zone).replace(tzinfo=None) == clock:
        return known
    return at_local_time(clock, zone)


def _names(free: FreeTime) -> str:
    return ", ".join(str(one) for one in free.engineers)


def as_day(typed: str | None) -> date | None:
    """A day as a browser sends it; None for anything else."""
    try:
        return date.fromisoformat(typed or "")
    except ValueError:
        return None
