from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.rules.money import cents, exact


class TestCents:
    """exact money"""

    @pytest.mark.parametrize(
        ("figure", "expected"),
        [
            ("0.005", "0.01"),
            ("0.0049999999999999999999999999999999", "0.00"),
            ("2.675", "2.68"),
            ("-0.005", "-0.01"),
            ("-0.004", "0.00"),
            ("1000000000000.015", "1000000000000.02"),
            ("0.994", "0.99"),
            ("0.995", "1.00"),
            ("7", "7.00"),
        ],
    )
    def test_are_rounded_half_up_once(self, figure, expected):
        assert str(cents(exact(figure))) == expected

    def test_come_out_wrong_if_the_division_comes_first(self):
        third = Decimal(1) / Decimal(3)

        assert cents(third * Decimal("29.985")) == Decimal("9.99")
        assert cents(exact("29.985") / 3) == Decimal("10.00")

    @given(st.fractions(min_value=-(10**9), max_value=10**9))
    def test_are_never_further_off_than_half_a_cent(self, figure):
        assert abs(Fraction(cents(figure)) - figure) <= Fraction(1, 200)

    @given(st.fractions(min_value=0, max_value=10**9))
    def test_of_a_debt_are_those_of_the_claim_with_the_sign_turned(self, figure):
        assert cents(-figure) == -cents(figure)

    def test_are_not_made_of_a_float(self):
        with pytest.raises(TypeError, match="float"):
            exact(0.1)
