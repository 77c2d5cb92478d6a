from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from sla.rules.maintenance import Ground
from sla.rules.maintenance_notice import (
    SATURDAY_AND_SUNDAY,
    cost_of_no_notice,
    ground_of,
    inside_normal_hours,
    needs_new_notice,
    notice_deadline,
)
from tests.sla.rules.given import LONDON, MICROSECOND, NEW_YORK, TERMS, at, maintenance, span, spans

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
HOLIDAYS = {date(2026, 5, 25), date(2026, 7, 3)}


def window(weekday, begins, ends):
    return (weekday, *(timedelta(hours=int(clock[:2]), minutes=int(clock[3:])) for clock in (begins, ends)))


class TestTheDeadlineOfANotice:
    """S15"""

    @pytest.mark.parametrize(
        ("start", "deadline"),
        [
            ("2026-05-13 14:00", "2026-05-12 14:00"),  # Wednesday: Tuesday
            ("2026-05-18 14:00", "2026-05-15 14:00"),  # Monday: Friday
            ("2026-05-17 14:00", "2026-05-15 14:00"),  # Sunday: Friday
            ("2026-05-26 14:00", "2026-05-22 14:00"),  # the day after a holiday on Monday
            ("2026-07-04 02:00", "2026-07-03 02:00"),  # Friday evening there, itself a holiday: Thursday
            ("2026-03-09 06:30", "2026-03-06 07:30"),  # Monday 02:30 EDT: Friday 02:30 EST
            ("2026-11-02 15:00", "2026-10-30 14:00"),  # over the autumn change
        ],
    )
    def test_is_the_same_local_time_on_the_last_business_day_before(self, start, deadline):
        answer = notice_deadline(at(start), NEW_YORK, HOLIDAYS, SATURDAY_AND_SUNDAY, TERMS)

        assert answer.deadline == at(deadline)

    def test_moves_a_clock_time_that_the_business_day_lacks_forward(self):
        answer = notice_deadline(at("2026-03-09 06:30"), NEW_YORK, (), {5}, TERMS)

        assert answer.deadline == at("2026-03-08 07:30")

    def test_names_the_days_that_were_skipped(self):
        answer = notice_deadline(at("2026-05-26 14:00"), NEW_YORK, HOLIDAYS, SATURDAY_AND_SUNDAY, TERMS)

        assert answer.skipped == (date(2026, 5, 25), date(2026, 5, 24), date(2026, 5, 23))
        assert dict(answer.working.inputs) == {
            "start": at("2026-05-26 14:00"),
            "zone": "America/New_York",
            "business_days": 1,
            "skipped": answer.skipped,
        }
        assert answer.working.result == at("2026-05-22 14:00")

    def test_goes_back_as_many_business_days_as_the_edition_says(self):
        two_days = replace(TERMS, notice_business_days=2)

        answer = notice_deadline(at("2026-05-26 14:00"), NEW_YORK, HOLIDAYS, SATURDAY_AND_SUNDAY, two_days)

        assert answer.deadline == at("2026-05-21 14:00")

    @pytest.mark.parametrize(("late_by", "in_time"), [(-MICROSECOND, True), (timedelta(), True), (MICROSECOND, False)])
    def test_itself_is_in_time(self, late_by, in_time):
        answer = notice_deadline(at("2026-05-13 14:00"), NEW_YORK, (), SATURDAY_AND_SUNDAY, TERMS)

        assert answer.is_in_time(answer.deadline + late_by) is in_time

    def test_is_missed_by_a_notice_that_was_not_accepted(self):
        answer = notice_deadline(at("2026-05-13 14:00"), NEW_YORK, (), SATURDAY_AND_SUNDAY, TERMS)

        assert answer.is_in_time(None) is False

    def test_does_not_exist_in_a_week_without_business(self):
        with pytest.raises(ValueError, match=r"^a week without a business day has no deadline for notices$"):
            notice_deadline(at("2026-05-13 14:00"), NEW_YORK, (), range(7), TERMS)


class TestTheNormalHours:
    """S3, S15"""

    SUNDAY = [window(6, "02:00", "06:00")]  # 09:00–13:00 UTC on 17 May in Los Angeles

    @pytest.mark.parametrize(
        ("start", "end", "inside"),
        [
            ("2026-05-17 09:00", "2026-05-17 13:00", True),
            ("2026-05-17 08:59:59", "2026-05-17 10:00", False),
            ("2026-05-17 12:00", "2026-05-17 13:00:01", False),
            ("2026-05-18 09:00", "2026-05-18 10:00", False),
            ("2026-05-24 09:00", "2026-05-24 10:00", True),
            ("2026-05-17 09:00", "2026-05-24 10:00", False),
        ],
    )
    def test_hold_the_period_wholly(self, start, end, inside):
        assert inside_normal_hours(span(start, end), self.SUNDAY, LOS_ANGELES) is inside

    @pytest.mark.parametrize(
        ("start", "end", "inside"),
        [
            ("2026-05-17 05:00", "2026-05-17 09:00", True),
            ("2026-05-17 07:30", "2026-05-17 08:30", True),
            ("2026-05-17 08:30", "2026-05-17 09:30", False),
            ("2026-05-16 05:00", "2026-05-16 06:00", False),
        ],
    )
    def test_may_go_over_midnight(self, start, end, inside):
        saturday_night = [window(5, "22:00", "02:00")]

        assert inside_normal_hours(span(start, end), saturday_night, LOS_ANGELES) is inside

    def test_may_last_a_whole_day(self):
        sunday = [window(6, "00:00", "24:00")]

        assert inside_normal_hours(span("2026-05-17 07:00", "2026-05-18 07:00"), sunday, LOS_ANGELES)
        assert not inside_normal_hours(span("2026-05-17 06:00", "2026-05-17 08:00"), sunday, LOS_ANGELES)
        noon_to_noon = [window(5, "12:00", "12:00")]
        assert inside_normal_hours(span("2026-05-16 19:00", "2026-05-17 19:00"), noon_to_noon, LOS_ANGELES)

    def test_do_not_join_two_windows_that_touch(self):
        both = [window(5, "22:00", "24:00"), window(6, "00:00", "02:00")]

        assert not inside_normal_hours(span("2026-05-17 06:30", "2026-05-17 07:30"), both, LOS_ANGELES)
        assert inside_normal_hours(span("2026-05-17 07:00", "2026-05-17 07:30"), both, LOS_ANGELES)

    def test_follow_the_clock_over_the_spring_change(self):
        sunday = [window(6, "01:00", "03:00")]

        assert inside_normal_hours(span("2026-03-29 01:00", "2026-03-29 02:00"), sunday, LONDON) is True
        assert inside_normal_hours(span("2026-03-29 01:00", "2026-03-29 02:00:01"), sunday, LONDON) is False

    def test_that_the_spring_change_swallowed_hold_nothing(self):
        swallowed = [window(6, "01:30", "02:15")]  # from 02:30 BST, the gap later, to 02:15 BST

        assert not inside_normal_hours(span("2026-03-29 01:15", "2026-03-29 01:30"), swallowed, LONDON)

    def test_hold_nothing_if_none_are_on_record(self):
        assert inside_normal_hours(span("10:00", "10:01"), [], LONDON) is False


class TestAChangedMaintenance:
    """S15"""

    @pytest.mark.parametrize(
        ("planned", "needed"),
        [
            (span("10:00", "12:00"), False),
            (span("10:30", "11:30"), False),
            (span("10:00", "12:00:01"), True),
            (span("11:00", "13:00"), True),
            (span("09:59:59", "11:00"), True),
        ],
    )
    def test_needs_a_new_notice_unless_it_stays_inside_the_announced_window(self, planned, needed):
        assert needs_new_notice(span("10:00", "12:00"), planned) is needed


class TestTheGroundOfAMaintenance:
    """S3"""

    @pytest.mark.parametrize(
        ("in_normal_hours", "noticed_in_time", "emergency", "ground"),
        [
            (True, True, True, Ground.NORMAL_HOURS),
            (False, True, True, Ground.NOTICED),
            (False, False, True, Ground.EMERGENCY),
            (False, False, False, None),
        ],
    )
    def test_is_the_one_that_excuses_most(self, in_normal_hours, noticed_in_time, emergency, ground):
        assert (
            ground_of(in_normal_hours=in_normal_hours, noticed_in_time=noticed_in_time, emergency=emergency) is ground
        )


class TestTheCostOfALateNotice:
    """S15, S3"""

    def test_is_the_time_that_no_longer_cuts_while_the_allowance_is_used(self):
        cost = cost_of_no_notice(span("10:00", "12:00"), [maintenance("00:00", "09:00")], TERMS)

        assert cost.no_longer_cut == spans(("10:00", "11:00"))
        assert cost.minutes_lost == timedelta(hours=1)
        assert cost.allowance_used == timedelta(hours=1)

    def test_counts_nothing_that_another_period_excuses(self):
        cost = cost_of_no_notice(span("10:00", "12:00"), [maintenance("11:00", "13:00")], TERMS)

        assert cost.no_longer_cut == spans(("10:00", "11:00"))
        assert cost.allowance_used == timedelta(hours=1)

    def test_shows_its_figures(self):
        cost = cost_of_no_notice(span("10:00", "12:00"), [], TERMS)

        assert cost.working.result == timedelta(hours=2)
        assert dict(cost.working.inputs) == {
            "planned": span("10:00", "12:00"),
            "no_longer_cut": spans(("10:00", "12:00")),
            "allowance_used": timedelta(hours=2),
        }
