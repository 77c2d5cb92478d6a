"""To choose one of the next free times, as a list of text in a zone of the reader's choice (E15)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from entitlements.forms.base import PortalForm
from entitlements.reader import likes
from entitlements.rules.days import first_instant, local_day
from entitlements.rules.offered_times import PARTS
from entitlements.wording import moment_in_words, zone_in_words, zones_by_name

DAYS_AS_TYPED = ["%Y-%m-%d", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%m/%d/%Y"]
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
"""Between them lies every day that can be meant; beyond, arithmetic with zones may leave the calendar (V2)."""
A_DAY_OF_OURS = [
    MinValueValidator(FIRST_DAY, "Give a day from the year 2000 on."),
    MaxValueValidator(LAST_DAY, "Give a day before the year 3000."),
]
GONE = "{} has gone meanwhile. The next free times are listed here; your other answers are kept."


class TimesForm(PortalForm):
    """From which day on free times are listed, and in which zone they are written."""

    from_day = forms.DateField(
        label="Free times from",
        required=False,
        validators=A_DAY_OF_OURS,
        input_formats=DAYS_AS_TYPED,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "short"}),
        help_text="The first day of the list.",
        error_messages={"invalid": "Give the day as year, month and day, such as 2026-11-30."},
    )
    time_of_day = forms.ChoiceField(
        label="Time of day",
        required=False,
        choices=[("", "Any time"), *((part, part.capitalize()) for part in PARTS)],
        help_text="Any time: of the working day, from Monday to Friday, by the clock of the zone below.",
    )
    zone = forms.ChoiceField(label="Written in", required=False, help_text="The zone of the times in the list.")

    def __init__(self, *args: Any, own_zone: ZoneInfo, earliest: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own_zone, self.earliest = own_zone, earliest
        own = {own_zone.key: f"{zone_in_words(own_zone)} (the contract’s)"}
        reader = likes().zone or own_zone
        zones = own | zones_by_name() | {reader.key: f"{zone_in_words(reader)} (yours)"} | own
        self.fields["zone"].choices = list(zones.items())  # type: ignore[attr-defined]
        key = self.told("zone")
        self.read_in = ZoneInfo(key) if key in zones else reader
        self.initial.setdefault("zone", reader.key)
        self.later: date | None = None

    def told(self, name: str) -> str:
        """What was typed or handed in for a field, before any check."""
        source: Mapping[str, Any] = self.data if self.is_bound else self.initial
        return str(source.get(name) or "")

    @property
    def read_in_words(self) -> str:
        return zone_in_words(self.read_in)

    @property
    def start_of_list(self) -> datetime:
        """The instant (UTC) from which free times are listed."""
        try:
            day = date.fromisoformat(self.told("from_day"))
        except ValueError:
            return self.earliest
        return max(first_instant(day, self.read_in), self.earliest) if FIRST_DAY <= day <= LAST_DAY else self.earliest

    @property
    def part(self) -> str:
        """The time of day that was chosen: one of PARTS, or empty for any."""
        return self.told("time_of_day")

    def chosen(self, name: str) -> datetime | None:
        """The instant that was chosen in a field, whether it is still free or not."""
        return instant_of(self.told(name))

    def offer_times(self, name: str, times: Iterable[datetime], otherwise: str) -> None:
        """Make a field a list of these instants (UTC), with one answer more that chooses none."""
        instants = sorted(set(times))
        listed = [(one.isoformat(), self._words(one)) for one in instants]
        self.fields[name].widget = forms.RadioSelect(choices=[*listed, ("", otherwise)])
        if instants:
            self.later = local_day(instants[-1], self.read_in) + timedelta(days=1)
        else:
            self.fields[name].help_text = "No engineer is free then. Choose another time of day, or other days."

    def has_gone(self, name: str, instant: datetime) -> None:
        """C4.6: say in a field which time is not free any more."""
        self.add_error(name, GONE.format(self._words(instant)))

    def _words(self, instant: datetime) -> str:
        return moment_in_words(instant, self.read_in, seconds=False)

    def _asked_for(self) -> Iterator[str]:
        yield from super()._asked_for()
        yield from ("step", "later")


def begun_with(*asked: Mapping[str, Any]) -> dict[str, Any]:
    """What a form begins with: what was typed, or asked for in the address; with *later days* the list begins there."""
    typed = {name: source[name] for source in asked for name in source}
    return typed | ({"from_day": typed["later"]} if typed.get("later") else {})


def instant_of(text: str) -> datetime | None:
    """The instant that a radio button stands for; None for anything else."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo and FIRST_DAY.year <= instant.year <= LAST_DAY.year else None


def time_field(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        widget=forms.RadioSelect,
        help_text="An engineer is free at these times now. They are held for you once we answer.",
    )


def another_day_field() -> forms.DateField:
    """E5: a wished day in place of one of the free times."""
    return forms.DateField(
        label="Or another day",
        required=False,
        validators=A_DAY_OF_OURS,
        input_formats=DAYS_AS_TYPED,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "short"}),
        help_text="If none of the times suits: we agree on the hour with you afterwards. Example: 2026-11-30.",
        error_messages={"invalid": "Give the wished day as year, month and day, such as 2026-11-30."},
    )
