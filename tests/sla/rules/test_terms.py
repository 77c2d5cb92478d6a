from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from sla.rules.terms import Standing, terms_for
from tests.sla.rules.given import NEW_YORK, TERMS, at

START, LAST = date(2026, 1, 1), date(2026, 12, 31)
PERIODS = [(date(2026, 1, 10), "enterprise"), (date(2026, 6, 9), "standard")]


def standing(occurrence, **changed):
    return terms_for(
        at(occurrence), NEW_YORK, START, LAST, changed.get("periods", PERIODS), changed.get("suspensions", ())
    )


class TestTermsInForce:
    """S1"""

    @pytest.mark.parametrize(
        ("occurrence", "found"),
        [
            ("2026-01-01 04:59:59.999999", Standing.OUTSIDE_TERM),
            ("2026-01-01 05:00", Standing.NO_TERMS),
            ("2026-01-10 04:59:59.999999", Standing.NO_TERMS),
            ("2026-01-10 05:00", Standing.ENTERPRISE),
            ("2026-06-09 03:59:59.999999", Standing.ENTERPRISE),
            ("2026-06-09 04:00", Standing.STANDARD),
            ("2027-01-01 04:59:59.999999", Standing.STANDARD),
            ("2027-01-01 05:00", Standing.OUTSIDE_TERM),
        ],
    )
    def test_are_those_of_the_local_day_of_the_occurrence(self, occurrence, found):
        assert standing(occurrence).standing is found

    def test_are_found_whatever_the_order_of_the_periods(self):
        assert standing("2026-07-01 12:00", periods=PERIODS[::-1]).kind == "standard"

    @pytest.mark.parametrize(
        ("occurrence", "found"),
        [
            ("2026-02-01 04:59:59", Standing.ENTERPRISE),
            ("2026-02-01 05:00", Standing.SUSPENDED),
            ("2026-02-11 04:59:59", Standing.SUSPENDED),
            ("2026-02-11 05:00", Standing.ENTERPRISE),
        ],
    )
    def test_are_none_on_the_days_of_a_suspension(self, occurrence, found):
        held = [(date(2026, 2, 1), date(2026, 2, 10))]

        assert standing(occurrence, suspensions=held).standing is found

    def test_are_none_while_a_suspension_has_no_end(self):
        answer = standing("2026-12-30 12:00", suspensions=[(date(2026, 2, 1), None)])

        assert answer.kind is None
        assert answer.refusal.code == "suspended"

    def test_of_the_standard_kind_say_that_they_carry_no_credit(self):
        answer = standing("2026-07-01 12:00")

        assert answer.kind == "standard"
        assert (answer.refusal.clause, answer.refusal.code) == ("S1", "standard")
        assert "Standard terms" in answer.refusal.sentence

    def test_of_the_enterprise_kind_refuse_nothing(self):
        assert standing("2026-02-01 12:00").refusal is None

    def test_that_begin_twice_on_one_day_are_an_error(self):
        with pytest.raises(ValueError, match=r"^two periods of terms begin on one day$"):
            standing("2026-02-01 12:00", periods=[*PERIODS, (date(2026, 6, 9), "enterprise")])

    @pytest.mark.parametrize("name", ["gold", "suspended", "no_terms"])
    def test_of_an_unknown_name_are_an_error(self, name):
        with pytest.raises(ValueError, match=f"no such terms: '{name}'"):
            standing("2026-02-01 12:00", periods=[(START, name)])

    def test_hold_everything_that_decided_them(self):
        answer = standing("2026-02-01 12:00", suspensions=[(date(2026, 3, 1), None)])

        assert answer.working.result == "enterprise"
        assert dict(answer.working.inputs) == {
            "occurrence": at("2026-02-01 12:00"),
            "zone": "America/New_York",
            "start": START,
            "last": LAST,
            "periods": tuple(PERIODS),
            "suspensions": ((date(2026, 3, 1), None),),
        }


class TestTheFiguresOfAnEdition:
    """S1"""

    @pytest.mark.parametrize("figure", ["credit_cap", "volume_multiple", "stay_reduction_percent", "claim_days"])
    def test_are_never_floats(self, figure):
        with pytest.raises(TypeError, match=f"not an exact figure.*{figure}"):
            replace(TERMS, **{figure: 1.5})

    @pytest.mark.parametrize("figure", ["credit_cap", "claim_days"])
    def test_are_never_below_zero(self, figure):
        with pytest.raises(ValueError, match=f"below zero.*{figure}"):
            replace(TERMS, **{figure: Decimal("-0.01") if figure == "credit_cap" else -1})

    def test_may_be_zero(self):
        assert replace(TERMS, claim_days=0, credit_cap=Decimal(0)).claim_days == 0

    def test_leave_every_availability_outage_a_remedy_period(self):
        assert replace(TERMS, outage_deduction_minutes=29)
        with pytest.raises(
            ValueError, match=r"^an Availability Outage of the least length would have no remedy period$"
        ):
            replace(TERMS, outage_deduction_minutes=30)

    def test_divide_the_clock(self):
        with pytest.raises(ValueError, match=r"^a quarter hour of no length divides no clock$"):
            replace(TERMS, volume_quarter_minutes=0)

    def test_leave_a_rate_to_whoever_stays(self):
        assert replace(TERMS, stay_reduction_percent=Decimal("99.99"))
        with pytest.raises(
            ValueError, match=r"^a reduction by the whole fee leaves no rate at which a balance could be used up$"
        ):
            replace(TERMS, stay_reduction_percent=100)

    def test_stand_all_in_the_working(self):
        figures = dict(TERMS.working.inputs)

        assert TERMS.working.result == TERMS.name
        assert figures["deciding_logs"] == tuple(TERMS.deciding_logs.items())
        assert figures.keys() == set(type(TERMS).__dataclass_fields__)
        assert all(figures[name] == getattr(TERMS, name) for name in figures if name != "deciding_logs")

    def test_can_be_compared_and_kept_in_a_set(self):
        assert len({TERMS, replace(TERMS), replace(TERMS, claim_days=16)}) == 2
