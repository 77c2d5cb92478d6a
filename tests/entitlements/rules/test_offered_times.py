"""E15: which of many free times are offered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from entitlements.rules.offered_times import one_a_day, spread

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 6, 8, tzinfo=UTC)
ALL_WEEK = [MONDAY + n * timedelta(minutes=30) for n in range(7 * 48)]


def local(times):
    return [f"{one.astimezone(NEW_YORK):%a %H:%M}" for one in times]


def test_the_working_day_comes_first_spread_over_the_day_and_over_days():
    """Midnight in New York is the first free time of every day, and is not offered."""
    offered = local(spread(ALL_WEEK, NEW_YORK))

    assert offered == [f"{day} {clock}" for day in ("Mon", "Tue", "Wed") for clock in ("08:00", "12:30", "17:30")]


def test_a_weekend_is_offered_only_where_there_is_nothing_else():
    friday, saturday, sunday = (MONDAY + timedelta(days=n, hours=14) for n in (4, 5, 6))

    assert spread([friday, saturday, sunday], NEW_YORK) == [friday]
    assert spread([saturday, sunday], NEW_YORK) == [saturday, sunday]


def test_a_time_of_day_is_kept_to_also_when_nothing_fits():
    assert local(spread(ALL_WEEK, NEW_YORK, "evening"))[:3] == ["Mon 17:00", "Mon 18:30", "Mon 20:30"]
    assert spread([MONDAY + timedelta(hours=14)], NEW_YORK, "evening") == []


def test_where_nobody_is_free_in_the_working_day_other_times_are_better_than_none():
    night = [MONDAY + timedelta(hours=6), MONDAY + timedelta(hours=7)]

    assert spread(night, NEW_YORK) == night


def test_one_time_a_day_is_the_first_of_its_working_day():
    offered = list(one_a_day(ALL_WEEK, NEW_YORK))

    assert local(offered) == [f"{day} 08:00" for day in ("Mon", "Tue", "Wed", "Thu", "Fri")]
    assert list(one_a_day([], NEW_YORK)) == []


def test_a_day_is_that_of_the_reader():
    """In Tokyo it begins at three in the afternoon of Greenwich."""
    tokyo = ZoneInfo("Asia/Tokyo")
    offered = [one.astimezone(tokyo) for one in one_a_day(ALL_WEEK[18:], tokyo)]

    assert [f"{one:%a %H:%M}" for one in offered] == [f"{day} 08:00" for day in ("Tue", "Wed", "Thu", "Fri", "Mon")]
