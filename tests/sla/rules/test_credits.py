from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from entitlements.rules.refusals import Refusal
from entitlements.rules.working import Step
from sla.rules.credits import Bound, ConvertedCap, credit, recorded_cap
from tests.sla.rules.given import TERMS

CAP = TERMS.credit_cap


def given(remedy, annual, **facts):
    return credit(Decimal(remedy), annual and Decimal(annual), TERMS, **facts)


class TestACredit:
    """S11"""

    @pytest.mark.parametrize(
        ("remedy", "annual", "amount", "bound"),
        [
            ("499.99", "100", "499.99", Bound.REMEDY),
            ("500.00", "100", "500.00", Bound.REMEDY),
            ("500.01", "100", "500.00", Bound.FEES),
            ("2999999.99", "600001", "2999999.99", Bound.REMEDY),
            ("3000000.00", "600000", "3000000.00", Bound.REMEDY),
            ("3000000.01", "600000", "3000000.00", Bound.FEES),
            ("3000000.01", "600001", "3000000.00", Bound.CAP),
            ("0", "0", "0.00", Bound.REMEDY),
            ("1", "0", "0.00", Bound.FEES),
        ],
    )
    def test_is_the_least_of_three_and_equal_ones_are_named_in_order(self, remedy, annual, amount, bound):
        found = given(remedy, annual)

        assert (str(found.amount), found.bound) == (amount, bound)
        assert found.is_limited is (bound is not Bound.REMEDY)

    def test_is_rounded_half_up_once(self):
        assert given("2.675", "24000").amount == Decimal("2.68")
        assert credit(Fraction(1, 3), Fraction(1, 30), TERMS).amount == Decimal("0.17")

    def test_compares_the_exact_figures(self):
        assert credit(Fraction("500.004"), Decimal(100), TERMS).bound is Bound.FEES

    def test_follows_the_figures_of_its_edition(self):
        terms = replace(TERMS, fee_multiple=2, credit_cap=Decimal(150))

        assert credit(Decimal(500), Decimal(70), terms).amount == Decimal("140.00")
        assert credit(Decimal(500), Decimal(100), terms).bound is Bound.CAP

    def test_takes_the_cap_recorded_for_another_currency(self):
        found = given("500", "100", cap=Decimal("400"))

        assert (found.amount, found.bound) == (Decimal("400.00"), Bound.CAP)

    def test_cannot_be_computed_without_fees_and_says_what_is_missing(self):
        found = given("100", None)

        assert (found.amount, found.bound, found.fees_bound, found.is_limited) == (None, None, None, False)
        assert found.refusal == Refusal(
            "S11",
            "no_fees",
            "No credit can be computed: no month of fees before the failure is on record.",
            "Record the fees of the three calendar months before the month of the failure.",
        )

    def test_that_is_there_refuses_nothing(self):
        assert given("0", "100").refusal is None

    @pytest.mark.parametrize(
        "facts",
        [
            {"remedy": "-0.01", "annual": "1"},
            {"remedy": "1", "annual": "-0.01"},
            {"remedy": "1", "annual": "1", "cap": Decimal("-1")},
            {"remedy": "1", "annual": "1", "credited_before": Decimal("-1")},
        ],
    )
    def test_has_no_bound_below_zero(self, facts):
        with pytest.raises(ValueError, match=r"^a bound of a credit is never below zero$"):
            given(**facts)


class TestTheOtherReadingsOfTheCap:
    """S11"""

    def test_are_shown_above_the_cap(self):
        found = given("5000000", "700000")

        assert found.amount == Decimal("3000000.00")
        assert found.other_readings == (
            ("cap on annual fees", Decimal("3500000.00")),
            ("cap on all credits together", Decimal("3000000.00")),
        )

    def test_cap_the_annual_fees_before_they_are_multiplied(self):
        assert given("99000000", "4000000").other_readings[0][1] == Decimal("15000000.00")

    def test_are_shown_where_all_credits_together_pass_the_cap(self):
        found = given("500", "1000", credited_before=Decimal("2999600"))

        assert found.other_readings[1][1] == Decimal("400.00")
        assert given("500", "1000", credited_before=Decimal("4000000")).other_readings[1][1] == 0

    @pytest.mark.parametrize("before", ["0", "2999500"])
    def test_are_not_shown_where_they_change_nothing(self, before):
        assert given("500", "1000", credited_before=Decimal(before)).other_readings == ()

    def test_are_not_shown_where_no_credit_can_be_computed(self):
        assert given("5000000", None).other_readings == ()


class TestTheCapOfAContract:
    """S11"""

    RECORDED = ConvertedCap("EUR", Decimal("2700000"), Decimal("0.9"), date(2026, 5, 12))

    @pytest.mark.parametrize(
        ("currency", "recorded", "cap"),
        [
            ("USD", None, CAP),
            ("USD", RECORDED, CAP),
            ("EUR", RECORDED, Decimal("2700000")),
            ("EUR", None, None),
            ("GBP", RECORDED, None),
        ],
    )
    def test_is_the_figure_of_the_edition_or_the_sum_recorded(self, currency, recorded, cap):
        assert recorded_cap(currency, TERMS, recorded) == cap


class TestTheWorkingOfACredit:
    """S11"""

    def test_holds_all_three_bounds_and_the_other_readings(self):
        found = given("5000000", "700000", credited_before=Decimal(7))

        assert found.working.result == Decimal("3000000.00")
        assert dict(found.working.inputs) == {
            "bound": "cap",
            "remedy_amount": Fraction(5000000),
            "annual": Fraction(700000),
            "fee_multiple": 5,
            "fees_bound": Fraction(3500000),
            "cap": Fraction(3000000),
            "cap_scope": "per credit",
            "credited_before": Fraction(7),
        }
        assert [(step.name, step.result) for step in found.working.steps] == [
            ("other reading: cap on annual fees", Decimal("3500000.00")),
            ("other reading: cap on all credits together", Decimal("2999993.00")),
        ]

    def test_names_no_bound_where_there_is_no_credit(self):
        assert dict(given("1", None).working.inputs)["bound"] is None

    def test_shows_the_bound_of_the_fees_by_itself(self):
        """Rounded as it is shown; used it is exact."""
        found = credit(Decimal(1), Fraction(1, 3), TERMS)

        assert found.working_of_fees_bound == Step(
            "annual fees times the multiple",
            "S11",
            Decimal("1.67"),
            (("annual", Fraction(1, 3)), ("fee_multiple", 5)),
        )
        assert given("1", None).working_of_fees_bound.result is None
