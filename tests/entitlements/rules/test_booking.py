from __future__ import annotations

import pytest

from entitlements.rules.caps import check_booking
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
            "With one more on March 1, 2026, the one booked for August 1, 2026 would be number 2 where the cap is 0 "
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
            "January 1, 2027 lies outside the contract's term, January 1, 2026 to December 31, 2026. "
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
