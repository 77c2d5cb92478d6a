from __future__ import annotations

from dataclasses import replace

import pytest

from entitlements.rules.caps import NOT_AVAILABLE, UNLIMITED, Override, check_booking
from entitlements.rules.editions import PolicyEdition, Pool
from tests.entitlements.rules.builders import EDITIONS, booked, contract, day, wish

MARCH, JUNE, AUGUST = "2026-03-01", "2026-06-01", "2026-08-01"


def ask(facts, engagements, candidate, editions=EDITIONS):
    return check_booking(facts, engagements, candidate, editions)


class TestOverrides:
    """E8"""

    def test_replace_the_cap_at_whatever_level(self):
        more = Override("roadmap", 2)

        assert ask(contract("none", overrides=[more]), [], wish("roadmap", JUNE)).cap == 2
        assert ask(contract("gold", overrides=[replace(more, cap=1)]), [], wish("roadmap", JUNE)).cap == 1

    def test_with_the_number_zero_are_used_up_and_not_unavailable(self):
        answer = ask(contract(overrides=[Override("roadmap", 0)]), [], wish("roadmap", JUNE))

        assert (answer.answer, answer.cap, answer.used_with_it) == ("cap_used_up", 0, 1)

    def test_can_lift_every_limit(self):
        facts = contract("none", overrides=[Override("roadmap", UNLIMITED)])
        many = [booked("roadmap", JUNE) for _ in range(40)]

        answer = ask(facts, many, wish("roadmap", JUNE))

        assert (answer.allowed, answer.cap, answer.used_with_it) == (True, UNLIMITED, 41)

    @pytest.mark.parametrize(
        ("first", "last", "on", "cap"),
        [
            ("2026-06-01", "2026-06-30", "2026-05-31", 1),
            ("2026-06-01", "2026-06-30", "2026-06-01", 9),
            ("2026-06-01", "2026-06-30", "2026-06-30", 9),
            ("2026-06-01", "2026-06-30", "2026-07-01", 1),
            (None, "2026-06-30", "2026-01-01", 9),
            (None, "2026-06-30", "2026-07-01", 1),
            ("2026-06-01", None, "2026-05-31", 1),
            ("2026-06-01", None, "2026-12-31", 9),
            (None, None, "2026-12-31", 9),
        ],
    )
    def test_hold_on_the_days_of_their_validity(self, first, last, on, cap):
        some = Override("roadmap", 9, first and day(first), last and day(last))

        assert ask(contract("silver", overrides=[some]), [], wish("roadmap", on)).cap == cap

    def test_that_have_ended_leave_the_usage_counted(self):
        until_june = Override("roadmap", 3, last=day("2026-06-30"))
        used = [booked("roadmap", MARCH), booked("roadmap", JUNE)]

        answer = ask(contract("gold", overrides=[until_june]), used, wish("roadmap", AUGUST))

        assert (answer.allowed, answer.used_with_it, answer.cap) == (False, 3, 2)

    def test_for_an_activity_take_it_out_of_the_pool_both_ways(self):
        facts = contract("none", overrides=[Override("integration", 1)])
        used = [booked("integration", MARCH)]

        pooled = ask(facts, used, wish("product_feature", JUNE))
        own = ask(facts, [booked("product_feature", MARCH)], wish("integration", JUNE))

        assert (pooled.allowed, pooled.used_with_it, pooled.line.activities) == (True, 1, ("product_feature",))
        assert (own.allowed, own.used_with_it, own.line.target) == (True, 1, "integration")
        assert not ask(facts, used, wish("integration", JUNE)).allowed

    def test_on_some_days_only_take_it_out_of_the_pool_on_those(self):
        facts = contract("none", overrides=[Override("integration", 5, last=day("2026-06-30"))])
        used = [booked("integration", MARCH)]

        assert ask(facts, used, wish("product_feature", JUNE)).allowed
        after = ask(facts, used, wish("product_feature", AUGUST))
        assert (after.allowed, after.used_with_it, after.cap) == (False, 2, 1)

    def test_on_the_pool_replace_the_pool_s_cap(self):
        facts = contract("none", overrides=[Override("consultation", 3)])
        used = [booked("integration", MARCH), booked("product_feature", MARCH)]

        answer = ask(facts, used, wish("integration", JUNE))

        assert (answer.allowed, answer.used_with_it, answer.cap) == (True, 3, 3)
        assert answer.line.activities == ("integration", "product_feature")

    def test_on_the_pool_make_no_pool_at_a_level_that_has_none(self):
        facts = contract("gold", overrides=[Override("consultation", 1)])

        assert ask(facts, [booked("product_feature", MARCH)], wish("integration", JUNE)).cap == 6

    def test_on_the_pool_and_on_an_activity_of_it_hold_side_by_side(self):
        facts = contract("none", overrides=[Override("consultation", 2), Override("integration", NOT_AVAILABLE)])

        assert ask(facts, [], wish("integration", JUNE)).answer == "not_available"
        pooled = ask(facts, [booked("integration", MARCH)], wish("product_feature", JUNE))
        assert (pooled.cap, pooled.used_with_it) == (2, 1)

    def test_for_every_activity_of_a_pool_leave_no_pool(self):
        facts = contract("none", overrides=[Override("integration", 1), Override("product_feature", 2)])

        assert ask(facts, [booked("integration", MARCH)], wish("product_feature", JUNE)).used_with_it == 1
        assert ask(facts, [], wish("integration", JUNE)).cap == 1

    def test_can_be_for_an_activity_that_the_edition_does_not_list(self):
        facts = contract(overrides=[Override("war_game", 1)])

        assert ask(facts, [], wish("war_game", JUNE)).cap == 1
        refusal = ask(facts, [booked("war_game", MARCH)], wish("war_game", JUNE)).refusal
        assert refusal.sentence.endswith("in contract year 1 (war_game).")

    def test_of_one_target_on_one_day_go_to_the_customer(self):
        caps = [1, 4, UNLIMITED, NOT_AVAILABLE]

        for more, less in [(4, 1), (UNLIMITED, 4), (0, NOT_AVAILABLE), (UNLIMITED, NOT_AVAILABLE)]:
            for pair in ([more, less], [less, more]):
                facts = contract(overrides=[Override("roadmap", cap) for cap in pair])
                assert ask(facts, [], wish("roadmap", JUNE)).cap == more, caps

    @pytest.mark.parametrize("cap", [-1, 1.5, True, None])
    def test_are_numbers_from_zero_up_or_one_of_two_words(self, cap):
        with pytest.raises(ValueError, match="not a cap"):
            Override("roadmap", cap)

    def test_do_not_end_before_they_begin(self):
        with pytest.raises(ValueError, match="end before it begins"):
            Override("roadmap", 1, day("2026-02-02"), day("2026-02-01"))
        assert Override("roadmap", 1, day("2026-02-02"), day("2026-02-02")).in_force_on(day("2026-02-02"))


class TestTheLevel:
    """E1"""

    @pytest.mark.parametrize(
        ("on", "level"),
        [
            ("2025-12-31", None),
            ("2026-01-01", "gold"),
            ("2026-06-30", "gold"),
            ("2026-07-01", "none"),
            ("2026-09-30", "none"),
            ("2026-10-01", "silver"),
            ("2030-01-01", "silver"),
        ],
    )
    def test_of_a_day_is_that_of_the_last_period_begun(self, on, level):
        facts = contract(("2026-01-01", "gold"), ("2026-07-01", "none"), ("2026-10-01", "silver"))

        assert facts.level_on(day(on)) == level

    def test_is_one_of_four(self):
        with pytest.raises(ValueError, match="not an entitlement level"):
            contract("platinum")

    @pytest.mark.parametrize("second", ["2026-01-01", "2025-06-01"])
    def test_is_exactly_one_on_each_day(self, second):
        with pytest.raises(ValueError, match="exactly one level"):
            contract(("2026-01-01", "gold"), (second, "none"))


class TestAContract:
    """E3, E14"""

    def test_does_not_end_before_it_starts(self):
        with pytest.raises(ValueError, match="end before it starts"):
            contract(start="2026-01-02", last="2026-01-01")
        assert contract(start="2026-01-02", last="2026-01-02").year_of(day("2026-01-02")).n == 1

    def test_has_one_of_three_states(self):
        with pytest.raises(ValueError, match="not a status"):
            contract(status="forgotten")


class TestPoolsOfAnyShape:
    """E4"""

    def test_count_their_activities_together_at_their_level_only(self):
        pools = (Pool("three", "gold", ("roadmap", "maturity", "integration"), 2),)
        policy = PolicyEdition("other", day("2020-01-01"), {("silver", "maturity"): 2}, pools)
        facts = contract(("2026-01-01", "gold"), ("2026-07-01", "silver"))
        used = [booked("roadmap", MARCH), booked("integration", MARCH)]

        assert not ask(facts, used, wish("maturity", JUNE), (policy,)).allowed
        assert ask(facts, used, wish("maturity", AUGUST), (policy,)).used_with_it == 1

    def test_are_named_in_the_refusal_by_what_is_counted_together(self):
        refusal = ask(contract("none"), [booked("integration", MARCH)], wish("product_feature", JUNE)).refusal

        assert refusal.sentence == (
            "On June 1, 2026 this would be number 2 where the cap is 1 in contract year 1 "
            "(Integration Consultation and Product/Feature Consultation)."
        )
