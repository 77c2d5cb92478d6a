from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from entitlements.rules.caps import NOT_AVAILABLE, UNLIMITED, Override, check_booking, over_cap
from entitlements.rules.editions import PolicyEdition, Pool
from tests.entitlements.rules.builders import EDITIONS, booked, contract, day, wish

MARCH, JUNE, AUGUST = "2026-03-01", "2026-06-01", "2026-08-01"


def ask(facts, engagements, candidate, editions=EDITIONS):
    return check_booking(facts, engagements, candidate, editions)


class TestABooking:
    """E6"""

    def test_is_allowed_up_to_the_cap(self):
        answer = ask(contract("premium"), [booked("integration", MARCH)], wish("integration", JUNE))

        assert (answer.allowed, answer.answer) == (True, "allowed")
        assert (answer.used_with_it, answer.cap, answer.year.n, answer.blocked) == (2, 2, 1, ())
        assert answer.refusal is None
        assert answer.next_place is None

    def test_is_refused_above_it(self):
        used = [booked("integration", MARCH), booked("integration", AUGUST)]

        answer = ask(contract("premium"), used, wish("integration", AUGUST))

        assert (answer.allowed, answer.answer, answer.used_with_it) == (False, "cap_used_up", 3)
        assert answer.blocked == ("new", used[1].id)

    def test_is_refused_where_a_later_one_would_fall_out_of_its_cap(self):
        facts = contract(("2026-01-01", "gold"), ("2026-07-01", "premium"))
        later = [booked("integration", AUGUST, id="a"), booked("integration", "2026-08-02", id="b")]

        answer = ask(facts, later, wish("integration", MARCH))

        assert (answer.answer, answer.used_with_it, answer.cap, answer.blocked) == ("cap_used_up", 1, 6, ("b",))

    def test_is_refused_where_a_later_one_is_not_available_any_more(self):
        facts = contract(("2026-01-01", "silver"), ("2026-07-01", "premium"))

        answer = ask(facts, [booked("roadmap", AUGUST, id="later")], wish("roadmap", MARCH))

        assert (answer.answer, answer.blocked) == ("cap_used_up", ("later",))
        assert answer.refusal.sentence == (
            "With one more on 1 March 2026, the one booked for 1 August 2026 would be number 2 where the cap is 0 "
            "in contract year 1 (Product Roadmap Session)."
        )

    def test_is_in_the_count_of_another_on_its_day_and_that_in_its_own(self):
        answer = ask(contract("silver"), [booked("roadmap", JUNE, id="same day")], wish("roadmap", JUNE))

        assert answer.blocked == ("new", "same day")

    def test_looks_neither_at_other_activities_nor_at_other_years(self):
        facts = contract("silver", last="2027-12-31")
        others = [booked("roadmap", "2027-01-01"), booked("maturity", MARCH), booked("maturity", JUNE)]

        assert ask(facts, others, wish("roadmap", "2026-12-31")).allowed

    def test_lists_what_it_blocks_in_order_of_day(self):
        facts = contract("none")
        later = [booked("integration", f"2026-0{n}-01", id=str(n)) for n in (9, 7, 8)]

        assert ask(facts, later, wish("product_feature", JUNE)).blocked == ("7", "8", "9")


class TestAMove:
    """E5"""

    def test_takes_the_old_place_away_first(self):
        old = booked("roadmap", MARCH, id="it")

        answer = ask(contract("silver"), [old], wish("roadmap", JUNE, id="it"))

        assert (answer.allowed, answer.used_with_it) == (True, 1)

    def test_refused_leaves_the_rest_as_it_was(self):
        engagements = [booked("roadmap", MARCH, id="it"), booked("roadmap", "2027-03-01", id="other")]
        facts = contract("silver", last="2027-12-31")

        answer = ask(facts, engagements, wish("roadmap", "2027-06-01", id="it"))

        assert (answer.allowed, answer.blocked) == (False, ("it",))
        assert [one.id for one in engagements] == ["it", "other"]

    def test_finds_the_next_place_without_its_old_one(self):
        engagements = [booked("roadmap", "2027-06-02", id="it"), booked("roadmap", "2027-03-01")]
        facts = contract("silver", last="2028-12-31")

        assert ask(facts, engagements, wish("roadmap", "2027-06-01", id="it")).next_place == day("2028-01-01")


class TestACandidate:
    """E5"""

    @pytest.mark.parametrize("facts", [{"state": "withdrawn"}, {"state": "cancelled", "cancelled_by": "vendor"}])
    def test_holds_a_place(self, facts):
        with pytest.raises(ValueError, match="must hold a place"):
            ask(contract(), [], wish("roadmap", JUNE, **facts))

    def test_may_be_a_no_show_that_a_manager_counts(self):
        recorded = wish("roadmap", JUNE, state="no_show", counted_by_manager=True)

        assert ask(contract("gold"), [], recorded).allowed
        assert not ask(contract("silver"), [booked("roadmap", MARCH)], recorded).allowed


class TestTheTerm:
    """E14"""

    @pytest.mark.parametrize(
        ("on", "answer"),
        [
            ("2025-12-31", "outside_term"),
            ("2026-01-01", "allowed"),
            ("2026-12-31", "allowed"),
            ("2027-01-01", "outside_term"),
        ],
    )
    def test_has_its_first_and_its_last_day(self, on, answer):
        assert ask(contract(), [], wish("roadmap", on)).answer == answer

    def test_is_named_in_the_refusal(self):
        refusal = ask(contract(), [], wish("roadmap", "2027-01-01")).refusal

        assert (refusal.clause, refusal.code) == ("E14", "outside_term")
        assert str(refusal) == (
            "1 January 2027 lies outside the contract's term, 1 January 2026 to 31 December 2026. "
            "Choose a day within the term."
        )

    @pytest.mark.parametrize(
        ("status", "helps"), [("suspended", "Booking is open again once the suspension ends."), ("terminated", "")]
    )
    def test_of_a_contract_that_is_not_active_has_no_bookings(self, status, helps):
        answer = ask(contract(status=status), [], wish("roadmap", JUNE))

        assert (answer.answer, answer.year.n, answer.used_with_it, answer.cap) == ("not_active", 1, None, None)
        assert answer.refusal.sentence == f"The contract is {status}, so nothing can be booked on it."
        assert (answer.refusal.clause, answer.refusal.what_helps) == ("E14", helps)
        assert answer.next_place is None

    def test_goes_before_the_status(self):
        assert ask(contract(status="suspended"), [], wish("roadmap", "2027-01-01")).answer == "outside_term"

    @pytest.mark.parametrize("on", ["2026-06-01", "2027-01-01"])
    def test_and_the_status_bind_professional_services_too(self, on):
        answer = ask(contract(status="suspended"), [], wish("roadmap", on, ps_reference="PS-1"))

        assert not answer.allowed


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
            "On 1 June 2026 this would be number 2 where the cap is 1 in contract year 1 (Product Roadmap Session)."
        )
        assert refusal.what_helps == (
            "It may be available through a separate Professional Services agreement. "
            "The next place opens on 1 January 2027."
        )

    def test_are_offered_where_no_place_opens_any_more(self):
        refusal = ask(contract("silver"), [booked("roadmap", MARCH)], wish("roadmap", JUNE)).refusal

        assert refusal.what_helps.endswith("No further place opens before the contract's term ends.")


class TestNotAvailable:
    """E2"""

    def test_is_another_answer_than_used_up(self):
        answer = ask(contract("premium"), [], wish("roadmap", JUNE))

        assert (answer.answer, answer.cap, answer.used_with_it) == ("not_available", NOT_AVAILABLE, 1)
        assert answer.blocked == ("new",)
        assert (answer.refusal.clause, answer.refusal.code) == ("E2", "not_available")
        assert answer.refusal.sentence == (
            "Product Roadmap Session is not available on 1 June 2026 at the level Premium Support."
        )
        assert "Professional Services" in answer.refusal.what_helps

    def test_opens_with_the_next_level(self):
        facts = contract(("2026-01-01", "premium"), ("2026-07-01", "silver"))

        assert ask(facts, [], wish("roadmap", JUNE)).next_place == day("2026-07-01")

    def test_is_the_answer_where_no_level_is_on_record(self):
        answer = ask(contract(("2026-07-01", "gold")), [], wish("roadmap", JUNE))

        assert answer.answer == "not_available"
        assert answer.refusal.sentence.endswith("on 1 June 2026 without a level on record.")

    def test_can_be_what_the_order_form_says(self):
        """E8"""
        said = Override("roadmap", NOT_AVAILABLE, reference="order form 7, § 3")
        unsaid = Override("roadmap", NOT_AVAILABLE)

        answer = ask(contract(overrides=[said]), [], wish("roadmap", JUNE))

        assert answer.refusal.clause == "E8"
        assert answer.refusal.sentence.endswith("on 1 June 2026 under order form 7, § 3.")
        plain = ask(contract(overrides=[unsaid]), [], wish("roadmap", JUNE))
        assert plain.refusal.sentence.endswith("under the contract's own terms.")

    def test_is_the_answer_for_an_activity_that_the_edition_does_not_know(self):
        answer = ask(contract(), [], wish("war_game", JUNE))

        assert answer.answer == "not_available"
        assert answer.refusal.sentence.startswith("war_game is not available")


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
            "On 1 June 2026 this would be number 2 where the cap is 1 in contract year 1 "
            "(Integration Consultation and Product/Feature Consultation)."
        )


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
        began = time.perf_counter()

        answer = ask(facts, used, wish("integration", JUNE))

        assert answer.next_place == day("2036-01-01")
        assert time.perf_counter() - began < 1
