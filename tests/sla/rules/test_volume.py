from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from sla.rules.volume import Quarter, quarter_start, quarters_of, volume_exclusion
from tests.sla.rules.given import LONDON, NEW_YORK, TERMS, at


def quarter(clock, volume, incidents=1):
    return Quarter(at(clock), volume, incidents)


def excluded(*quarters, received="10:07", zone=NEW_YORK, terms=TERMS):
    return volume_exclusion(at(received), quarters, zone, terms)


class TestTheExclusionByVolume:
    """S7"""

    @pytest.mark.parametrize(("volume", "found"), [(32, False), (33, False), (34, True)])
    def test_needs_more_than_eleven_times_the_median(self, volume, found):
        answer = excluded(quarter("09:00", 3), quarter("10:00", volume))

        assert (answer.excluded, answer.median, answer.limit, answer.volume) == (found, 3, 33, volume)

    def test_multiplies_by_the_figure_of_its_edition(self):
        answer = excluded(quarter("09:00", 3), terms=replace(TERMS, volume_multiple=Decimal("1.5")))

        assert answer.limit == Fraction(9, 2)

    @pytest.mark.parametrize(
        ("volumes", "median"),
        [([5], 5), ([1, 2], Fraction(3, 2)), ([9, 1, 4], 4), ([9, 1, 4, 2], 3), ([2, 2, 2, 100], 2), ([0, 0, 7], 0)],
    )
    def test_takes_the_median_and_of_an_even_count_the_mean_of_the_two_middle_ones(self, volumes, median):
        quarters = [quarter(f"{hour:02}:00", volume) for hour, volume in enumerate(volumes)]

        answer = excluded(*quarters)

        assert (answer.median, answer.periods) == (median, len(volumes))

    def test_is_impossible_without_a_quarter_to_compare(self):
        answer = excluded(quarter("10:00", 500))

        assert (answer.excluded, answer.median, answer.limit, answer.periods) == (False, None, None, 0)

    def test_is_impossible_if_the_own_quarter_had_no_incident(self):
        assert not excluded(quarter("09:00", 1), quarter("10:00", 500, incidents=0)).excluded

    def test_is_impossible_if_the_own_quarter_is_not_on_record(self):
        answer = excluded(quarter("09:00", 0))

        assert (answer.excluded, answer.volume, answer.incidents) == (False, 0, 0)

    def test_holds_above_a_median_of_nothing(self):
        assert excluded(quarter("09:00", 0), quarter("10:00", 1)).excluded

    def test_leaves_out_quarters_without_an_incident(self):
        assert excluded(quarter("09:00", 1), quarter("09:15", 99, incidents=0)).median == 1


class TestTheWindowOfTheMedian:
    """S7"""

    @pytest.mark.parametrize(
        ("start", "counts"),
        [
            ("2025-11-12 10:45", False),  # 05:45 EST
            ("2025-11-12 11:00", False),  # 06:00 EST, before 06:07 EST
            ("2025-11-12 11:15", True),
            ("2026-05-12 09:45", True),
            ("2026-05-12 10:00", False),
            ("2026-05-12 10:15", False),
        ],
    )
    def test_holds_the_quarters_that_start_in_the_six_months_before(self, start, counts):
        assert excluded(quarter(start, 1)).periods == counts

    def test_begins_at_the_same_local_clock_time(self):
        answer = excluded()

        assert (answer.since, answer.until) == (at("2025-11-12 11:07"), at("10:00"))

    def test_takes_in_a_quarter_that_starts_at_its_first_instant(self):
        assert excluded(quarter("2025-11-12 11:00", 1), received="10:00").periods == 1

    def test_begins_on_the_last_day_of_a_month_that_lacks_the_day(self):
        assert excluded(received="2026-08-31 12:00", zone=LONDON).since == at("2026-02-28 13:00")


class TestAQuarterHour:
    """S7"""

    @pytest.mark.parametrize(
        ("instant", "start"),
        [("10:00", "10:00"), ("10:14:59.999999", "10:00"), ("10:15", "10:15"), ("23:59", "23:45")],
    )
    def test_is_that_of_the_utc_clock(self, instant, start):
        assert quarter_start(at(instant), TERMS.quarter) == at(start)
        assert quarter_start(at(instant).astimezone(NEW_YORK), TERMS.quarter).utcoffset() == timedelta()

    def test_is_counted_from_raw_triggers_and_incidents(self):
        alerts = [at(clock) for clock in ("10:02", "10:14", "10:15", "09:00")]
        incidents = [at(clock) for clock in ("10:02", "10:31", "10:31")]

        assert quarters_of(alerts, incidents, TERMS) == (
            quarter("09:00", 1, 0),
            quarter("10:00", 2, 1),
            quarter("10:15", 1, 0),
            quarter("10:30", 0, 2),
        )

    def test_is_not_given_twice(self):
        with pytest.raises(ValueError, match="given twice"):
            excluded(quarter("09:00", 1), quarter("09:00", 2))

    def test_is_not_off_the_clock(self):
        with pytest.raises(ValueError, match="no quarter hour of the UTC clock starts"):
            excluded(quarter("09:01", 1))


class TestTheWorkingOfTheVolume:
    """S7"""

    def test_holds_every_volume_with_the_number_of_its_quarters(self):
        quarters = [quarter("08:00", 2), quarter("08:15", 1), quarter("08:30", 2), quarter("10:00", 23)]
        answer = excluded(*quarters)

        assert answer.working.result is True
        assert dict(answer.working.inputs) == {
            "received": at("10:07"),
            "since": at("2025-11-12 11:07"),
            "until": at("10:00"),
            "volume": 23,
            "incidents": 1,
            "counted": ((1, 1), (2, 2)),
            "periods": 3,
            "median": Fraction(2),
            "multiple": Fraction(11),
            "limit": Fraction(22),
        }

    def test_knows_no_place_beyond_its_quarters(self):
        with pytest.raises(IndexError):
            excluded(quarter("09:00", 1))._volume_at(1)
