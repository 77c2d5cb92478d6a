"""E2, E6: what a new edition of the policy would change, and what it must leave alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from entitlements.rules.caps import NOT_AVAILABLE, UNLIMITED, Override
from entitlements.rules.edition_changes import begun_years_stay, is_governed_anew, year_changes
from entitlements.rules.editions import PolicyEdition
from tests.entitlements.rules.builders import EDITIONS, booked, contract, day
from tests.worked_examples.paper import PAPER


def edition(valid_from="2027-01-01", pools=PAPER.pools, **caps):
    """The paper with other caps, by `level_activity`, from a day on."""
    changed = {tuple(cell.split("_", 1)): cap for cell, cap in caps.items()}
    return replace(PAPER, name="next", valid_from=day(valid_from), caps={**PAPER.caps, **changed}, pools=pools)


TWO_YEARS = {"last": "2027-12-31"}


def changes(new, facts=None, engagements=()):
    return year_changes(facts or contract("gold", **TWO_YEARS), engagements, EDITIONS, new)


class TestTheYearsThatItGoverns:
    """E2: the edition in force on the first day of a contract year governs all of it."""

    @pytest.mark.parametrize(("valid_from", "years"), [("2026-01-01", [1, 2]), ("2026-01-02", [2]), ("2027-01-02", [])])
    def test_are_those_that_begin_while_it_is_in_force(self, valid_from, years):
        found = changes(edition(valid_from, gold_roadmap=3))

        assert [one.year.n for one in found] == years
        assert all(one.governed_by is PAPER for one in found)

    def test_end_where_a_later_edition_begins(self):
        later = PolicyEdition("later", day("2027-01-01"), {})

        assert is_governed_anew(day("2026-12-31"), (PAPER, later), edition("2026-01-01"))
        assert not is_governed_anew(day("2027-01-01"), (PAPER, later), edition("2026-01-01"))

    def test_are_all_before_the_first_edition_if_it_is_earlier_still(self):
        assert is_governed_anew(day("1990-01-01"), EDITIONS, edition("2000-01-01"))

    def test_are_named_also_where_nothing_changes_in_them(self):
        (second,) = changes(edition())

        assert (second.caps, second.newly_over, second.gains, second.loses) == ((), (), (), ())


class TestYearsThatHaveBegun:
    """E2: a year that has begun keeps its edition to its end."""

    BEGUN = (day("2027-03-01"), day("2027-01-01"), day("2026-06-01"))

    def refusal(self, valid_from, begun=BEGUN, editions=EDITIONS):
        return begun_years_stay(begun, editions, edition(valid_from))

    def test_are_not_taken_over(self):
        refusal = self.refusal("2027-01-01")

        assert (refusal.clause, refusal.code) == ("E2", "years_have_begun")
        assert str(refusal) == (
            "2 contract years that began by March 1, 2027 would be counted anew by it. "
            "Let it hold from a day after March 1, 2027."
        )

    def test_is_one_by_itself(self):
        assert self.refusal("2027-03-01").sentence == (
            "A contract year that began by March 1, 2027 would be counted anew by it."
        )

    def test_do_not_mind_an_edition_from_the_day_after(self):
        assert self.refusal("2027-03-02") is None
        assert self.refusal("2027-01-01", begun=()) is None

    def test_have_no_edition_before_the_first_is_published(self):
        assert self.refusal("2027-01-01", editions=()) is None


class TestTheCaps:
    """E2: before and after, for whatever days of the year they differ."""

    def of(self, new, facts=None):
        (second,) = changes(new, facts)
        return [(one.activity, one.before.level, one.before.cap, one.after.cap) for one in second.caps]

    def test_are_those_that_differ(self):
        assert self.of(edition(gold_roadmap=3, silver_roadmap=9)) == [("roadmap", "gold", 2, 3)]

    def test_differ_for_each_level_of_the_year(self):
        facts = contract("gold", ("2027-07-01", "silver"), **TWO_YEARS)

        assert self.of(edition(gold_roadmap=3, silver_roadmap=9), facts) == [
            ("roadmap", "gold", 2, 3),
            ("roadmap", "silver", 1, 9),
        ]

    @pytest.mark.parametrize(("first", "last"), [("2027-03-01", None), (None, "2027-03-01"), (None, "2027-12-30")])
    def test_differ_where_an_override_leaves_days_to_the_policy(self, first, last):
        """E8: before it begins, or after its last day."""
        override = Override("roadmap", 1, first and day(first), last and day(last))

        assert self.of(edition(gold_roadmap=3), contract("gold", overrides=[override], **TWO_YEARS)) == [
            ("roadmap", "gold", 2, 3)
        ]

    @pytest.mark.parametrize("last", [None, "2027-12-31"])
    def test_do_not_differ_where_an_override_holds_all_year(self, last):
        override = Override("roadmap", 1, day("2026-05-01"), last and day(last))

        assert self.of(edition(gold_roadmap=3), contract("gold", overrides=[override], **TWO_YEARS)) == []

    def test_of_other_years_do_not_matter(self):
        facts = contract("silver", ("2026-07-01", "gold"), **TWO_YEARS)

        assert self.of(edition(silver_roadmap=9), facts) == []

    def test_of_an_activity_that_only_one_of_them_knows_are_not_available_in_the_other(self):
        assert self.of(edition(gold_juggling=1)) == [("juggling", "gold", NOT_AVAILABLE, 1)]


class TestGainsAndLosses:
    """E2, E4, E8: what is worth more afterwards, and what less."""

    @pytest.mark.parametrize(
        ("was", "becomes"),
        [(1, 2), (NOT_AVAILABLE, 1), (NOT_AVAILABLE, 0), (0, 1)],
    )
    def test_a_higher_cap_is_a_gain_and_the_other_way_round_a_loss(self, was, becomes):
        for before, after, gains in ((was, becomes, True), (becomes, was, False)):
            old = replace(PAPER, caps={("gold", "roadmap"): before})
            new = replace(edition(), caps={("gold", "roadmap"): after})
            (second,) = year_changes(contract("gold", **TWO_YEARS), (), (old,), new)

            assert bool(second.gains) is gains
            assert bool(second.loses) is not gains

    def test_as_many_of_its_own_are_more_than_in_a_pool(self):
        unpooled = edition(pools=(), none_integration=1, none_product_feature=1)
        (second,) = changes(unpooled, contract("none", **TWO_YEARS))

        assert [one.activity for one in second.gains] == ["integration", "product_feature"]
        assert second.loses == ()

    def test_a_pool_of_other_activities_with_the_same_cap_is_neither(self):
        """E4: it is a change all the same."""
        pools = (replace(PAPER.pools[0], activities=("integration", "roadmap")),)
        old = replace(PAPER, pools=(replace(PAPER.pools[0], activities=("integration",)),))
        (second,) = year_changes(contract("none", **TWO_YEARS), (), (old,), edition(pools=pools))

        assert [one.activity for one in second.caps] == ["integration", "roadmap"]
        assert [one.activity for one in second.gains] == ["roadmap"]
        assert second.loses == ()

    def test_without_limit_is_more_than_any_number(self):
        """E8: an override on a pool that the new edition no longer has leaves its activities to the policy."""
        override = Override("consultation", UNLIMITED, on_pool=True)
        unpooled = edition(pools=(), none_integration=99, none_product_feature=99)
        (second,) = changes(unpooled, contract("none", overrides=[override], **TWO_YEARS))

        assert [one.activity for one in second.loses] == ["integration", "product_feature"]


class TestWhatWouldStandAboveItsCap:
    """E5, E6: it is named and stays."""

    def over(self, new, *engagements):
        return [[one.id for one in year.newly_over] for year in changes(new, engagements=engagements)]

    def test_is_what_is_booked_beyond_the_new_cap(self):
        first, second = booked("roadmap", "2027-02-01", id="a"), booked("roadmap", "2027-03-01", id="b")

        assert self.over(edition(gold_roadmap=1), second, first) == [["b"]]

    def test_is_not_what_stands_above_it_today(self):
        three = [booked("roadmap", f"2027-0{n}-01", id=str(n)) for n in (1, 2, 3)]

        assert self.over(edition(gold_roadmap=1), *three) == [["2"]]

    def test_is_nothing_that_does_not_count_or_counts_in_another_year(self):
        other = booked("roadmap", "2026-12-31"), booked("roadmap", "2027-02-01", "withdrawn")

        assert self.over(edition(gold_roadmap=NOT_AVAILABLE), *other) == [[]]
