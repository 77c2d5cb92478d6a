"""What a manager fills in to reschedule many sessions at once (M4.8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from entitlements import wording
from entitlements.actions.reschedules import Plan
from entitlements.actions.sessions import PlannedSession
from entitlements.admin.engagement_forms import (
    JUMPED,
    DeskForm,
    as_day,
    date_field,
    engineer_field,
    instant_typed,
    reason_field,
    time_field,
)
from entitlements.admin.engagement_slots import slots_of_many
from entitlements.forms.filters import FilterForm
from entitlements.forms.times import FIRST_DAY, LAST_DAY, instant_of
from entitlements.models import BookedSession, Engineer
from entitlements.rules.days import first_instant, local_day


class WhichForm(FilterForm):
    """Whose sessions of which days, and where they go unless said otherwise, line by line."""

    engineer = engineer_field("Engineer", help_text="Whose sessions are to move")
    first = date_field("From", help_text="The first day, in the vendor's zone")
    last = date_field("To", help_text="The last day, included")
    stand_in = engineer_field(
        "Who takes them", required=False, empty="The same engineer", help_text="You can still say so for each session"
    )
    days = forms.IntegerField(
        label="Days later", required=False, min_value=0, max_value=366, initial=0, help_text="0: at the same time"
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("first") and given.get("last") and given["last"] < given["first"]:
            self.add_error("last", "The last day lies before the first.")
        return given


class BulkForm(DeskForm):
    """One line a session: whether it moves, to which day and time of its contract's zone, and to whom."""

    reason = reason_field("Why they move", "Each customer reads it in the letter.")

    def __init__(
        self,
        sessions: Sequence[BookedSession],
        typed: QueryDict | None = None,
        *,
        now: datetime,
        stand_in: Engineer | None = None,
        later: timedelta = timedelta(0),
    ) -> None:
        super().__init__(typed)
        self.sessions, self.now = sessions, now
        free = slots_of_many([(one, *self._wanted(one, stand_in, later)) for one in sessions])
        for one in sessions:
            self._ask_for(one, stand_in, later, free[one.pk])

    def _wanted(self, one: BookedSession, stand_in: Engineer | None, later: timedelta) -> tuple[int, datetime]:
        """Whose free times are listed for a session, and from when on (UTC): as typed, else as was asked for all."""
        zone = one.engagement.contract.tz
        typed = self.data.get(f"engineer_{one.pk}", "")
        key = int(typed) if typed.isdecimal() and len(typed) < 19 else (stand_in or one.engineer).pk
        day = as_day(self.data.get(f"day_{one.pk}")) or local_day(one.during.lower, zone) + later
        return key, max(self.now, first_instant(day, zone) if FIRST_DAY <= day <= LAST_DAY else self.now)

    def _ask_for(
        self, one: BookedSession, stand_in: Engineer | None, later: timedelta, free: Sequence[datetime]
    ) -> None:
        zone = one.engagement.contract.tz
        local = one.during.lower.astimezone(zone)
        whose = f"{one.engagement.contract.customer}, {one.engagement.reference}"
        self.fields[f"move_{one.pk}"] = forms.BooleanField(label=f"Move {whose}", required=False, initial=True)
        self.fields[f"slot_{one.pk}"] = self._slot_field(f"{whose}: free times of the engineer", one, free)
        self.fields[f"day_{one.pk}"] = date_field(f"{whose}: day", required=False, initial=local.date() + later)
        self.fields[f"time_{one.pk}"] = time_field(
            f"{whose}: begins at", required=False, initial=local.time(), help_text=wording.zone_in_words(zone)
        )
        self.fields[f"engineer_{one.pk}"] = engineer_field(
            f"{whose}: engineer", required=False, initial=(stand_in or one.engineer).pk
        )

    def _slot_field(self, label: str, one: BookedSession, free: Sequence[datetime]) -> forms.CharField:
        """E15: the next free times of whoever takes it, and the one that was chosen, whether it is still free or not."""
        chosen = instant_of(self.data.get(f"slot_{one.pk}", ""))
        zone = one.engagement.contract.tz
        times = sorted({*free, *([chosen] if chosen else [])})
        listed = [(start.isoformat(), wording.moment_in_short(start, zone)) for start in times]
        return forms.CharField(
            label=label,
            required=False,
            widget=forms.Select(choices=[("", "Day and time as typed" if listed else "None in two weeks"), *listed]),
        )

    def _asked_for(self) -> Iterator[str]:
        yield from super()._asked_for()
        yield "session"

    def rows(self) -> Iterator[tuple[BookedSession, list[forms.BoundField]]]:
        for one in self.sessions:
            yield one, [self[f"{name}_{one.pk}"] for name in ("move", "slot", "day", "time", "engineer")]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        moving = [one for one in self.sessions if given.get(f"move_{one.pk}")]
        if not moving:
            self.add_error(None, "Choose at least one session that is to move.")
        for one in moving:
            self._check(one, given)
        return given

    def _check(self, one: BookedSession, given: dict[str, Any]) -> None:
        given[f"start_{one.pk}"] = chosen = instant_of(given.get(f"slot_{one.pk}") or "")
        for name in ("engineer",) if chosen else ("day", "time", "engineer"):
            if not given.get(f"{name}_{one.pk}") and f"{name}_{one.pk}" not in self.errors:
                self.add_error(f"{name}_{one.pk}", f"Fill in: {self[f'{name}_{one.pk}'].label}")
        day, time, zone = given.get(f"day_{one.pk}"), given.get(f"time_{one.pk}"), one.engagement.contract.tz
        if day and time and not chosen:
            clock = datetime.combine(day, time)
            given[f"start_{one.pk}"] = start = instant_typed(clock, zone, one.during.lower)
            if start.astimezone(zone).replace(tzinfo=None) != clock:
                self.add_error(f"time_{one.pk}", JUMPED)

    def plans(self) -> list[Plan]:
        """What is to move, and where to."""
        return [self._plan(one) for one in self.sessions if self.cleaned_data[f"move_{one.pk}"]]

    def _plan(self, one: BookedSession) -> Plan:
        given = self.cleaned_data
        return Plan(one, PlannedSession(given[f"start_{one.pk}"], given[f"engineer_{one.pk}"]))
