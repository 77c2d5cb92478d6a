from __future__ import annotations

from hypothesis import assume, given

from entitlements.rules.caps import UNLIMITED, Override, check_booking
from entitlements.rules.rooms import Room, room_for
from tests.entitlements.rules.builders import EDITIONS, booked, contract, wish
from tests.entitlements.rules.strategies import situations


def room(facts, candidate):
    return room_for(candidate, facts, EDITIONS)


class TestRoom:
    """E6: how many may be counted in the year for one more to be allowed on whatever days they are."""

    def test_is_the_cap_of_the_level(self):
        assert room(contract("silver"), wish("integration", "2026-06-01")) == Room(("integration",), 4)

    def test_is_the_least_cap_from_the_day_on(self):
        falling = contract("gold", ("2026-07-01", "silver"))

        assert room(falling, wish("integration", "2026-06-01")).places == 4
        assert room(contract("silver", ("2026-05-01", "gold")), wish("integration", "2026-06-01")).places == 6

    def test_is_shared_by_a_pool(self):
        assert room(contract("none"), wish("integration", "2026-06-01")) == Room(("integration", "product_feature"), 1)

    def test_is_none_where_a_later_level_has_it_not(self):
        assert room(contract("gold", ("2026-07-01", "premium")), wish("roadmap", "2026-06-01")).places == 0

    def test_is_without_limit_where_an_override_says_so(self):
        facts = contract("silver", overrides=[Override("integration", UNLIMITED)])

        assert room(facts, wish("integration", "2026-06-01")).places is None

    def test_is_not_asked_for_under_professional_services(self):
        """E7"""
        assert room(contract("none"), wish("roadmap", "2026-06-01", ps_reference="PS-1")).places is None

    def test_is_left_while_fewer_are_counted(self):
        four = [booked("integration", "2026-02-01") for _ in range(4)]

        assert Room(("integration",), 4).is_left(four[:3])
        assert not Room(("integration",), 4).is_left(four)


@given(situations())
def test_where_room_is_left_the_prefix_rule_says_yes(situation):
    """E6: the rule decides; room is a shorter way to the same yes, never to another."""
    facts, editions, engagements, candidate = situation
    year = facts.year_of(candidate.day)
    assume(year)

    others = [one for one in engagements if one.id != candidate.id and one.counts() and one.day in year]
    if room_for(candidate, facts, editions).is_left(others):
        assert check_booking(facts, engagements, candidate, editions).allowed
