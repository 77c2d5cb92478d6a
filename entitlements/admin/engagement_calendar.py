"""The team's calendar: a week or a month by engineer, with what each has booked (M4.3, E15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q
from django.http import HttpResponse

from entitlements.access import Who, open_to
from entitlements.admin.engagement_forms import date_field
from entitlements.admin.pages import DeskRequest, page
from entitlements.admin.queues import vendor_zone
from entitlements.forms.filters import FilterForm
from entitlements.free_time import times_of
from entitlements.models import BookedSession, Engineer
from entitlements.rules.days import add_months, first_instant, first_of_month, local_day
from entitlements.rules.free_slots import EngineerTime, working_spans
from entitlements.rules.spans import Span, cut

WEEK, MONTH = "week", "month"
_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


class CalendarFilter(FilterForm):
    """Which days, and whose."""

    span = forms.ChoiceField(
        label="Show", required=False, choices=[(WEEK, "A week"), (MONTH, "A month")], help_text="One line an engineer"
    )
    day = date_field("With the day", required=False, help_text="Any day of it")
    engineer = forms.ModelChoiceField(
        Engineer.objects.select_related("user"),
        label="Engineer",
        required=False,
        empty_label="All",
        help_text="Whose time",
    )


@dataclass(frozen=True, slots=True)
class Slot:
    """A column of the calendar: a day of a week, or a week of a month; both ends included."""

    first: date
    last: date


@dataclass
class Cell:
    """What an engineer has booked in a slot."""

    slot: Slot
    sessions: Sequence[BookedSession]
    on_leave: bool

    @property
    def minutes(self) -> int:
        return sum(_minutes(one) for one in self.sessions)


@dataclass
class Row:
    """An engineer, slot by slot; `at_work` are the minutes of working time that are not leave."""

    engineer: Engineer
    cells: list[Cell]
    at_work: int

    @property
    def minutes(self) -> int:
        """The load: the minutes that are booked in all of it."""
        return sum(cell.minutes for cell in self.cells)


@open_to(Who.MANAGERS)
def calendar(request: DeskRequest) -> HttpResponse:
    """M4.3: the days in the vendor's zone; a session stands in the slot in which it begins."""
    zone, form = vendor_zone(), CalendarFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    span, day = asked.get("span") or WEEK, asked.get("day") or local_day(request.now, zone)
    slots = slots_of(span, day)
    sessions = _sessions(slots, zone, asked.get("engineer"))
    return page(
        request,
        "admin/engagement_calendar.html",
        title="Team calendar",
        form=form,
        span=span,
        slots=slots,
        rows=_rows(slots, sessions, zone, asked.get("engineer")),
        sessions=sessions,
        zone=zone,
        today=local_day(request.now, zone),
        **_neighbours(span, day),
    )


def slots_of(span: str, day: date) -> list[Slot]:
    """The seven days of the week of a day, from Monday on; or the weeks that touch its month, cut at the month's ends."""
    if span == WEEK:
        return [Slot(one, one) for one in (_monday(day) + n * _DAY for n in range(7))]
    first = first_of_month(day)
    last = add_months(first, 1) - _DAY
    mondays = [_monday(first) + 7 * n * _DAY for n in range(6)]
    return [Slot(max(one, first), min(one + 6 * _DAY, last)) for one in mondays if one <= last]


def _monday(day: date) -> date:
    return day - day.weekday() * _DAY


def _neighbours(span: str, day: date) -> dict[str, date]:
    if span == WEEK:
        return {"earlier": day - 7 * _DAY, "later": day + 7 * _DAY}
    return {"earlier": add_months(first_of_month(day), -1), "later": add_months(first_of_month(day), 1)}


def _sessions(slots: Sequence[Slot], zone: ZoneInfo, engineer: Engineer | None) -> list[BookedSession]:
    begins, ends = first_instant(slots[0].first, zone), first_instant(slots[-1].last + _DAY, zone)
    booked = BookedSession.objects.filter(released_at=None, during__startswith__gte=begins, during__startswith__lt=ends)
    if engineer:
        booked = booked.filter(engineer=engineer)
    related = ("engineer__user", "engagement__contract__customer", "engagement__activity")
    return list(booked.select_related(*related).order_by("during", "pk"))


def _rows(
    slots: Sequence[Slot], sessions: Sequence[BookedSession], zone: ZoneInfo, engineer: Engineer | None
) -> list[Row]:
    """Every engineer who takes engagements, and whoever else has something booked."""
    shown = Engineer.objects.filter(Q(is_active=True) | Q(pk__in={one.engineer_id for one in sessions}))
    shown = shown.filter(pk=engineer.pk) if engineer else shown
    by_day: dict[tuple[int, date], list[BookedSession]] = defaultdict(list)
    for one in sessions:
        by_day[one.engineer_id, local_day(one.during.lower, zone)].append(one)
    shown = shown.select_related("user")
    times = {time.key: time for time in times_of(shown, _span(slots[0].first, slots[-1].last, zone))}
    return [_row(who, times[who.pk], slots, by_day, zone) for who in shown]


def _row(
    who: Engineer,
    time: EngineerTime,
    slots: Sequence[Slot],
    by_day: dict[tuple[int, date], list[BookedSession]],
    zone: ZoneInfo,
) -> Row:
    at_work = cut(working_spans(time.hours, time.zone, _span(slots[0].first, slots[-1].last, zone)), time.leave)
    cells = []
    for slot in slots:
        days = [slot.first + n * _DAY for n in range((slot.last - slot.first).days + 1)]
        within = _span(slot.first, slot.last, zone)
        on_leave = any(leave.overlaps(within) for leave in time.leave)
        cells.append(Cell(slot, [one for day in days for one in by_day.get((who.pk, day), [])], on_leave))
    return Row(who, cells, sum(int(span.length / _MINUTE) for span in at_work))


def _span(first: date, last: date, zone: ZoneInfo) -> Span:
    return Span(first_instant(first, zone), first_instant(last + _DAY, zone))


def _minutes(session: BookedSession) -> int:
    length: timedelta = session.during.upper - session.during.lower
    return int(length / _MINUTE)
