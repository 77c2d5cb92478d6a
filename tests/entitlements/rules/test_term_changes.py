"""E3, E5: what another zone or first day would do to years and to what counts in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from entitlements.rules.caps import ContractFacts, EngagementFacts
from entitlements.rules.contract_years import contract_years
from entitlements.rules.term_changes import Moved, start_change, zone_at, zone_change

NEW_YORK, LONDON, TOKYO = (ZoneInfo(key) for key in ("America/New_York", "Europe/London", "Asia/Tokyo"))
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
CONTRACT = ContractFacts(start=FIRST, last=LAST, zone=NEW_YORK, levels=((FIRST, "gold"),))


def engagement(day, state="scheduled", key="1"):
    return EngagementFacts(id=key, activity="integration", day=day, state=state)


class TestTheZoneAtAnInstant:
    def test_a_zone_holds_until_the_midnight_that_ends_its_last_day(self):
        periods = [(date(2026, 3, 1), NEW_YORK), (date(2026, 6, 1), LONDON)]
        march, june = datetime(2026, 3, 1, 5, tzinfo=UTC), datetime(2026, 5, 31, 23, tzinfo=UTC)
        moment = timedelta(microseconds=1)

        found = [zone_at(at, periods, TOKYO) for at in (march - moment, march, june - moment, june)]

        assert found == [NEW_YORK, LONDON, LONDON, TOKYO]

    def test_without_an_earlier_one_it_is_the_last(self):
        assert zone_at(datetime(2026, 3, 1, tzinfo=UTC), [], TOKYO) is TOKYO


class TestAnotherZone:
    def change(self, *sessions, zone=LONDON, follow_ups=()):
        stored = [(year, year.ends_at(NEW_YORK)) for year in contract_years(FIRST, LAST)]
        return zone_change(CONTRACT, stored, sessions, zone, follow_ups)

    def test_each_year_has_its_stored_end_and_what_it_would_be(self):
        (first, _) = self.change().years

        assert first[1:] == (datetime(2027, 1, 1, 5, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))

    @pytest.mark.parametrize(
        ("day", "start", "new_day", "new_year"),
        [
            (date(2026, 6, 30), datetime(2026, 7, 1, 3, tzinfo=UTC), date(2026, 7, 1), 1),
            (date(2026, 12, 31), datetime(2027, 1, 1, 3, tzinfo=UTC), date(2027, 1, 1), 2),
            (date(2027, 12, 31), datetime(2028, 1, 1, 3, tzinfo=UTC), date(2028, 1, 1), None),
        ],
    )
    def test_a_session_on_another_local_date_is_found(self, day, start, new_day, new_year):
        (moved,) = self.change((engagement(day), start)).moved

        assert (moved.new_day, moved.new_year) == (new_day, new_year)
        assert moved.to_another_year == (new_year != (1 if day.year == 2026 else 2))

    def test_a_session_moves_to_the_local_date_of_the_new_zone(self):
        start = datetime(2026, 6, 30, 16, tzinfo=UTC)
        change = self.change((engagement(date(2026, 6, 30), key="e1"), start), zone=TOKYO)

        assert change.moved == (Moved("e1", date(2026, 6, 30), date(2026, 7, 1), 1, 1),)
        assert [ends for _, _, ends in change.years] == [
            datetime(2026, 12, 31, 15, tzinfo=UTC),
            datetime(2027, 12, 31, 15, tzinfo=UTC),
        ]

    def test_and_to_the_contract_year_of_that_date(self):
        start = datetime(2026, 12, 31, 16, tzinfo=UTC)
        (moved,) = self.change((engagement(date(2026, 12, 31)), start), zone=TOKYO).obstacles

        assert (moved.new_day, moved.year, moved.new_year) == (date(2027, 1, 1), 1, 2)

    def test_so_does_a_follow_up(self):
        """E10"""
        start = datetime(2026, 6, 30, 16, tzinfo=UTC)
        change = self.change(follow_ups=[(engagement(date(2026, 6, 1), key="e1"), start)], zone=TOKYO)

        assert change.moved == (Moved("e1", date(2026, 6, 30), date(2026, 7, 1), 1, 1),)

    def test_of_what_was_out_of_the_term_already_nothing_leaves_it(self):
        start = datetime(2028, 1, 1, 15, tzinfo=UTC)
        change = self.change(follow_ups=[(engagement(date(2028, 1, 1)), start)], zone=TOKYO)

        assert [(one.year, one.new_year) for one in change.moved] == [(None, None)]

    @pytest.mark.parametrize(
        ("start", "new_day"),
        [(datetime(2025, 12, 31, 16, tzinfo=UTC), FIRST), (datetime(2027, 12, 30, 16, tzinfo=UTC), LAST)],
        ids=["first", "last"],
    )
    def test_a_follow_up_may_move_to_either_end_of_the_term(self, start, new_day):
        """E14"""
        change = self.change(follow_ups=[(engagement(date(2026, 6, 1)), start)], zone=TOKYO)

        assert [one.new_day for one in change.moved] == [new_day]
        assert change.obstacles == ()

    def test_what_keeps_its_date_or_does_not_count_is_not(self):
        kept = engagement(date(2026, 6, 30)), datetime(2026, 6, 30, 15, tzinfo=UTC)
        gone = engagement(date(2026, 12, 31), "declined"), datetime(2027, 1, 1, 3, tzinfo=UTC)

        assert self.change(kept, gone).moved == ()

    @pytest.mark.parametrize(
        ("start", "stands"),
        [(datetime(2027, 1, 1, 3, tzinfo=UTC), False), (datetime(2028, 1, 1, 3, tzinfo=UTC), True)],
        ids=["into the next year", "out of the term"],
    )
    def test_a_follow_up_stands_in_the_way_only_where_it_would_leave_the_term(self, start, stands):
        """E10, E14: its engagement counts by the first session."""
        change = self.change(follow_ups=[(engagement(date(2026, 6, 1)), start)])

        assert len(change.moved) == 1
        assert bool(change.obstacles) == stands

    def test_professional_services_stand_in_the_way_too(self):
        """E7, E14"""
        beyond = replace(engagement(date(2027, 12, 31)), ps_reference="PS-1")

        assert self.change((beyond, datetime(2028, 1, 1, 3, tzinfo=UTC))).obstacles

    def test_only_what_leaves_its_year_stands_in_the_way(self):
        stays = engagement(date(2026, 6, 30), key="a"), datetime(2026, 7, 1, 3, tzinfo=UTC)
        leaves = engagement(date(2026, 12, 31), key="b"), datetime(2027, 1, 1, 3, tzinfo=UTC)

        assert [one.id for one in self.change(stays, leaves).obstacles] == ["b"]


class TestAnotherFirstDay:
    def test_the_years_are_paired_by_their_numbers(self):
        change = start_change(CONTRACT, [], date(2027, 2, 1))

        assert [(was and was.n, becomes and becomes.n) for was, becomes in change.pairs] == [(1, 1), (2, None)]
        assert change.after[0].last == LAST

    def test_the_29_of_february_is_counted_from_the_original_date(self):
        change = start_change(CONTRACT, [], date(2024, 2, 29))

        assert [year.first for year in change.after] == [
            date(2024, 2, 29),
            date(2025, 2, 28),
            date(2026, 2, 28),
            date(2027, 2, 28),
        ]

    @pytest.mark.parametrize(
        ("day", "state", "stands"),
        [
            (date(2027, 1, 15), "requested", True),
            (date(2026, 1, 15), "delivered", True),
            (date(2026, 6, 1), "requested", False),
            (date(2027, 1, 15), "withdrawn", False),
        ],
        ids=["into the year before", "out of the term", "in its year", "not counted"],
    )
    def test_what_would_change_its_year_stands_in_the_way(self, day, state, stands):
        assert bool(start_change(CONTRACT, [engagement(day, state)], date(2026, 2, 1)).obstacles) == stands

    def test_it_is_named_with_its_day_and_both_years(self):
        beyond, day = engagement(date(2027, 1, 15), key="e1"), date(2027, 1, 15)

        assert start_change(CONTRACT, [beyond], date(2026, 2, 1)).obstacles == (Moved("e1", day, day, 2, 1),)

    @pytest.mark.parametrize(("state", "stands"), [("scheduled", True), ("delivered", True), ("cancelled", False)])
    def test_professional_services_keep_to_the_term(self, state, stands):
        """E7, E14"""
        beyond = replace(engagement(date(2026, 1, 15), state), ps_reference="PS-1")

        assert bool(start_change(CONTRACT, [beyond], date(2026, 2, 1)).obstacles) == stands

    def test_a_term_that_would_end_before_it_starts_is_no_term(self):
        with pytest.raises(ValueError, match="must not end before"):
            start_change(CONTRACT, [], LAST + timedelta(days=1))
