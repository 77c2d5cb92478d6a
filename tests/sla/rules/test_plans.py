from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from sla.rules.plans import Plan, Prepaid, next_lower_plan, offer, shift, stay
from tests.sla.rules.given import TERMS

DAY = date(2026, 6, 9)
YEAR = Prepaid(Decimal("12000.00"), date(2026, 1, 1), date(2026, 12, 31))
MIDYEAR = date(2026, 7, 1)


def plan(key, price, rank, **facts):
    known = {"currency": "USD", "billing_period": "month", **facts}
    return Plan(key=key, list_price=Decimal(price), rank=rank, **known)


ENTERPRISE, BUSINESS, BASIC = plan("enterprise", "99", 1), plan("business", "41", 2), plan("basic", "21", 3)


def shifted(new="21", discount="0", old="41", effect=MIDYEAR, prepaid=YEAR):
    return shift(Decimal(new), Decimal(discount), Decimal(old), effect, prepaid)


def stayed(old="35", effect=MIDYEAR, prepaid=YEAR, terms=TERMS):
    return stay(Decimal(old), effect, prepaid, terms)


class TestTheNextLowerPlan:
    """S17"""

    def test_is_the_dearest_below_the_current_one(self):
        assert next_lower_plan([BASIC, ENTERPRISE, BUSINESS], ENTERPRISE, DAY) is BUSINESS
        assert next_lower_plan([BASIC, ENTERPRISE, BUSINESS], BUSINESS, DAY) is BASIC

    def test_does_not_exist_below_the_lowest(self):
        assert next_lower_plan([BASIC, ENTERPRISE, BUSINESS], BASIC, DAY) is None

    def test_is_not_one_of_the_same_price(self):
        assert next_lower_plan([plan("twin", "21", 9)], BASIC, DAY) is None

    def test_of_equal_prices_is_the_first_in_the_catalogue(self):
        first, second = plan("first", "41", 4), plan("second", "41", 5)

        assert next_lower_plan([second, first], ENTERPRISE, DAY) is first
        assert next_lower_plan([first, second], ENTERPRISE, DAY) is first

    @pytest.mark.parametrize(
        ("facts", "found"),
        [
            ({"sold_from": DAY}, "x"),
            ({"sold_from": date(2026, 6, 10)}, "business"),
            ({"sold_to": DAY}, "x"),
            ({"sold_to": date(2026, 6, 8)}, "business"),
            ({"offered": False}, "business"),
            ({"currency": "EUR"}, "business"),
            ({"billing_period": "year"}, "business"),
        ],
    )
    def test_is_offered_on_sale_and_comparable(self, facts, found):
        assert next_lower_plan([plan("x", "90", 0, **facts), BUSINESS], ENTERPRISE, DAY).key == found


class TestWhatIsUnused:
    """S17"""

    @pytest.mark.parametrize(
        ("effect", "days"),
        [
            (date(2025, 12, 15), 365),
            (date(2026, 1, 1), 365),
            (date(2026, 1, 2), 364),
            (date(2026, 12, 31), 1),
            (date(2027, 1, 1), 0),
            (date(2027, 6, 1), 0),
        ],
    )
    def test_goes_by_days_with_the_day_of_effect(self, effect, days):
        assert YEAR.remaining_days(effect) == days
        assert YEAR.unused(effect) == Fraction(12000) * days / 365

    def test_belongs_to_a_period_of_at_least_one_day(self):
        assert Prepaid(Decimal(1), DAY, DAY).days == 1
        with pytest.raises(ValueError, match=r"^a prepaid period must not end before it begins$"):
            Prepaid(Decimal(1), DAY, date(2026, 6, 8))


class TestAShift:
    """S17"""

    def test_keeps_the_discount(self):
        assert shifted(new="21", discount="12.5").new_fee == Decimal("18.38")

    def test_credits_the_difference_of_what_is_unused(self):
        found = shifted()

        assert (found.unused, found.credit) == (Decimal("6049.32"), Decimal("2950.89"))

    def test_credits_from_the_exact_new_fee_and_not_from_the_one_shown(self):
        found = shifted(new="0.99", discount="50", old="1", effect=YEAR.first)

        assert found.new_fee == Decimal("0.50")
        assert found.credit == Decimal("6060.00")

    @pytest.mark.parametrize(("old", "credit"), [("20.99", "0.00"), ("21", "0.00"), ("21.01", "5.71"), ("0", "0.00")])
    def test_never_credits_below_zero_nor_for_an_old_fee_of_nothing(self, old, credit):
        assert str(shifted(old=old, effect=YEAR.first).credit) == credit

    def test_multiplies_everything_before_it_divides(self):
        """The half cent is exact: Decimal with 28 digits that divides early gives 743.00."""
        prepaid = Prepaid(Decimal("23776.16"), date(2026, 7, 1), date(2026, 12, 31))
        found = shifted(new="13", old="36", effect=date(2026, 12, 23), prepaid=prepaid)
        early = Decimal("23776.16") * (Decimal(9) / Decimal(184)) * (1 - Decimal(13) / Decimal(36))

        assert found.credit == Decimal("743.01")
        assert early < Decimal("743.005")

    def test_says_what_a_later_day_costs(self):
        found = shifted()

        assert found.daily_difference == Decimal("16.04")
        assert shifted(effect=date(2026, 7, 2)).credit == found.credit - found.daily_difference

    def test_shows_all_that_went_in(self):
        found = shifted(discount="10")

        assert found.working.result == found.credit
        assert dict(found.working.inputs) == {
            "new_list_price": Decimal(21),
            "discount_percent": Decimal(10),
            "old_fee": Decimal(41),
            "prepaid": Decimal("12000.00"),
            "prepaid_first": date(2026, 1, 1),
            "prepaid_last": date(2026, 12, 31),
            "effect": MIDYEAR,
            "remaining_days": 184,
            "days": 365,
            "new_fee": Fraction("18.9"),
            "unused": Fraction(12000) * 184 / 365,
            "credited_share": 1 - Fraction("18.9") / 41,
            "daily_difference": found.daily_difference,
        }


class TestAStay:
    """S17"""

    def test_reduces_the_fee_by_a_fifth(self):
        assert stayed("35.03").new_fee == Decimal("28.02")

    def test_follows_the_figure_of_its_edition(self):
        found = stayed("40", terms=replace(TERMS, stay_reduction_percent=Decimal("12.5")))

        assert (found.new_fee, found.days) == (Decimal("35.00"), 210)

    @pytest.mark.parametrize(
        ("effect", "days", "until"),
        [
            (date(2026, 1, 1), 456, date(2027, 4, 1)),
            (date(2025, 12, 1), 456, date(2027, 4, 1)),
            (date(2026, 12, 28), 5, date(2027, 1, 1)),
            (date(2026, 12, 29), 3, date(2026, 12, 31)),
            (date(2026, 12, 31), 1, date(2026, 12, 31)),
            (date(2027, 1, 1), 0, None),
        ],
    )
    def test_makes_the_balance_last_for_whole_days(self, effect, days, until):
        found = stayed(effect=effect)

        assert (found.days, found.lasts_until) == (days, until)

    def test_of_nothing_prepaid_stretches_what_remains_of_the_period_all_the_same(self):
        nothing = Prepaid(Decimal("0.00"), YEAR.first, YEAR.last)

        found, over = stayed(prepaid=nothing), stayed(prepaid=nothing, effect=date(2027, 1, 1))

        assert (found.unused, found.days, found.lasts_until) == (0, 230, date(2027, 2, 15))
        assert (over.unused, over.days, over.lasts_until) == (0, 0, None)

    def test_where_nothing_is_left_a_later_day_costs_nothing(self):
        after = date(2027, 6, 30)
        assert (stayed(effect=after).unused, stayed(effect=after).daily_difference) == (0, 0)
        assert shifted(effect=after).daily_difference == 0

    def test_says_what_a_later_day_costs(self):
        assert (stayed().unused, stayed().daily_difference) == (Decimal("6049.32"), Decimal("32.88"))

    def test_shows_all_that_went_in(self):
        found = stayed()

        assert found.working.result == 230
        assert dict(found.working.inputs) == {
            "old_fee": Decimal(35),
            "reduction_percent": 20,
            "prepaid": Decimal("12000.00"),
            "prepaid_first": date(2026, 1, 1),
            "prepaid_last": date(2026, 12, 31),
            "effect": MIDYEAR,
            "remaining_days": 184,
            "days": 365,
            "new_fee": Fraction(28),
            "unused": Fraction(12000) * 184 / 365,
            "lasts_until": found.lasts_until,
            "daily_difference": Decimal("32.88"),
        }


class TestAnOffer:
    """S16, S17"""

    def test_prices_both_options(self):
        found = offer(BASIC, Decimal(10), Decimal(41), MIDYEAR, YEAR, TERMS)

        assert found.shift == shifted(discount="10")
        assert found.stay == stayed("41")
        assert found.working.result == "basic"
        assert found.working.steps == (found.shift.working, found.stay.working)

    def test_leaves_only_the_second_on_the_lowest_plan(self):
        found = offer(None, Decimal(10), Decimal(41), MIDYEAR, YEAR, TERMS)

        assert (found.shift, found.to_plan) == (None, None)
        assert found.working.steps == (found.stay.working,)
