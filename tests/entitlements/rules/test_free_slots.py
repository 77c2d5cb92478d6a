"""E15: free time is working hours by the clock of the engineer's zone, less what is booked, less leave."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entitlements.rules.free_slots import (
    GRID,
    EngineerTime,
    Hours,
    free_slots,
    free_spans,
    is_free,
    refusals_against,
    takes_no_more,
    working_spans,
)
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span, total

NEW_YORK, LONDON, KOLKATA = ZoneInfo("America/New_York"), ZoneInfo("Europe/London"), ZoneInfo("Asia/Kolkata")
ALWAYS = date(2020, 1, 1)
MONDAY = date(2026, 6, 8)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OFFICE = tuple(Hours(weekday, 9 * 60, 17 * 60, ALWAYS) for weekday in range(5))
ZONES = [
    "America/New_York",
    "Europe/London",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Asia/Kathmandu",
]


def utc(*clock):
    return datetime(*clock, tzinfo=UTC)


def local(zone, *clock, fold=0):
    return datetime(*clock, tzinfo=zone, fold=fold).astimezone(UTC)


SUNDAY_TO_WEDNESDAY = [(2026, 3, 29), (2026, 3, 30), (2026, 3, 31), (2026, 4, 1)]
FIRST_HOUR, LAST_HOUR = Span(utc(2026, 3, 28, 19), utc(2026, 3, 28, 20)), Span(utc(2026, 4, 2, 8), utc(2026, 4, 2, 9))


def engineer(key=1, zone=NEW_YORK, hours=OFFICE, skills=("integration",), booked=(), leave=()):
    return EngineerTime(key, f"Engineer {key}", zone, frozenset(skills), tuple(hours), tuple(booked), tuple(leave))


def slots(*engineers, within, minutes=60, **more):
    return free_slots(engineers, activity="integration", length=timedelta(minutes=minutes), within=within, **more)


def codes(one, span, activity="integration"):
    return [refusal.code for refusal in refusals_against(one, activity=activity, span=span)]


class TestWorkingHours:
    """They are times of the clock on the engineer's wall."""

    def test_are_of_their_own_zone(self):
        week = Span(local(NEW_YORK, 2026, 6, 6, 0), local(NEW_YORK, 2026, 6, 13, 0))

        worked = working_spans(OFFICE, NEW_YORK, week)

        assert worked[0] == Span(utc(2026, 6, 8, 13), utc(2026, 6, 8, 21))
        assert (len(worked), total(worked)) == (5, 40 * HOUR)

    def test_an_hour_that_does_not_exist_is_not_worked(self):
        night = [Hours(6, 0, 6 * 60, ALWAYS)]
        sunday = Span(utc(2026, 3, 8, 0), utc(2026, 3, 9, 12))

        assert total(working_spans(night, NEW_YORK, sunday)) == 5 * HOUR

    def test_an_hour_that_comes_twice_is_worked_twice(self):
        early = [Hours(6, 0, 90, ALWAYS)]
        sunday = Span(utc(2026, 11, 1, 0), utc(2026, 11, 2, 12))

        assert working_spans(early, NEW_YORK, sunday) == (
            Span(local(NEW_YORK, 2026, 11, 1, 0), local(NEW_YORK, 2026, 11, 1, 1, 30)),
            Span(local(NEW_YORK, 2026, 11, 1, 1, fold=1), local(NEW_YORK, 2026, 11, 1, 1, 30, fold=1)),
        )

    def test_around_the_clock_is_one_span_over_a_change_of_the_clocks(self):
        always = [Hours(weekday, 0, 1440, ALWAYS) for weekday in range(7)]
        month = Span(utc(2026, 10, 15, 3, 17), utc(2026, 11, 15, 4))

        assert working_spans(always, NEW_YORK, month) == (month,)

    def test_count_from_their_first_day_to_their_last(self):
        hours = [Hours(0, 540, 600, MONDAY, MONDAY + 7 * DAY)]
        june = Span(utc(2026, 6, 1), utc(2026, 7, 1))

        assert [span.start.day for span in working_spans(hours, LONDON, june)] == [8, 15]

    @pytest.mark.parametrize("machine", ["UTC", "Asia/Kathmandu"])
    def test_are_not_of_the_machine(self, machine, monkeypatch):
        """The clocks of London go forward in the night to Sunday."""
        monkeypatch.setenv("TZ", machine)
        time.tzset()
        nine_to_eight = [Hours(weekday, 540, 1200, ALWAYS) for weekday in range(7)]
        within = Span(utc(2026, 3, 28, 19), utc(2026, 4, 2, 9))

        worked = working_spans(nine_to_eight, LONDON, within)
        monkeypatch.undo()
        time.tzset()

        whole_days = (Span(utc(*day, 8), utc(*day, 19)) for day in SUNDAY_TO_WEDNESDAY)
        assert worked == (FIRST_HOUR, *whole_days, LAST_HOUR)
        assert {edge.utcoffset() for one in worked for edge in (one.start, one.end)} == {timedelta()}

    @pytest.mark.parametrize("wrong", [(7, 0, 60), (0, 60, 60), (0, -1, 60), (0, 0, 1441)])
    def test_others_are_none(self, wrong):
        with pytest.raises(ValueError, match="not hours"):
            Hours(*wrong, ALWAYS)


class TestFreeTime:
    def test_is_less_what_is_booked_and_less_leave(self):
        day = Span(utc(2026, 6, 8), utc(2026, 6, 9))
        booked = Span(utc(2026, 6, 8, 14), utc(2026, 6, 8, 15))
        leave = Span(utc(2026, 6, 8, 18), utc(2026, 6, 30))

        assert free_spans(engineer(booked=[booked], leave=[leave]), day) == (
            Span(utc(2026, 6, 8, 13), utc(2026, 6, 8, 14)),
            Span(utc(2026, 6, 8, 15), utc(2026, 6, 8, 18)),
        )


class TestFreeSlots:
    DAY = Span(utc(2026, 6, 8), utc(2026, 6, 9))

    def test_begin_on_the_grid_and_end_in_time(self):
        found = slots(engineer(), within=self.DAY)

        assert [slot.span.start for slot in found] == [utc(2026, 6, 8, 13) + n * GRID for n in range(15)]
        assert found[-1].span.end == utc(2026, 6, 8, 21)

    def test_begin_at_the_next_step_of_the_grid_after_what_is_booked(self):
        booked = Span(utc(2026, 6, 8, 13), utc(2026, 6, 8, 13, 10))

        assert slots(engineer(booked=[booked]), within=self.DAY)[0].span.start == utc(2026, 6, 8, 13, 30)

    def test_name_everybody_who_is_free_in_the_same_order_always(self):
        three = [
            engineer(key, booked=[Span(utc(2026, 6, 8, 13), utc(2026, 6, 8, 14))] if key == 2 else [])
            for key in (3, 1, 2)
        ]

        found = slots(*three, within=self.DAY)

        assert found == slots(*reversed(three), within=self.DAY)
        assert [found[0].engineers, found[2].engineers] == [(1, 3), (1, 2, 3)]

    def test_are_only_of_those_who_have_the_skill(self):
        assert slots(engineer(skills=["roadmap"]), within=self.DAY) == ()

    def test_are_no_more_than_asked_for(self):
        assert slots(engineer(), within=self.DAY, limit=2) == slots(engineer(), within=self.DAY)[:2]


class TestWhatStandsAgainst:
    """Each reason on its own, and all of them together."""

    SPAN = Span(utc(2026, 6, 8, 14), utc(2026, 6, 8, 15))

    def test_nothing(self):
        assert codes(engineer(), self.SPAN) == []
        assert is_free(engineer(), activity="integration", span=self.SPAN)

    @pytest.mark.parametrize(
        ("one", "code"),
        [
            (engineer(skills=[]), "lacks_the_skill"),
            (engineer(booked=[SPAN]), "engineer_taken"),
            (engineer(leave=[Span(SPAN.end - MINUTE, SPAN.end + DAY)]), "on_leave"),
            (engineer(hours=[Hours(0, 540, 659, ALWAYS)]), "outside_working_hours"),
            (engineer(zone=KOLKATA), "outside_working_hours"),
        ],
    )
    def test_one_thing(self, one, code):
        assert codes(one, self.SPAN) == [code]

    def test_everything_each_with_what_helps(self):
        one = engineer(skills=[], booked=[self.SPAN], leave=[self.SPAN], hours=[])
        other = "Choose another time or another engineer."
        skill = "Choose another engineer, or enter the skill on the engineer's page."

        assert refusals_against(one, activity="integration", span=self.SPAN) == (
            Refusal("E15", "lacks_the_skill", "Engineer 1 is not on record as able to hold this activity.", skill),
            Refusal("E15", "engineer_taken", "Engineer 1 is already booked at that time.", other),
            Refusal("E15", "on_leave", "Engineer 1 is on leave at that time.", other),
            Refusal("E15", "outside_working_hours", "Engineer 1 does not work at that time.", other),
        )

    def test_who_takes_no_more_is_somebody_else_to_choose(self):
        assert takes_no_more("Lars") == Refusal(
            "E15", "takes_no_more", "Lars takes no more engagements.", "Choose another engineer."
        )

    def test_what_touches_stands_not_in_the_way(self):
        before, after = Span(self.SPAN.start - HOUR, self.SPAN.start), Span(self.SPAN.end, self.SPAN.end + HOUR)

        assert codes(engineer(booked=[before], leave=[after]), self.SPAN) == []

    def test_hours_that_touch_are_one(self):
        split = [Hours(0, 540, 630, ALWAYS), Hours(0, 630, 720, ALWAYS)]

        assert codes(engineer(hours=split), self.SPAN) == []


# --- The same, minute by minute


CHANGES = [utc(2026, 3, 7), utc(2026, 10, 30), utc(2026, 4, 4), utc(2026, 9, 26), utc(2026, 6, 8)]


@st.composite
def some_hours(draw):
    begins = draw(st.integers(0, 1439))
    first = draw(st.sampled_from([ALWAYS, date(2026, 3, 8), date(2026, 11, 1)]))
    last = draw(st.sampled_from([None, None, date(2026, 11, 1)]))
    return Hours(draw(st.integers(0, 6)), begins, draw(st.integers(begins + 1, 1440)), first, last)


@st.composite
def some_spans(draw, start):
    begins = start + draw(st.integers(0, 3 * 1440)) * MINUTE
    return Span(begins, begins + draw(st.integers(1, 1440)) * MINUTE)


@st.composite
def some_time(draw):
    start = draw(st.sampled_from(CHANGES)) + draw(st.integers(0, 1440)) * MINUTE
    within = Span(start, start + draw(st.integers(1, 3 * 1440)) * MINUTE)
    spans = st.lists(some_spans(start), max_size=3)
    hours = draw(st.lists(some_hours(), max_size=8))
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    return engineer(zone=zone, hours=hours, booked=draw(spans), leave=draw(spans)), within


def is_free_minute(one, minute):
    clock = minute.astimezone(one.zone)
    of_day = clock.hour * 60 + clock.minute
    works = any(
        hours.weekday == clock.weekday()
        and hours.begins <= of_day < hours.ends
        and hours.first <= clock.date()
        and (hours.last is None or clock.date() <= hours.last)
        for hours in one.hours
    )
    return works and not any(span.contains(minute) for span in (*one.booked, *one.leave))


@settings(max_examples=60)
@given(some_time(), st.integers(1, 240))
def test_it_is_what_every_single_minute_says(given_time, minutes):
    one, within = given_time
    every = [within.start + n * MINUTE for n in range(within.length // MINUTE)]
    free = {minute for minute in every if is_free_minute(one, minute)}

    spans = free_spans(one, within)

    assert {minute for minute in every if any(span.contains(minute) for span in spans)} == free
    assert all(earlier.end < later.start for earlier, later in pairwise(spans))
    starts = {slot.span.start for slot in slots(one, within=within, minutes=minutes)}
    on_grid = (minute for minute in every if minute.minute % 30 == 0)
    assert starts == {start for start in on_grid if all(start + n * MINUTE in free for n in range(minutes))}
