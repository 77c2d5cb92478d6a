"""E15: how much of an engineer's working time is booked, week by week in their own zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from entitlements.rules.engineer_load import WeekOfWork, monday_of, weeks_of_work
from entitlements.rules.free_slots import EngineerTime, Hours
from entitlements.rules.spans import Span

NEW_YORK = ZoneInfo("America/New_York")
OFFICE = tuple(Hours(weekday, 540, 1020, date(2020, 1, 1)) for weekday in range(5))
MONDAY, WEEK, HOUR = date(2026, 6, 8), timedelta(days=7), timedelta(hours=1)


def engineer(booked=(), leave=(), hours=OFFICE):
    return EngineerTime(1, "Lars", NEW_YORK, frozenset(), hours, tuple(booked), tuple(leave))


def span(day, hour, length=HOUR):
    start = datetime(2026, 6, day, hour, tzinfo=NEW_YORK).astimezone(UTC)
    return Span(start, start + length)


def test_leave_is_taken_off_by_the_clock_of_the_engineer():
    """From four to five in New York, when it is nine in the evening in London."""
    (week,) = weeks_of_work(engineer(leave=[span(8, 16)]), [MONDAY])

    assert week.working == 2400 - 60


def test_minutes_are_whole_and_so_are_percents():
    """Rounded down: 24 of 2,400 minutes are one in a hundred, and half a minute is none."""
    half_a_minute = timedelta(seconds=30)
    booked = [span(8, 9, timedelta(minutes=24) + half_a_minute)]
    (week,) = weeks_of_work(engineer(booked, leave=[span(9, 9, half_a_minute)]), [MONDAY])

    assert (week.booked, week.working, WeekOfWork(MONDAY, 23, 2300).percent) == (24, 2399, 1)
    assert [WeekOfWork(MONDAY, booked, 2400).percent for booked in (23, 24, 2400)] == [0, 1, 100]


def test_a_session_counts_in_its_own_week():
    weeks = weeks_of_work(engineer(booked=[span(8, 9), span(12, 16, HOUR / 2)]), [MONDAY, MONDAY + WEEK])

    assert weeks == (WeekOfWork(MONDAY, 90, 2400), WeekOfWork(MONDAY + WEEK, 0, 2400))
    assert [week.percent for week in weeks] == [3, 0]


def test_a_session_over_midnight_on_sunday_counts_in_both_weeks():
    weeks = weeks_of_work(engineer(booked=[span(14, 23, 2 * HOUR)]), [MONDAY, MONDAY + WEEK])

    assert [week.booked for week in weeks] == [60, 60]


def test_leave_is_no_working_time():
    (week,) = weeks_of_work(engineer(leave=[span(8, 0, 3 * 24 * HOUR)]), [MONDAY])

    assert week.working == 2 * 480


def test_a_week_without_work_has_no_share():
    (week,) = weeks_of_work(engineer(hours=()), [MONDAY])

    assert (week.working, week.percent) == (0, None)


def test_a_week_begins_on_monday():
    assert monday_of(date(2026, 6, 14)) == monday_of(MONDAY) == MONDAY
