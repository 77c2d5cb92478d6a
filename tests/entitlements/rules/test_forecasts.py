from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.rules.forecasts import forecast_unused
from entitlements.rules.working import Step

START, TODAY, LAST = date(2026, 1, 1), date(2026, 10, 1), date(2026, 12, 31)
DAY = timedelta(days=1)


def forecast(left, *days, start=START, today=TODAY, last=LAST):
    return forecast_unused(left, [date.fromisoformat(one) for one in days], start=start, today=today, last=last)


class TestAForecast:
    """E3, PL3: by the customer's own pace."""

    def test_goes_on_at_the_average_pace(self):
        """Three in 274 days; 91 remain: one more is to be expected."""
        found = forecast(4, "2026-02-01", "2026-05-01", "2026-08-01")

        assert (found.likely, found.history, found.sessions, found.remaining) == (3, 274, 3, 91)

    def test_its_range_is_the_busiest_and_the_quietest_stretch_of_the_same_length(self):
        found = forecast(4, "2026-02-01", "2026-02-10", "2026-02-20", "2026-08-01")

        assert (found.fewest, found.likely, found.most) == (1, 3, 4)

    def test_looks_at_every_stretch_from_the_first_day_to_today(self):
        """A hundred days, of which fifty come again: the busiest fifty end near today, the quietest still have one session."""
        middle, late = [START + n * DAY for n in (49, 50)], [START + n * DAY for n in (95, 96)]
        asked = {"start": START, "today": START + 99 * DAY, "last": START + 149 * DAY}

        assert forecast_unused(9, [*middle, *late], **asked).fewest == 9 - 4
        assert forecast_unused(9, middle, **asked).most == 9 - 1

    def test_takes_what_is_booked_ahead_as_part_of_the_pace(self):
        """It is used already, so it is not among those left, and not expected a second time."""
        found = forecast(4, "2026-02-01", "2026-05-01", "2026-08-01", "2026-11-01")

        assert (found.ahead, found.likely) == (1, 4)

    def test_never_expects_more_than_are_left(self):
        assert forecast(1, *[f"2026-{month:02}-01" for month in range(1, 11)] * 3).likely == 0

    def test_half_a_session_is_one(self):
        """Two in 200 days, 50 remain: exactly a half."""
        found = forecast(1, "2026-01-02", "2026-01-03", today=START + 199 * DAY, last=START + 249 * DAY)

        assert found.likely == 0

    def test_looks_back_a_year_and_no_further(self):
        found = forecast(4, "2025-10-01", "2025-10-02", start=date(2024, 1, 1))

        assert (found.history, found.sessions) == (365, 1)

    def test_where_more_remains_than_there_is_to_look_back_on_the_stretch_is_scaled(self):
        found = forecast(9, "2026-01-02", today=START + 99 * DAY, last=START + 364 * DAY)

        assert (found.fewest, found.likely, found.most) == (6, 6, 6)

    @pytest.mark.parametrize(
        ("days", "today"),
        [([], TODAY), (["2025-12-31"], TODAY), (["2026-01-02"], START + 88 * DAY), (["2026-11-01"], TODAY)],
    )
    def test_says_nothing_where_there_is_too_little_to_go_by(self, days, today):
        assert forecast(4, *days, today=today) is None

    def test_ninety_days_are_enough(self):
        assert forecast(4, "2026-01-02", today=START + 89 * DAY) is not None

    def test_on_the_last_day_what_is_left_lapses(self):
        found = forecast(2, "2026-02-01", today=LAST)

        assert (found.fewest, found.likely, found.most) == (2, 2, 2)

    def test_its_working_ends_in_its_answer(self):
        found = forecast(4, "2026-02-01", "2026-02-10", "2026-02-20", "2026-08-01", "2026-11-01")

        assert found.left == 4
        assert found.working == Step(
            "places that will lapse",
            "E3",
            4,
            (
                ("left today", 4),
                ("days looked back", 274),
                ("sessions in them", 4),
                ("days to the year's end", 91),
                ("sessions ahead already", 1),
                ("at the busiest pace", 2),
                ("at the quietest pace", 4),
            ),
        )


@given(
    left=st.integers(0, 40),
    offsets=st.lists(st.integers(-500, 200), max_size=40),
    run=st.integers(0, 700),
    ahead=st.integers(0, 366),
)
def test_the_range_holds_the_likely_and_nothing_passes_what_is_left(left, offsets, run, ahead):
    found = forecast_unused(
        left,
        [TODAY + offset * DAY for offset in offsets],
        start=TODAY - run * DAY,
        today=TODAY,
        last=TODAY + ahead * DAY,
    )

    if found:
        assert 0 <= found.fewest <= found.likely <= found.most <= left
