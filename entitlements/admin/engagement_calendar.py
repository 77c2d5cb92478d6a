"""The team's calendar: a week or a month by engineer, with what each has booked (M4.3, E15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
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
from entitlements.models import BookedSession, Engineer
from entitlements.rules.days import add_months, first_instant, first_of_month, local_day

WEEK, MONTH = "week", "month"
_DAY = timedelta(days=1)


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
    sessions: list[BookedSession] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        return sum(_minutes(one) for one in self.sessions)


@dataclass
class Row:
    """An engineer, slot by slot."""

    engineer: Engineer
    cells: list[Cell]

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
    return [
        Row(who, [Cell(slot, _within(slot, by_day, who)) for slot in slots]) for who in shown.select_related("user")
    ]


def _within(slot: Slot, by_day: dict[tuple[int, date], list[BookedSession]], who: Engineer) -> list[BookedSession]:
    days = (slot.last - slot.first).days + 1
    return [one for n in range(days) for one in by_day.get((who.pk, slot.first + n * _DAY), [])]


def _minutes(session: BookedSession) -> int:
    length: timedelta = session.during.upper - session.during.lower
    return int(length / timedelta(minutes=1))
