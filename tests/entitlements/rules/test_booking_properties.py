from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from entitlements.rules.cap_values import as_figure
from entitlements.rules.caps import check_booking, over_cap
from entitlements.rules.editions import LEVELS, PolicyEdition, edition_for
from tests.entitlements.rules import naive
from tests.entitlements.rules.strategies import contracts, editions, override, situations, starts, wishes

STATUSES = st.sampled_from(["active", "active", "active", "suspended", "terminated"])


class TestAnAnswer:
    """E6"""

    @settings(max_examples=60)
    @given(situations(STATUSES))
    def test_agrees_with_a_naive_reading_of_the_register(self, situation):
        contract, policies, booked, wish = situation

        answer = check_booking(contract, booked, wish, policies)

        assert answer.allowed == naive.may_be_booked(contract, policies, booked, wish)
        if answer.line:
            after = [one for one in booked if one.id != wish.id] + [wish]
            assert set(answer.blocked) == naive.blocked_by(contract, policies, booked, wish)
            assert answer.used_with_it == naive.number_of(contract, policies, after, wish)
            assert answer.cap == naive.together_and_cap(contract, policies, wish.activity, wish.day)[1]
            assert answer.year.n == naive.year_number(contract, wish.day)

    @settings(max_examples=40)
    @given(situations())
    def test_lists_past_usage_above_a_cap_as_a_naive_reading_does(self, situation):
        contract, policies, booked, _ = situation

        listed = over_cap(contract, booked, policies)

        assert {one.id for one in listed} == naive.over(contract, policies, booked)
        for one in listed:
            assert one.used == naive.number_of(contract, policies, booked, one.engagement)

    @settings(max_examples=30)
    @given(situations())
    def test_names_the_day_that_a_scan_of_all_later_days_finds(self, situation):
        contract, policies, booked, wish = situation
        answer = check_booking(contract, booked, wish, policies)
        later = (wish.day + timedelta(days=n) for n in range(1, (contract.last - wish.day).days + 1))

        found = next(
            (day for day in later if check_booking(contract, booked, replace(wish, day=day), policies).allowed), None
        )

        if answer.answer in ("cap_used_up", "not_available"):
            assert answer.next_place == found
        else:
            assert answer.next_place is None

    @settings(max_examples=25)
    @given(situations(STATUSES))
    def test_explains_itself_whatever_was_asked(self, situation):
        contract, policies, booked, wish = situation

        answer = check_booking(contract, booked, wish, policies)

        assert answer.working.result == answer.answer
        assert (answer.refusal is None) == answer.allowed
        if answer.line:
            in_force = next(step for _, step in answer.working.walk() if step.name == "cap in force")
            assert in_force.result == as_figure(answer.cap)


class TestAnyOrderOfEvents:
    """E5, E6: an independent replay of bookings, moves, cancellations, and changes of level and of overrides."""

    @settings(max_examples=40)
    @given(st.data())
    def test_never_leaves_a_booking_that_the_rule_would_have_refused(self, data):
        contract, policies = data.draw(contracts()), data.draw(editions())
        booked = []
        for step in range(data.draw(st.integers(1, 14))):
            over_before = naive.over(contract, policies, booked)
            match data.draw(st.sampled_from(["book", "book", "book", "move", "cancel", "level", "override"])):
                case "cancel" if booked:
                    gone = data.draw(st.sampled_from(booked))
                    booked = [one for one in booked if one is not gone] + [replace(gone, state="withdrawn")]
                case "level":
                    first, _ = contract.levels[0]
                    turn = contract.start + timedelta(days=data.draw(st.integers(1, 800)))
                    names = [data.draw(st.sampled_from(list(LEVELS))) for _ in range(2)]
                    contract = replace(contract, levels=((first, names[0]), (turn, names[1])))
                    continue
                case "override":
                    target = data.draw(st.sampled_from(["integration", "consultation"]))
                    contract = replace(contract, overrides=(data.draw(override(target, contract.start)),))
                    continue
                case event:
                    id = booked[0].id if event == "move" and booked else f"e{step}"
                    wish = data.draw(wishes(contract, id))
                    others = [one for one in booked if one.id != id]
                    if check_booking(contract, booked, wish, policies).allowed:
                        assert naive.may_be_booked(contract, policies, others, wish)
                        booked = [*others, wish]
                    else:
                        assert not naive.may_be_booked(contract, policies, others, wish)

            assert naive.over(contract, policies, booked) <= over_before

    @settings(max_examples=25)
    @given(st.data())
    def test_leaves_nothing_above_a_cap_while_level_and_overrides_stay(self, data):
        contract, policies = data.draw(contracts()), data.draw(editions())
        booked = []
        for step in range(data.draw(st.integers(1, 10))):
            wish = data.draw(wishes(contract, data.draw(st.sampled_from([f"e{step}", "e0", "e1"]))))
            if check_booking(contract, booked, wish, policies).allowed:
                booked = [*(one for one in booked if one.id != wish.id), wish]

        assert over_cap(contract, booked, policies) == ()
        assert naive.over(contract, policies, booked) == set()


class TestEditionForAYear:
    """E2"""

    @given(st.lists(starts, min_size=1, max_size=4, unique=True), starts)
    def test_is_the_naive_one(self, valid_from, first_day):
        policies = [PolicyEdition(str(day), day, {}) for day in valid_from]

        assert edition_for(policies, first_day) is naive.edition_of(policies, first_day)
