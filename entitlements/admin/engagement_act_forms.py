"""What each act on an engagement asks of the manager (E5, E10)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict

from entitlements.actions.sessions import PlannedSession
from entitlements.admin.engagement_forms import (
    JUMPED,
    DeskForm,
    SessionsForm,
    by_instant,
    date_field,
    engineer_field,
    instant_typed,
    reason_field,
    slot_field,
    time_field,
    zone_help,
)
from entitlements.admin.engagement_slots import slots_of, slots_to_move
from entitlements.admin.engagement_standing import Standing
from entitlements.models import Engagement
from entitlements.rules.days import local_day

Typed = QueryDict | None
SIDES = [(Engagement.Side.CUSTOMER, "The customer"), (Engagement.Side.VENDOR, "We")]


class ReasonForm(DeskForm):
    """An act that cannot go without a reason."""

    def __init__(self, typed: Typed, *, label: str, help_text: str) -> None:
        super().__init__(typed)
        self.fields["reason"] = reason_field(label, help_text)


class SideForm(DeskForm):
    """Which side it was, and why."""

    side = forms.ChoiceField(choices=SIDES, widget=forms.RadioSelect)

    def __init__(self, typed: Typed, *, who: str, of_whom: str, why: str, help_text: str) -> None:
        super().__init__(typed)
        self.fields["side"].label, self.fields["side"].help_text = who, of_whom
        self.fields["reason"] = reason_field(why, help_text)


class DayForm(DeskForm):
    """E5: another wished day for a request, or one of the free times."""

    either = True
    day = date_field(
        "New wished day", required=False, help_text="The request counts on this day until it is scheduled."
    )

    def __init__(self, standing: Standing, typed: Typed) -> None:
        super().__init__(typed, initial={"day": standing.engagement.wished_day})
        self.zone, self.slots = standing.zone, by_instant(slots_to_move(standing, standing.parts[0]))
        self.fields["slot"] = slot_field("Free times", self.slots, "None of these: the day below", self.zone)
        self.order_fields(["slot", "day"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chosen = self.slots.get(given.get("slot") or "")
        given["start"] = chosen.start if chosen else None
        if chosen:
            given["day"] = local_day(chosen.start, self.zone)
        elif not given.get("day") and not self.errors:
            self.add_error("day", "Choose one of the free times, or give the day.")
        return given


class MoveForm(SessionsForm):
    """E5, E10: other times for what was not held yet."""

    either = True

    def __init__(self, standing: Standing, typed: Typed) -> None:
        booked = standing.ahead
        parts = [part for part in standing.parts if part.n in {one.part for one in booked}]
        slots = {part.n: slots_to_move(standing, part) for part in parts}
        super().__init__(parts, typed, zone=standing.zone, now=standing.now, booked=booked, slots=slots)
        self.fields["reason"] = reason_field("Why it moves", "The customer reads it in the letter.")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not self.errors and not self._moved():
            self.add_error(None, "Day, time, engineer and where to meet are what they were. Change what is to move.")
        return given

    def first(self) -> int:
        """The first part that moves: those before it stay."""
        return self._moved()[0]

    def moving(self) -> list[PlannedSession]:
        """What moves, from the first part that does to the last."""
        moved = self._moved()
        return [one for part, one in zip(self.parts, self.sessions(), strict=True) if moved[0] <= part.n <= moved[-1]]

    def _moved(self) -> list[int]:
        planned = zip(self.parts, self.sessions(), strict=True)
        return [part.n for part, one in planned if not self._is_as_booked(part.n, one)]

    def _is_as_booked(self, n: int, planned: PlannedSession) -> bool:
        booked = self.booked[n]
        return (booked.during.lower, booked.engineer, booked.meet_at) == (
            planned.start,
            planned.engineer,
            planned.meet_at,
        )


class FollowUpForm(SessionsForm):
    """E10: a time for the session that was left open."""

    either = True

    def __init__(self, standing: Standing, typed: Typed) -> None:
        part = standing.unbooked[0]
        slots = {part.n: slots_of(standing, part, standing.engagement.day)}
        super().__init__([part], typed, zone=standing.zone, now=standing.now, slots=slots)


class HeldForm(DeskForm):
    """E10: when the session really began, and with whom; as planned until somebody says otherwise."""

    day = date_field("Held on")
    time = time_field("Began at")
    engineer = engineer_field("Held by", help_text="Whoever stood in, if it was not the engineer that was booked.")

    def __init__(self, standing: Standing, typed: Typed) -> None:
        self.session, self.zone = standing.ahead[0], standing.zone
        local = self.session.during.lower.astimezone(self.zone)
        as_planned = {"day": local.date(), "time": local.time(), "engineer": self.session.engineer_id}
        super().__init__(typed, initial=as_planned)
        self.fields["time"].help_text = zone_help(self.zone)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("day") and given.get("time"):
            clock = datetime.combine(given["day"], given["time"])
            given["start"] = instant_typed(clock, self.zone, self.session.during.lower)
            if given["start"].astimezone(self.zone).replace(tzinfo=None) != clock:
                self.add_error("time", JUMPED)
        return given
