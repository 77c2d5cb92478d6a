"""To choose one of the next free times, as a list of text in a zone of the reader's choice (E15)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from entitlements.forms.base import PortalForm
from entitlements.rules.days import first_instant
from entitlements.wording import moment_in_words, zone_in_words, zones_by_name

DAYS_AS_TYPED = ["%Y-%m-%d", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%m/%d/%Y"]
GONE = "{} has gone meanwhile. The next free times are listed here; your other answers are kept."


class TimesForm(PortalForm):
    """From which day on free times are listed, and in which zone they are written."""

    from_day = forms.DateField(
        label="Free times from",
        required=False,
        input_formats=DAYS_AS_TYPED,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "short"}),
        help_text="The first day of the list.",
        error_messages={"invalid": "Give the day as year, month and day, such as 2026-11-30."},
    )
    zone = forms.ChoiceField(label="Written in", required=False, help_text="The zone of the times in the list.")

    def __init__(self, *args: Any, own_zone: ZoneInfo, earliest: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own_zone, self.earliest = own_zone, earliest
        own = {own_zone.key: f"{zone_in_words(own_zone)} (the contract’s)"}
        zones = own | zones_by_name() | own
        self.fields["zone"].choices = list(zones.items())  # type: ignore[attr-defined]
        key = self.told("zone")
        self.read_in = ZoneInfo(key) if key in zones else own_zone
        self.initial.setdefault("zone", own_zone.key)

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
        return max(first_instant(day, self.own_zone), self.earliest)

    def chosen(self, name: str) -> datetime | None:
        """The instant that was chosen in a field, whether it is still free or not."""
        return instant_of(self.told(name))

    def offer_times(self, name: str, times: Iterable[datetime], otherwise: str) -> None:
        """Make a field a list of these instants (UTC), with one answer more that chooses none."""
        listed = [(one.isoformat(), self._words(one)) for one in sorted(set(times))]
        self.fields[name].widget = forms.RadioSelect(choices=[*listed, ("", otherwise)])

    def has_gone(self, name: str, instant: datetime) -> None:
        """C4.6: say in a field which time is not free any more."""
        self.add_error(name, GONE.format(self._words(instant)))

    def _words(self, instant: datetime) -> str:
        return moment_in_words(instant, self.read_in, seconds=False)

    def _asked_for(self) -> Iterator[str]:
        yield from super()._asked_for()
        yield "step"


def instant_of(text: str) -> datetime | None:
    """The instant that a radio button stands for; None for anything else."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None


def time_field(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        widget=forms.RadioSelect,
        help_text="An engineer is free at these times now. They are held for you once we answer.",
    )
