from decimal import Decimal

import pytest

from sla.rules.causes import Cause, CauseCredit, merge, state_of
from tests.sla.rules.given import MICROSECOND, at

FIXED = at("12:00")


def given(key, cause, amount, granted="10:00", **facts):
    return CauseCredit(key=key, cause=cause, amount=Decimal(amount), granted=at(granted), **facts)


class TestACause:
    """S12"""

    @pytest.mark.parametrize(
        ("began", "same"), [(FIXED - MICROSECOND, True), (FIXED, False), (FIXED + MICROSECOND, False)]
    )
    def test_is_closed_by_its_fix_so_that_a_recurrence_is_a_new_one(self, began, same):
        assert Cause("c", FIXED).takes_in(began) is same
        assert Cause("c", FIXED).is_closed_at(began) is not same

    def test_without_a_fix_takes_in_everything(self):
        assert Cause("c").takes_in(at("2030-01-01 00:00"))
        assert not Cause("c").is_closed_at(at("2030-01-01 00:00"))

    @pytest.mark.parametrize(
        ("fixed", "all_over", "state"),
        [(None, True, "open"), (None, False, "open"), (FIXED, False, "fixed"), (FIXED, True, "closed")],
    )
    def test_is_open_then_fixed_and_closed_once_all_of_it_is_over(self, fixed, all_over, state):
        assert state_of(Cause("c", fixed), all_over=all_over) == state


class TestAMergeOfCauses:
    """S12"""

    def test_keeps_the_largest_credit_and_shows_what_becomes_void(self):
        small, large, other = given("1", "c", "10"), given("2", "d", "20"), given("3", "e", "99")
        found = merge(["c", "d"], [small, large, other])

        assert (found.kept, found.voided, found.voided_amount) == (large, (small,), Decimal(10))

    def test_keeps_the_earliest_of_equal_credits(self):
        later, earlier = given("1", "c", "10", "11:00"), given("2", "d", "10", "10:00")

        assert merge(["c", "d"], [later, earlier]).kept is earlier
        assert merge(["c", "d"], [given("b", "c", "10"), given("a", "d", "10")]).kept.key == "a"

    def test_passes_over_what_is_void_already(self):
        assert merge(["c"], [given("1", "c", "10", void=True)]).kept is None

    def test_shows_each_credit(self):
        small, large = given("1", "c", "10"), given("2", "d", "20", void=False)
        working = merge(["c", "d"], [small, large]).working

        assert working.result == "2"
        assert dict(working.inputs) == {"voided": ("1",), "voided_amount": Decimal(10)}
        assert [step.result for step in working.steps] == [Decimal(20), Decimal(10)]
        assert dict(working.steps[0].inputs) == {"key": "2", "cause": "d", "granted": at("10:00"), "void": False}

    def test_of_causes_without_a_credit_voids_nothing(self):
        found = merge(["c"], [])

        assert (found.kept, found.voided, found.voided_amount) == (None, (), 0)
        assert (found.working.result, found.working.steps) == (None, ())
