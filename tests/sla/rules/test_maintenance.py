from datetime import timedelta

import pytest

from entitlements.rules.spans import Span
from sla.rules.maintenance import Ground, excused_part, first_of, maintenance_account
from tests.sla.rules.given import TERMS, at, emergency, maintenance, month, span, spans

HOUR = timedelta(hours=1)


def cutting(*periods):
    return maintenance_account(periods, TERMS).cutting()


class TestAnExcuse:
    """S3"""

    @pytest.mark.parametrize(
        ("announced", "excused"),
        [
            (span("10:00", "11:00"), span("10:00", "11:00")),
            (span("09:00", "12:00"), span("10:00", "11:00")),
            (span("10:15", "10:45"), span("10:15", "10:45")),
            (span("10:15", "12:00"), span("10:15", "11:00")),
            (span("11:00", "12:00"), None),
        ],
    )
    def test_by_notice_holds_inside_the_announced_window_as_far_as_it_ran(self, announced, excused):
        assert excused_part(maintenance("10:00", "11:00", announced=announced), TERMS) == excused

    def test_by_notice_needs_the_window(self):
        with pytest.raises(ValueError, match="needs the window"):
            maintenance("10:00", "11:00", announced=None)

    def test_by_normal_hours_holds_for_all_of_it(self):
        assert excused_part(maintenance("10:00", "11:00", Ground.NORMAL_HOURS), TERMS) == span("10:00", "11:00")

    @pytest.mark.parametrize(
        ("recorded", "excused"),
        [
            ("2026-05-12 09:00", True),
            ("2026-05-13 09:59:59.999999", True),
            ("2026-05-13 10:00", True),
            ("2026-05-13 10:00:00.000001", False),
        ],
    )
    def test_by_emergency_needs_its_reason_within_a_day_of_its_start(self, recorded, excused):
        period = emergency("10:00", "11:00", recorded=recorded)

        assert excused_part(period, TERMS) == (span("10:00", "11:00") if excused else None)

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_by_emergency_needs_a_reason(self, reason):
        assert excused_part(emergency("10:00", "11:00", reason=reason), TERMS) is None

    def test_by_emergency_needs_the_moment_at_which_the_reason_was_recorded(self):
        assert excused_part(maintenance("10:00", "11:00", Ground.EMERGENCY, reason="a flaw"), TERMS) is None

    def test_without_any_ground_there_is_none(self):
        assert excused_part(maintenance("10:00", "11:00", None), TERMS) is None


class TestTheAllowanceOfAMonth:
    """S3"""

    @pytest.mark.parametrize(
        ("minutes", "left"),
        [(599, timedelta(minutes=1)), (600, timedelta()), (601, timedelta())],
    )
    def test_is_ten_hours_and_never_below_zero(self, minutes, left):
        period = maintenance("00:00", f"{minutes // 60:02}:{minutes % 60:02}")

        assert maintenance_account([period], TERMS).left(month("2026-05")) == left

    def test_ends_at_the_instant_at_which_ten_hours_are_full(self):
        account = maintenance_account([maintenance("00:00", "04:00"), maintenance("12:00", "20:00")], TERMS)

        assert account.cutting() == spans(("00:00", "04:00"), ("12:00", "18:00"))
        assert account.months[0].used_up_at == at("18:00")

    def test_may_be_used_up_by_a_single_period(self):
        assert maintenance_account([maintenance("00:00", "12:00")], TERMS).months[0].used_up_at == at("10:00")

    def test_is_not_used_up_while_something_is_left(self):
        assert maintenance_account([maintenance("00:00", "04:00")], TERMS).months[0].used_up_at is None

    def test_is_used_up_in_order_of_time_and_not_of_entry(self):
        assert cutting(maintenance("12:00", "20:00"), maintenance("00:00", "04:00")) == spans(
            ("00:00", "04:00"), ("12:00", "18:00")
        )

    def test_is_used_by_periods_that_are_not_excused(self):
        assert cutting(maintenance("00:00", "09:30", None), maintenance("12:00", "13:00")) == spans(("12:00", "12:30"))

    def test_is_used_outside_the_announced_window_too(self):
        overrun = maintenance("00:00", "09:30", announced=span("00:00", "01:00"))

        assert cutting(overrun, maintenance("12:00", "13:00")) == spans(("00:00", "01:00"), ("12:00", "12:30"))

    def test_is_used_by_maintenance_that_repairs_an_outage(self):
        repair = maintenance("00:00", "09:30", repairs_outage=True)

        assert cutting(repair, maintenance("12:00", "13:00")) == spans(("12:00", "12:30"))

    def test_is_used_once_by_a_minute_under_several_periods(self):
        account = maintenance_account([maintenance("00:00", "06:00"), maintenance("03:00", "09:00")], TERMS)

        assert account.left(month("2026-05")) == HOUR
        assert account.cutting() == spans(("00:00", "09:00"))

    def test_leaves_the_next_month_whole(self):
        account = maintenance_account([maintenance("00:00", "12:00")], TERMS)

        assert account.left(month("2026-06")) == account.left(month("2026-04")) == 10 * HOUR

    def test_is_asked_by_any_day_of_the_month(self):
        account = maintenance_account([maintenance("00:00", "02:00")], TERMS)

        assert account.left(at("2026-05-31 00:00").date()) == 8 * HOUR

    def test_splits_a_period_at_midnight_of_the_months_end(self):
        period = maintenance("2026-05-31 23:00", "2026-06-01 01:00")
        account = maintenance_account([period], TERMS)

        assert account.cutting() == (
            span("2026-05-31 23:00", "2026-06-01 00:00"),
            span("2026-06-01 00:00", "2026-06-01 01:00"),
        )
        assert account.left(month("2026-05")) == account.left(month("2026-06")) == 9 * HOUR

    def test_splits_a_period_of_three_months_twice(self):
        period = maintenance("2026-12-31 20:00", "2027-02-01 01:00")

        assert maintenance_account([period], TERMS).cutting() == (
            span("2026-12-31 20:00", "2027-01-01 00:00"),
            span("2027-01-01 00:00", "2027-01-01 10:00"),
            span("2027-02-01 00:00", "2027-02-01 01:00"),
        )


class TestAMinuteUnderSeveralPeriods:
    """S3"""

    def test_is_excused_if_one_of_them_excuses_it(self):
        assert cutting(maintenance("10:00", "10:40"), maintenance("10:20", "11:00", None)) == spans(("10:00", "10:40"))

    def test_is_cut_if_one_of_them_repairs_nothing(self):
        repair = maintenance("10:20", "11:00", repairs_outage=True)

        assert cutting(maintenance("10:00", "10:40"), repair) == spans(("10:00", "10:40"))


class TestTheFirstPartOfSpans:
    """S3"""

    @pytest.mark.parametrize(
        ("minutes", "part"),
        [
            (0, ()),
            (10, spans(("10:00", "10:10"))),
            (20, spans(("10:00", "10:20"))),
            (25, spans(("10:00", "10:20"), ("11:00", "11:05"))),
            (99, spans(("10:00", "10:20"), ("11:00", "11:20"))),
        ],
    )
    def test_is_as_long_as_asked(self, minutes, part):
        whole: list[Span] = [span("11:00", "11:20"), span("10:00", "10:20")]

        assert first_of(whole, timedelta(minutes=minutes)) == part


class TestTheWorkingOfMaintenance:
    """S3"""

    def test_holds_every_period_and_every_month(self):
        account = maintenance_account([emergency("10:00", "11:00"), maintenance("00:00", "01:00", key="M1")], TERMS)
        working = account.working
        first, second, allowance = working.steps

        assert working.result == spans(("00:00", "01:00"), ("10:00", "11:00"))
        assert dict(working.inputs) == {"allowance_minutes": 600, "emergency_reason_hours": 24}
        assert (first.result, dict(first.inputs)) == (
            span("00:00", "01:00"),
            {
                "key": "M1",
                "ground": "noticed",
                "announced": span("00:00", "01:00"),
                "reason": "",
                "reason_recorded": None,
                "repairs_outage": False,
            },
        )
        assert dict(second.inputs)["reason_recorded"] == at("10:00")
        assert (allowance.result, dict(allowance.inputs)) == (
            spans(("00:00", "01:00"), ("10:00", "11:00")),
            {
                "month": month("2026-05"),
                "ran": spans(("00:00", "01:00"), ("10:00", "11:00")),
                "left": 8 * HOUR,
                "used_up_at": None,
            },
        )

    def test_says_none_for_a_period_without_ground(self):
        assert dict(maintenance("10:00", "11:00", None).working.inputs)["ground"] is None
