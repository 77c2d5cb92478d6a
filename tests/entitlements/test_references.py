"""X5: references that can be read out on the telephone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.references import ALPHABET, check_sign, new_reference, normalised

bodies = st.text(ALPHABET, min_size=7, max_size=7)


def written(body, prefix="CLM"):
    signs = body + check_sign(body)
    return f"{prefix}-{signs[:4]}-{signs[4:]}"


class TestAReference:
    def test_it_has_no_sign_that_looks_like_another(self):
        assert not set(ALPHABET) & set("0O1IL")

    def test_two_are_never_the_same(self):
        assert len({new_reference("ENG") for _ in range(1_000)}) == 1_000

    def test_each_new_one_is_one(self):
        for prefix in ("CLM", "DF", "ENG", "OUT", "CAU", "CR"):
            reference = new_reference(prefix)

            assert normalised(reference) == reference

    @given(bodies)
    def test_it_is_understood_as_people_type_it(self, body):
        reference = written(body)

        for typed in (reference.lower(), reference.replace("-", ""), f"  {reference.replace('-', ' ')} "):
            assert normalised(typed) == reference

    @given(bodies, st.integers(0, 7), st.sampled_from(ALPHABET))
    def test_one_wrong_sign_is_noticed(self, body, place, sign):
        signs = list(body + check_sign(body))
        was, signs[place] = signs[place], sign

        assert (normalised("CLM" + "".join(signs)) is None) == (sign != was)

    @given(bodies, st.integers(0, 6))
    def test_two_swapped_neighbours_are_noticed(self, body, place):
        signs = list(body + check_sign(body))
        a, b = signs[place : place + 2]
        signs[place : place + 2] = [b, a]

        assert (normalised("CLM" + "".join(signs)) is None) == (a != b)

    @pytest.mark.parametrize("typed", ["", "CLM", "7K4Q2M9X", "C1M-7K4Q-2M9X", "CLM-7K4Q-2M9", "CLM-0000-0000", "☂"])
    def test_what_cannot_be_one_is_none(self, typed):
        assert normalised(typed) is None
