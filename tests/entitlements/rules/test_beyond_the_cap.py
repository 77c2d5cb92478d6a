from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from entitlements.rules.caps import NOT_AVAILABLE, Override, check_booking, over_cap
from entitlements.rules.products import Holding
from tests.entitlements.rules.builders import EDITIONS, booked, contract, day, wish

MARCH, JUNE, AUGUST = "2026-03-01", "2026-06-01", "2026-08-01"


def ask(facts, engagements, candidate, editions=EDITIONS):
    return check_booking(facts, engagements, candidate, editions)


class TestProfessionalServices:
    """E7"""

    def test_are_booked_over_the_cap_and_where_nothing_is_available(self):
        full = [booked("roadmap", MARCH)]

        over = ask(contract("silver"), full, wish("roadmap", JUNE, ps_reference="PS-1"))
        not_available = ask(contract("none"), [], wish("roadmap", JUNE, ps_reference="PS-1"))

        assert (over.allowed, over.answer, over.used_with_it, over.cap) == (True, "professional_services", 1, 1)
        assert (not_available.answer, not_available.cap) == ("professional_services", NOT_AVAILABLE)
        assert over.blocked == ()
        assert over.refusal is None

    def test_take_no_place_from_the_next(self):
        beside = [booked("roadmap", MARCH, ps_reference="PS-1")]

        assert ask(contract("silver"), beside, wish("roadmap", JUNE)).used_with_it == 1

    def test_are_offered_with_the_next_place_when_a_cap_is_used_up(self):
        facts = contract("silver", last="2027-12-31")

        refusal = ask(facts, [booked("roadmap", MARCH)], wish("roadmap", JUNE)).refusal

        assert (refusal.clause, refusal.code) == ("E6", "cap_used_up")
        assert refusal.sentence == (
            "On June 1, 2026 this would be number 2 where the cap is 1 in contract year 1 (Product Roadmap Session)."
        )
        assert refusal.what_helps == (
            "It may be available through a separate Professional Services agreement. "
            "The next place opens on January 1, 2027."
        )

    def test_are_offered_where_no_place_opens_any_more(self):
        refusal = ask(contract("silver"), [booked("roadmap", MARCH)], wish("roadmap", JUNE)).refusal

        assert refusal.what_helps.endswith("No further place opens before the contract's term ends.")


class TestTheNextPlaceAndTheProducts:
    """E7, E9: the first later day on which the same booking would be allowed, so one on which its products are there."""

    FACTS = contract(("2026-01-01", "silver"), ("2027-05-01", "gold"), last="2028-12-31")

    def next_place(self, *holdings):
        held = [Holding("im", day("2026-01-01"), day("2027-01-01")), *holdings]
        full = [booked("alert_strategies", "2027-05-01")]
        answer = check_booking(self.FACTS, full, wish("alert_strategies", JUNE), EDITIONS, held)
        return answer.next_place

    @pytest.mark.parametrize(
        ("first", "until", "opens"),
        [
            ("2027-01-01", None, "2028-01-01"),  # at Gold since May, when the one place of 2027 is taken
            ("2028-03-01", None, "2028-03-01"),
            ("2027-01-01", "2028-01-01", None),
            ("2028-01-01", "2028-02-01", "2028-01-01"),
        ],
    )
    def test_is_a_day_on_which_both_are_there(self, first, until, opens):
        found = self.next_place(Holding("im", day(first), until and day(until)))

        assert found == (opens and day(opens))

    def test_is_none_where_the_product_does_not_come_back(self):
        assert self.next_place() is None

    def test_without_products_asks_about_caps_alone(self):
        full = [booked("alert_strategies", "2027-05-01")]

        assert ask(self.FACTS, full, wish("alert_strategies", JUNE)).next_place == day("2028-01-01")

    def test_under_professional_services_waits_for_the_product_alone(self):
        wished = wish("alert_strategies", JUNE, ps_reference="PS-1")
        answer = check_booking(self.FACTS, [], wished, EDITIONS, [Holding("im", day("2026-09-01"))])

        assert answer.wish.next_place() == day("2026-09-01")


class TestNotAvailable:
    """E2"""

    def test_is_another_answer_than_used_up(self):
        answer = ask(contract("premium"), [], wish("roadmap", JUNE))

        assert (answer.answer, answer.cap, answer.used_with_it) == ("not_available", NOT_AVAILABLE, 1)
        assert answer.blocked == ("new",)
        assert (answer.refusal.clause, answer.refusal.code) == ("E2", "not_available")
        assert answer.refusal.sentence == (
            "Product Roadmap Session is not available on June 1, 2026 at the level Premium Support."
        )
        assert "Professional Services" in answer.refusal.what_helps

    def test_opens_with_the_next_level(self):
        facts = contract(("2026-01-01", "premium"), ("2026-07-01", "silver"))

        assert ask(facts, [], wish("roadmap", JUNE)).next_place == day("2026-07-01")

    def test_is_the_answer_where_no_level_is_on_record(self):
        answer = ask(contract(("2026-07-01", "gold")), [], wish("roadmap", JUNE))

        assert answer.answer == "not_available"
        assert answer.refusal.sentence.endswith("on June 1, 2026 without a level on record.")

    def test_can_be_what_the_order_form_says(self):
        """E8"""
        said = Override("roadmap", NOT_AVAILABLE, reference="order form 7, § 3")
        unsaid = Override("roadmap", NOT_AVAILABLE)

        answer = ask(contract(overrides=[said]), [], wish("roadmap", JUNE))

        assert answer.refusal.clause == "E8"
        assert answer.refusal.sentence.endswith("on June 1, 2026 under order form 7, § 3.")
        plain = ask(contract(overrides=[unsaid]), [], wish("roadmap", JUNE))
        assert plain.refusal.sentence.endswith("under the contract's own terms.")

    def test_is_the_answer_for_an_activity_that_the_edition_does_not_know(self):
        answer = ask(contract(), [], wish("war_game", JUNE))

        assert answer.answer == "not_available"
        assert answer.refusal.sentence == "war_game is not available on June 1, 2026 at the level Gold Services."

    @pytest.mark.parametrize("overridden", [["roadmap"], ["integration"]])
    def test_names_the_level_beside_overrides_of_others(self, overridden):
        facts = contract("none", overrides=[Override(target, 1) for target in overridden])

        answer = ask(facts, [], wish("war_game", JUNE))

        assert answer.refusal.sentence.endswith("at the level No Services.")


class TestOverTheCap:
    """E6"""

    def test_is_what_a_lowered_cap_leaves_above_it(self):
        facts = contract(("2026-01-01", "gold"), ("2026-07-01", "premium"), last="2027-12-31")
        used = [booked("integration", f"2026-0{n}-15", id=str(n)) for n in (8, 2, 5, 9)]
        used.append(booked("roadmap", "2027-01-15", id="not available any more"))

        listed = over_cap(facts, used, EDITIONS)

        assert [(one.id, one.used, one.cap) for one in listed] == [
            ("8", 3, 2),
            ("9", 4, 2),
            ("not available any more", 1, NOT_AVAILABLE),
        ]
        assert dict(listed[0].working.inputs) == {
            "day": day("2026-08-15"),
            "activity": "integration",
            "counted under": "integration",
            "level": "premium",
            "used": 3,
            "cap": 2,
        }
        assert (listed[0].working.result, listed[0].working.clause) == ("8", "E6")

    def test_does_not_list_what_is_not_counted_or_outside_the_term(self):
        used = [
            booked("roadmap", JUNE, "cancelled"),
            booked("roadmap", JUNE, ps_reference="PS-1"),
            booked("roadmap", "2027-01-01"),
        ]

        assert over_cap(contract("none"), used, EDITIONS) == ()

    def test_is_said_of_both_on_one_day(self):
        used = [booked("roadmap", JUNE, id="a"), booked("roadmap", JUNE, id="b")]

        assert [one.id for one in over_cap(contract("silver"), used, EDITIONS)] == ["a", "b"]


class TestTheNextPlace:
    """E7"""

    def test_opens_behind_what_would_fall_out_of_its_cap(self):
        facts = contract("none", overrides=[Override("consultation", 2, first=day("2026-08-15"))])

        answer = ask(facts, [booked("integration", AUGUST, id="held")], wish("product_feature", JUNE))

        assert answer.blocked == ("held",)
        assert answer.next_place == day("2026-08-15")

    def test_opens_when_an_override_begins_or_has_ended(self):
        until = contract("silver", overrides=[Override("roadmap", NOT_AVAILABLE, last=day("2026-07-14"))])
        since = contract("silver", overrides=[Override("maturity", 9, first=day("2026-07-15"))])
        used = [booked("maturity", MARCH), booked("maturity", MARCH)]

        assert ask(until, [], wish("roadmap", JUNE)).next_place == day("2026-07-15")
        assert ask(since, used, wish("maturity", JUNE)).next_place == day("2026-07-15")

    def test_is_never_after_the_last_day(self):
        facts = contract(("2026-01-01", "premium"), ("2027-01-01", "gold"))

        assert ask(facts, [], wish("roadmap", JUNE)).next_place is None
        assert ask(replace(facts, last=day("2027-01-01")), [], wish("roadmap", JUNE)).next_place == day("2027-01-01")

    def test_is_found_at_once_among_hundreds_of_engagements(self):
        facts = contract("none", last="2036-12-31")
        used = [booked("integration", (day("2026-01-01") + timedelta(days=5 * n)).isoformat()) for n in range(700)]
        began = time.process_time()

        answer = ask(facts, used, wish("integration", JUNE))

        assert answer.next_place == day("2036-01-01")
        assert time.process_time() - began < 1
