from __future__ import annotations

import pytest

from entitlements.rules.cap_values import NOT_AVAILABLE, UNLIMITED, as_figure, left, within
from entitlements.rules.editions import ACTIVITIES, LEVELS, Change, PolicyEdition, Pool, compare, edition_for
from tests.entitlements.rules.builders import day
from tests.worked_examples.paper import PAPER

N = NOT_AVAILABLE
TABLE = [  # the table of the register, row by row: No Services, Premium Support, Silver, Gold
    ("alert_strategies", N, N, N, 1),
    ("automation_ideation", N, N, 1, 2),
    ("incident_lifecycle", N, N, 1, 2),
    ("integration", "pool", 2, 4, 6),
    ("maturity", N, 1, 2, 3),
    ("roadmap", N, N, 1, 2),
    ("product_feature", "pool", 1, 2, 4),
]


class TestThePaper:
    """E1, E2, E4"""

    @pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
    def test_has_the_caps_of_the_policy_s_table(self, row):
        activity, *caps = row

        for level, cap in zip(LEVELS, caps, strict=True):
            line = PAPER.table(level).line_of(activity)
            if cap == "pool":
                assert (line.target, line.activities, line.cap) == (
                    "consultation",
                    ("integration", "product_feature"),
                    1,
                )
            else:
                assert (line.target, line.activities, line.cap) == (activity, (activity,), cap)

    def test_has_one_line_an_activity_and_one_for_the_pool_in_the_policy_s_order(self):
        gold = [line.target for line in PAPER.table("gold").lines]
        none = [line.target for line in PAPER.table("none").lines]

        assert gold == list(ACTIVITIES)
        assert none == [*list(ACTIVITIES)[:3], "consultation", "maturity", "roadmap"]

    def test_grants_nothing_where_no_level_is_on_record(self):
        assert {line.cap for line in PAPER.table(None).lines} == {NOT_AVAILABLE}
        assert len(PAPER.table(None).lines) == 7

    def test_says_from_which_clause_a_cap_comes(self):
        assert PAPER.table("none").line_of("integration").clause == "E4"
        assert PAPER.table("gold").line_of("integration").clause == "E2"

    def test_has_no_cap_for_what_nobody_has_heard_of(self):
        line = PAPER.table("gold").line_of("juggling")

        assert (line.level, line.target, line.activities, line.cap) == ("gold", "juggling", ("juggling",), N)

    def test_has_its_session_minutes(self):
        assert PAPER.sessions["incident_lifecycle"] == (60, 30)


class TestTheEditionInForce:
    """E2"""

    FIRST, SECOND = PolicyEdition("first", day("2025-01-01"), {}), PolicyEdition("second", day("2026-03-01"), {})

    @pytest.mark.parametrize(
        ("first_day", "name"),
        [
            ("2024-06-01", "first"),
            ("2025-01-01", "first"),
            ("2026-02-28", "first"),
            ("2026-03-01", "second"),
            ("2030-01-01", "second"),
        ],
    )
    def test_is_that_of_the_first_day_of_the_year_and_before_the_first_the_first(self, first_day, name):
        assert edition_for([self.FIRST, self.SECOND], day(first_day)).name == name
        assert edition_for([self.SECOND, self.FIRST], day(first_day)).name == name

    def test_is_demanded(self):
        with pytest.raises(ValueError, match=r"^no edition of the policy has been published \(E2\)"):
            edition_for([], day("2026-01-01"))


class TestAnEdition:
    """E2, E4, E8"""

    def test_knows_activities_that_only_it_names(self):
        drafted = PolicyEdition("next", day("2027-01-01"), {("gold", "war_game"): 2, ("silver", "war_game"): N})

        assert drafted.activities == (*ACTIVITIES, "war_game")
        assert drafted.table("gold").line_of("war_game").cap == 2
        assert drafted.table("silver").line_of("war_game").cap is N

    def test_takes_the_activities_of_a_pool_in_the_policy_s_order(self):
        pool = Pool("any_two", "gold", ("abseiling", "roadmap"), 2)

        lines = PolicyEdition("next", day("2027-01-01"), {}, (pool,)).table("gold").lines

        assert (lines[5].target, lines[5].activities) == ("any_two", ("roadmap", "abseiling"))
        assert [line.target for line in lines] == [*list(ACTIVITIES)[:5], "any_two", "product_feature"]

    def test_is_never_without_limit(self):
        with pytest.raises(ValueError, match="only an override can be without limit"):
            PolicyEdition("next", day("2027-01-01"), {("gold", "roadmap"): UNLIMITED})

    @pytest.mark.parametrize("cap", [-1, 1.5, True, None, "2"])
    def test_has_whole_numbers_from_zero_up(self, cap):
        with pytest.raises(ValueError, match="not a cap"):
            PolicyEdition("next", day("2027-01-01"), {("gold", "roadmap"): cap})
        with pytest.raises(ValueError, match="not a cap"):
            Pool("pool", "gold", ("roadmap",), cap)

    def test_has_no_own_cap_inside_a_pool_and_no_activity_in_two(self):
        pool = Pool("pool", "gold", ("roadmap", "maturity"), 1)

        PolicyEdition("next", day("2027-01-01"), {("silver", "roadmap"): 1, ("gold", "roadmap"): N}, (pool,))
        with pytest.raises(ValueError, match="one cap at a level"):
            PolicyEdition("next", day("2027-01-01"), {("gold", "roadmap"): 1}, (pool,))
        with pytest.raises(ValueError, match="one cap at a level"):
            PolicyEdition("next", day("2027-01-01"), {}, (pool, Pool("other", "gold", ("roadmap",), 1)))
        with pytest.raises(ValueError, match="one cap at a level"):
            PolicyEdition("next", day("2027-01-01"), {}, (pool, Pool("pool", "gold", ("integration",), 1)))

    def test_never_names_a_pool_like_an_activity(self):
        with pytest.raises(ValueError, match="named like an activity"):
            PolicyEdition("next", day("2027-01-01"), {}, (Pool("roadmap", "gold", ("maturity",), 1),))

    @pytest.mark.parametrize("activities", [(), ("roadmap", "roadmap")])
    def test_has_pools_of_activities_each_once(self, activities):
        with pytest.raises(ValueError, match="each once"):
            Pool("pool", "gold", activities, 1)


class TestComparison:
    """E2"""

    def test_of_an_edition_with_itself_is_empty(self):
        assert compare(PAPER, PAPER) == ()

    def test_names_each_cap_that_differs_level_by_level(self):
        caps = {cell: cap for cell, cap in PAPER.caps.items() if cell != ("gold", "alert_strategies")}
        drafted = PolicyEdition(
            "next", day("2027-01-01"), caps | {("gold", "integration"): 8, ("none", "product_feature"): 1}
        )

        assert compare(PAPER, drafted) == (
            Change("none", "integration", 1, N, "consultation", None),
            Change("none", "product_feature", 1, 1, "consultation", None),
            Change("gold", "alert_strategies", 1, N),
            Change("gold", "integration", 6, 8),
        )

    def test_names_the_pool_on_either_side(self):
        unpooled = PolicyEdition("next", day("2027-01-01"), PAPER.caps)

        assert compare(unpooled, PAPER) == (
            Change("none", "integration", N, 1, None, "consultation"),
            Change("none", "product_feature", N, 1, None, "consultation"),
        )

    def test_has_the_activities_that_only_one_of_them_knows(self):
        drafted = PolicyEdition("next", day("2027-01-01"), {**PAPER.caps, ("gold", "war_game"): 1}, PAPER.pools)

        assert compare(PAPER, drafted) == (Change("gold", "war_game", N, 1),)
        assert compare(drafted, PAPER) == (Change("gold", "war_game", 1, N),)


class TestACap:
    """E2, E6, E8"""

    @pytest.mark.parametrize(
        ("used", "cap", "stands", "rest", "written"),
        [
            (0, 0, True, 0, 0),
            (1, 0, False, 0, 0),
            (1, 2, True, 1, 2),
            (2, 2, True, 0, 2),
            (3, 2, False, 0, 2),
            (0, NOT_AVAILABLE, True, NOT_AVAILABLE, "N/A"),
            (1, NOT_AVAILABLE, False, NOT_AVAILABLE, "N/A"),
            (99, UNLIMITED, True, UNLIMITED, "unlimited"),
        ],
    )
    def test_holds_so_many(self, used, cap, stands, rest, written):
        assert within(used, cap) is stands
        assert left(used, cap) == rest
        assert as_figure(cap) == written

    def test_that_is_no_number_says_its_name(self):
        assert repr(NOT_AVAILABLE) == "NOT_AVAILABLE"
