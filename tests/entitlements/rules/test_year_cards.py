from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from entitlements.rules.caps import NOT_AVAILABLE, UNLIMITED, Override, unused, year_card
from entitlements.rules.contract_years import contract_years
from entitlements.rules.editions import ACTIVITIES, PolicyEdition
from tests.entitlements.rules import naive
from tests.entitlements.rules.builders import EDITIONS, booked, contract, day
from tests.entitlements.rules.strategies import situations


def card_of(facts, engagements=(), on="2026-06-01", editions=EDITIONS):
    year = facts.year_of(min(day(on), facts.last))
    return {line.target: line for line in year_card(facts, year, engagements, editions, day(on))}


class TestAYearCard:
    """E2, E5"""

    def test_has_a_line_for_every_activity_in_the_policy_s_order(self):
        assert list(card_of(contract("silver"))) == list(ACTIVITIES)

    def test_counts_what_is_delivered_what_is_held_and_what_is_kept(self):
        engagements = [
            booked("integration", "2026-01-01", "delivered"),
            booked("integration", "2026-03-01", "delivered"),
            booked("integration", "2026-07-01"),
            booked("integration", "2026-12-31", "requested"),
            booked("integration", "2026-08-01", "no_show", counted_by_manager=True),
            booked("integration", "2026-08-01", "cancelled"),
            booked("integration", "2026-08-01", ps_reference="PS-1"),
        ]

        line = card_of(contract("gold"), engagements)["integration"]

        assert (line.delivered, line.held, line.kept, line.used) == (2, 2, 1, 5)
        assert (line.cap, line.left, line.available) == (6, 1, True)

    def test_passes_over_other_years(self):
        facts = contract("gold", start="2025-01-01", last="2027-12-31")
        others = [booked("roadmap", on) for on in ("2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01")]

        assert card_of(facts, others)["roadmap"].used == 2

    def test_tells_used_up_from_not_available(self):
        card = card_of(contract("silver"), [booked("roadmap", "2026-03-01")])

        assert (card["roadmap"].left, card["roadmap"].available) == (0, True)
        assert (card["alert_strategies"].left, card["alert_strategies"].available) == (NOT_AVAILABLE, False)

    def test_never_has_less_than_nothing_left(self):
        facts = contract(("2026-01-01", "gold"), ("2026-07-01", "silver"))
        used = [booked("roadmap", "2026-02-01"), booked("roadmap", "2026-03-01")]

        line = card_of(facts, used, on="2026-07-01")["roadmap"]

        assert (line.used, line.cap, line.left) == (2, 1, 0)

    def test_shows_the_level_of_its_day(self):
        facts = contract(("2026-01-01", "gold"), ("2026-07-01", "premium"))

        assert card_of(facts, on="2026-06-30")["integration"].level == "gold"
        assert card_of(facts, on="2026-07-01")["integration"].level == "premium"
        assert card_of(facts, on="2026-07-01")["integration"].policy == 2

    def test_of_another_year_is_shown_as_of_its_nearest_day(self):
        facts = contract(("2025-01-01", "gold"), ("2026-07-01", "premium"), start="2025-01-01", last="2027-12-31")
        years = contract_years(facts.start, facts.last)

        levels = [year_card(facts, year, [], EDITIONS, day("2026-08-01"))[0].level for year in years]

        assert levels == ["gold", "premium", "premium"]

    def test_is_under_the_edition_of_its_year_s_first_day(self):
        newer = PolicyEdition("newer", day("2026-02-01"), {("gold", "roadmap"): 9})
        facts = contract("gold", last="2027-12-31")

        cards = [card_of(facts, on=on, editions=(*EDITIONS, newer))["roadmap"] for on in ("2026-06-01", "2027-06-01")]

        assert [line.cap for line in cards] == [2, 9]


class TestThePool:
    """E4"""

    def test_is_one_line_and_its_activities_have_none(self):
        card = card_of(contract("none"), [booked("product_feature", "2026-03-01")])

        assert (card["consultation"].used, card["consultation"].left, card["consultation"].cap) == (1, 0, 1)
        assert card["consultation"].activities == ("integration", "product_feature")
        assert card["consultation"].is_pool
        assert not card["roadmap"].is_pool
        assert "integration" not in card

    def test_is_one_line_with_its_activities_summed(self):
        used = [booked("product_feature", "2026-03-01", "delivered"), booked("integration", "2026-03-01")]

        line = card_of(contract("none"), used)["consultation"]

        assert (line.delivered, line.held, line.used, line.left) == (1, 1, 2, 0)

    def test_is_left_by_an_activity_with_its_own_override(self):
        facts = contract("none", overrides=[Override("integration", 4, reference="order form 7", reason="agreed")])
        used = [booked("integration", "2026-03-01"), booked("product_feature", "2026-03-01")]

        card = card_of(facts, used)

        assert list(card)[3:5] == ["consultation", "integration"]
        assert (card["consultation"].activities, card["consultation"].used) == (("product_feature",), 1)
        assert (card["integration"].used, card["integration"].left, card["integration"].line.pool) == (
            1,
            3,
            "consultation",
        )

    def test_leaves_no_line_once_all_have_left(self):
        facts = contract("none", overrides=[Override("integration", 4), Override("product_feature", 4)])

        assert list(card_of(facts))[3:5] == ["integration", "product_feature"]
        assert len(card_of(facts)) == 7


class TestAnOverrideOnACard:
    """E8"""

    def test_stands_beside_the_policy_s_cap(self):
        more = Override("roadmap", 5, reference="order form 7", reason="agreed")

        line = card_of(contract("silver", overrides=[more]))["roadmap"]

        assert (line.policy, line.override, line.cap, line.left) == (1, more, 5, 5)
        assert card_of(contract("silver", overrides=[more]))["maturity"].override is None

    def test_without_limit_leaves_no_number(self):
        facts = contract("none", overrides=[Override("roadmap", UNLIMITED), Override("consultation", 3)])
        card = card_of(facts, [booked("roadmap", "2026-03-01")])

        assert (card["roadmap"].cap, card["roadmap"].left, card["roadmap"].used) == (UNLIMITED, UNLIMITED, 1)
        assert (card["consultation"].cap, card["consultation"].policy) == (3, 1)

    def test_for_an_activity_beyond_the_policy_adds_a_line(self):
        card = card_of(contract("silver", overrides=[Override("war_game", 2)]), [booked("war_game", "2026-03-01")])

        assert list(card) == [*ACTIVITIES, "war_game"]
        assert (card["war_game"].policy, card["war_game"].left) == (NOT_AVAILABLE, 1)
        assert card["war_game"].level == "silver"

    def test_beside_one_that_splits_a_pool_stands_on_its_own_line(self):
        facts = contract("none", overrides=[Override("roadmap", 7), Override("integration", 4)])

        card = card_of(facts)

        assert list(card) == [*list(ACTIVITIES)[:3], "consultation", "integration", "maturity", "roadmap"]
        assert [line.cap for line in card.values()][3:] == [1, 4, NOT_AVAILABLE, 7]

    def test_on_a_pool_that_the_edition_does_not_know_changes_nothing(self):
        facts = contract("silver", overrides=[Override("workshops", 2, on_pool=True)])

        assert list(card_of(facts)) == list(ACTIVITIES)

    def test_is_in_the_working_with_its_document_and_reason(self):
        more = Override("roadmap", UNLIMITED, reference="order form 7", reason="agreed")

        working = card_of(contract("silver", overrides=[more]), [booked("roadmap", "2026-03-01")])["roadmap"].working

        cap, used = working.steps
        assert (working.name, working.result, working.clause) == ("roadmap", "unlimited", "E3")
        assert dict(working.inputs) == {"counted together": ("roadmap",)}
        assert (cap.clause, cap.result) == ("E8", "unlimited")
        assert dict(cap.inputs) == {
            "level": "silver",
            "counted together": ("roadmap",),
            "pool": None,
            "policy": 1,
            "override": "unlimited",
            "document": "order form 7",
            "reason": "agreed",
        }
        assert (used.name, used.clause, used.result) == ("used", "E5", 1)
        assert dict(used.inputs) == {"delivered": 0, "held": 1, "kept": 0}


class TestUnusedPlaces:
    """E3, T1"""

    def test_are_those_left_with_a_number(self):
        facts = contract("silver", overrides=[Override("roadmap", UNLIMITED), Override("maturity", NOT_AVAILABLE)])

        card = card_of(facts, [booked("integration", "2026-03-01")])

        assert unused(card.values()) == 1 + 1 + 3 + 2


class TestACardAgainstANaiveReading:
    """E4, E5, E8"""

    @settings(max_examples=40)
    @given(situations(), st.data())
    def test_has_the_same_caps_and_the_same_use(self, situation, data):
        contract, policies, engagements, _ = situation
        year = data.draw(st.sampled_from(contract_years(contract.start, contract.last)))
        on = data.draw(st.dates(year.first, year.last))

        card = year_card(contract, year, engagements, policies, on)

        assert sorted(activity for line in card for activity in line.activities) == sorted(ACTIVITIES)
        for line in card:
            counted = [e for e in naive.counted(contract, engagements) if naive.year_number(contract, e.day) == year.n]
            of_the_line = [e.state for e in counted if e.activity in line.activities]
            for activity in line.activities:
                together, cap = naive.together_and_cap(contract, policies, activity, on)
                assert (set(line.activities), line.cap) == (together, cap)
            assert line.used == len(of_the_line)
            assert line.delivered == of_the_line.count("delivered")
            assert line.held == of_the_line.count("requested") + of_the_line.count("scheduled")
            assert line.level == naive.level(contract, on)
