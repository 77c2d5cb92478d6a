"""How much of an engineer's working time is booked, week by week (E15)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from entitlements.rules.days import first_instant
from entitlements.rules.free_slots import EngineerTime, working_spans
from entitlements.rules.spans import Span, cut, intersection, total

_WEEK, _MINUTE = timedelta(days=7), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class WeekOfWork:
    """A week from Monday on, by the clock of the engineer's zone: minutes that are booked, and working minutes without leave."""

    monday: date
    booked: int
    working: int

    @property
    def percent(self) -> int | None:
        """How much of the working time is booked, rounded down; None in a week without working time."""
        return self.booked * 100 // self.working if self.working else None


def monday_of(day: date) -> date:
    """E15: the Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def weeks_of_work(engineer: EngineerTime, mondays: Iterable[date]) -> tuple[WeekOfWork, ...]:
    """E15: the load of each of the weeks."""
    return tuple(_week(engineer, monday) for monday in mondays)


def _week(engineer: EngineerTime, monday: date) -> WeekOfWork:
    week = Span(first_instant(monday, engineer.zone), first_instant(monday + _WEEK, engineer.zone))
    working = cut(working_spans(engineer.hours, engineer.zone, week), engineer.leave)
    booked = intersection(engineer.booked, (week,))
    return WeekOfWork(monday, total(booked) // _MINUTE, total(working) // _MINUTE)
