from __future__ import annotations

import pytest

from entitlements.rules.cap_changes import cap_effect
from entitlements.rules.caps import UNLIMITED, Override
from entitlements.rules.level_changes import level_change, with_level_from
from tests.entitlements.rules.builders import EDITIONS, booked, contract, day


def levels(facts):
    return [(str(first), level) for first, level in facts.levels]


class TestALevelFromADayOn:
    """E1"""

    def test_holds_to_the_end_of_the_term(self):
        changed = with_level_from(contract("gold"), "silver", day("2026-07-01"))

        assert levels(changed) == [("2026-01-01", "gold"), ("2026-07-01", "silver")]

    def test_replaces_what_was_planned_for_later(self):
        planned = contract("gold", ("2026-07-01", "silver"), ("2026-09-01", "premium"))

        changed = with_level_from(planned, "none", day("2026-07-01"))

        assert levels(changed) == [("2026-01-01", "gold"), ("2026-07-01", "none")]

    def test_makes_one_period_of_two_of_one_level(self):
        changed = with_level_from(contract("gold", ("2026-07-01", "silver")), "gold", day("2026-08-01"))
        undone = with_level_from(contract("gold", ("2026-07-01", "silver")), "gold", day("2026-07-01"))

        assert levels(changed) == [("2026-01-01", "gold"), ("2026-07-01", "silver"), ("2026-08-01", "gold")]
        assert levels(undone) == [("2026-01-01", "gold")]

    @pytest.mark.parametrize("edge", ["2026-01-01", "2026-12-31"])
    def test_can_be_the_first_and_the_last(self, edge):
        assert levels(with_level_from(contract("gold"), "silver", day(edge)))[-1] == (edge, "silver")

    @pytest.mark.parametrize("outside", ["2025-12-31", "2027-01-01"])
    def test_is_a_day_of_the_term(self, outside):
        with pytest.raises(ValueError, match="a day of the term"):
            with_level_from(contract("gold"), "silver", day(outside))


class TestWhatAChangeWouldDo:
    """E6: it lists what would stand above its cap, and takes nothing away."""

    def change(self, facts, engagements, level, first):
        return level_change(facts, engagements, EDITIONS, level, day(first))

    def test_it_shows_the_caps_before_and_after(self):
        caps = {one.activity: one for one in self.change(contract("gold"), [], "silver", "2026-07-01").caps}

        assert (caps["integration"].before.cap, caps["integration"].after.cap) == (6, 4)
        assert caps["integration"].differs
        assert len(caps) == 7

    def test_an_override_stays_as_it_is(self):
        """E8"""
        facts = contract("gold", overrides=[Override("integration", UNLIMITED)])

        (cap,) = (one for one in self.change(facts, [], "silver", "2026-07-01").caps if one.activity == "integration")

        assert not cap.differs

    def test_only_what_is_dated_from_the_day_on_can_come_to_stand_above_its_cap(self):
        before = [booked("integration", "2026-06-01", id=f"b{n}") for n in range(5)]
        after = [booked("integration", "2026-08-01", id="late")]

        change = self.change(contract("gold"), before + after, "silver", "2026-07-01")

        assert [one.id for one in change.over] == ["late"]

    def test_what_was_above_its_cap_before_is_told_apart(self):
        already = [booked("maturity", "2026-06-01", id=f"m{n}") for n in range(4)]
        late = booked("roadmap", "2026-08-01", id="late")

        change = self.change(contract("gold"), [*already, late], "premium", "2026-07-01")

        assert {one.id for one in change.over} == {"m0", "m1", "m2", "m3", "late"}
        assert [one.id for one in change.newly_over] == ["late"]

    def test_it_names_the_changes_that_it_replaces(self):
        planned = contract("gold", ("2026-09-01", "premium"))

        assert self.change(planned, [], "silver", "2026-07-01").replaced == ((day("2026-09-01"), "premium"),)

    def test_what_begins_on_the_day_itself_is_changed_and_not_replaced(self):
        planned = contract("gold", ("2026-07-01", "premium"))

        assert self.change(planned, [], "silver", "2026-07-01").replaced == ()

    def test_another_change_begins_on_a_day_of_the_term_too(self):
        """E8"""
        with pytest.raises(ValueError, match="a change begins on a day of the term: 2027-01-01"):
            cap_effect(contract("gold"), contract("silver"), [], EDITIONS, day("2027-01-01"))

    def test_it_gives_the_contract_as_it_would_be(self):
        assert levels(self.change(contract("gold"), [], "silver", "2026-07-01").contract) == [
            ("2026-01-01", "gold"),
            ("2026-07-01", "silver"),
        ]
