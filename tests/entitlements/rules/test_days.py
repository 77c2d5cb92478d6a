from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entitlements.rules.days import (
    add_months,
    at_local_time,
    comes_twice,
    day_in_words,
    days_before,
    deadline_within,
    first_instant,
    first_of_month,
    local_day,
    months_before,
    second_of_two,
    zone_or,
)
from tests.entitlements.rules.builders import HAVANA, NEW_YORK, day, utc

ALL_ZONES = [ZoneInfo(name) for name in sorted(available_timezones())]
MICROSECOND = timedelta(microseconds=1)

ODD_NIGHTS = [
    ("America/Havana", "2026-03-08", "2026-03-08T05:00:00", "midnight does not exist"),
    ("America/Havana", "2026-11-01", "2026-11-01T04:00:00", "midnight comes twice"),
    ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00", "midnight does not exist"),
    ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00", "the evening before comes twice"),
    ("Asia/Tehran", "2022-03-22", "2022-03-21T20:30:00", "midnight does not exist, east of Greenwich"),
    ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00", "midnight lies amid the gap, from 23:30 to 00:30"),
    ("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00", "midnight comes twice, a minute apart from the change"),
    ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00", "the whole day does not exist"),
    ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00", "the day after it begins where it would have"),
    ("Asia/Kolkata", "2026-04-01", "2026-03-31T18:30:00", "half an hour off"),
    ("UTC", "2026-04-01", "2026-04-01T00:00:00", "nothing odd"),
]


class TestFirstInstant:
    """day rule"""

    @pytest.mark.parametrize(("zone", "of", "expected", "why"), ODD_NIGHTS)
    def test_of_a_day_is(self, zone, of, expected, why):
        assert first_instant(day(of), ZoneInfo(zone)) == utc(expected), why

    @pytest.mark.parametrize(("zone", "of", "expected", "why"), ODD_NIGHTS)
    def test_is_in_utc_and_the_microsecond_before_it_is_an_earlier_day(self, zone, of, expected, why):
        instant = first_instant(day(of), ZoneInfo(zone))

        assert instant.tzinfo is UTC
        assert local_day(instant - MICROSECOND, ZoneInfo(zone)) < day(of) <= local_day(instant, ZoneInfo(zone))


class TestTheMachineSZone:
    """day rule"""

    @pytest.fixture
    def honolulu(self, monkeypatch):
        monkeypatch.setenv("TZ", "Pacific/Honolulu")
        time.tzset()
        yield
        monkeypatch.undo()
        time.tzset()

    @pytest.mark.usefixtures("honolulu")
    @pytest.mark.parametrize(("zone", "of", "expected", "why"), ODD_NIGHTS)
    def test_has_no_part_in_it(self, zone, of, expected, why):
        assert first_instant(day(of), ZoneInfo(zone)) == utc(expected), why

    @pytest.mark.usefixtures("honolulu")
    def test_is_not_that_of_the_answer(self):
        second = second_of_two(datetime(2026, 11, 1, 1, 30), NEW_YORK)  # noqa: DTZ001

        assert second.utcoffset() == timedelta()


class TestDeadline:
    """day rule"""

    def test_is_the_first_instant_of_the_day_after_the_last_of_the_period(self):
        assert deadline_within(15, day("2026-03-01"), NEW_YORK) == utc("2026-03-17T04:00:00")

    @settings(max_examples=20)
    @given(st.dates(date(1971, 1, 1), date(2037, 12, 1)), st.integers(0, 60))
    def test_lies_after_its_day_in_every_zone_and_never_moves_back(self, of, days):
        for zone in ALL_ZONES:
            deadline = deadline_within(days, of, zone)

            assert local_day(deadline, zone) > of + timedelta(days=days) >= local_day(deadline - MICROSECOND, zone)
            assert first_instant(of, zone) < deadline or zone.key in ("Pacific/Apia", "Pacific/Kwajalein", "Kwajalein")
            assert deadline <= deadline_within(days + 1, of, zone)
            assert deadline <= deadline_within(days, of + timedelta(days=1), zone)

    @pytest.mark.parametrize(("zone", "of", "expected", "why"), ODD_NIGHTS)
    def test_never_moves_back_over_an_odd_night_either(self, zone, of, expected, why):
        around = [day(of) + timedelta(days=n) for n in range(-3, 4)]

        deadlines = [deadline_within(0, one, ZoneInfo(zone)) for one in around]

        assert deadlines == sorted(deadlines)


class TestLocalClockTime:
    """day rule"""

    def test_that_does_not_exist_moves_forward_by_the_gap(self):
        assert at_local_time(datetime(2026, 3, 8, 2, 30), NEW_YORK) == utc("2026-03-08T07:30:00")  # noqa: DTZ001

    def test_that_comes_twice_is_the_first(self):
        second = datetime(2026, 11, 1, 1, 30, fold=1)  # noqa: DTZ001

        assert at_local_time(second, NEW_YORK) == utc("2026-11-01T05:30:00")

    @pytest.mark.parametrize(
        ("clock", "twice", "second"),
        [
            ((2026, 11, 1, 1, 30), True, "2026-11-01T06:30:00"),
            ((2026, 11, 1, 1, 0), True, "2026-11-01T06:00:00"),
            ((2026, 11, 1, 2, 0), False, "2026-11-01T07:00:00"),
            ((2026, 6, 1, 12, 0), False, "2026-06-01T16:00:00"),
            ((2026, 3, 8, 2, 30), False, "2026-03-08T07:30:00"),
        ],
        ids=["twice", "the first that does", "after it", "once", "never"],
    )
    def test_is_asked_for_by_its_second_only_where_it_comes_twice(self, clock, twice, second):
        clock = datetime(*clock)  # noqa: DTZ001

        assert comes_twice(clock, NEW_YORK) is twice
        assert second_of_two(clock, NEW_YORK) == utc(second)

    @pytest.mark.parametrize(
        ("instant", "months", "expected"),
        [
            ("2028-08-31T16:00:00", 6, "2028-02-29T17:00:00"),
            ("2027-08-31T16:00:00", 6, "2027-02-28T17:00:00"),
            ("2026-12-31T17:00:00.000001", 3, "2026-09-30T16:00:00.000001"),
            ("2026-09-08T06:30:00", 6, "2026-03-08T07:30:00"),
            ("2026-01-15T12:00:00", 12, "2025-01-15T12:00:00"),
            ("2026-01-15T12:00:00", 1, "2025-12-15T12:00:00"),
        ],
    )
    def test_months_earlier_is(self, instant, months, expected):
        assert months_before(utc(instant), months, NEW_YORK) == utc(expected)

    def test_days_earlier_keeps_the_clock_time_over_a_change(self):
        assert days_before(utc("2026-03-12T04:00:00"), 7, NEW_YORK) == utc("2026-03-05T05:00:00")

    def test_days_earlier_where_it_does_not_exist_moves_forward(self):
        assert days_before(utc("2026-03-11T04:00:00"), 3, HAVANA) == utc("2026-03-08T05:00:00")


class TestMonths:
    """day rule"""

    @pytest.mark.parametrize(
        ("of", "months", "expected"),
        [
            ("2026-01-31", 1, "2026-02-28"),
            ("2028-01-31", 1, "2028-02-29"),
            ("2026-12-15", 1, "2027-01-15"),
            ("2026-01-15", -1, "2025-12-15"),
            ("2026-03-31", -1, "2026-02-28"),
            ("2026-05-31", 0, "2026-05-31"),
            ("2026-06-30", 120, "2036-06-30"),
        ],
    )
    def test_are_added_to_a_day(self, of, months, expected):
        assert add_months(day(of), months) == day(expected)

    def test_begin_on_their_first(self):
        assert first_of_month(day("2026-02-28")) == day("2026-02-01")

    def test_are_named_in_words(self):
        assert day_in_words(day("2026-08-01")) == "August 1, 2026"


class TestAZoneOnRecord:
    """T1: a zone that is none must not keep a letter from being written."""

    @pytest.mark.parametrize(
        ("on_record", "zone"),
        [
            ("Pacific/Auckland", "Pacific/Auckland"),
            ("", "Europe/Paris"),
            ("Atlantis/Capital", "Europe/Paris"),
            ("../etc/passwd", "Europe/Paris"),
        ],
    )
    def test_is_taken_where_there_is_one_of_that_name(self, on_record, zone):
        assert zone_or(on_record, otherwise="Europe/Paris") == ZoneInfo(zone)
