from __future__ import annotations

import pytest

from entitlements.rules.engagements import (
    day_of_engagement,
    ended_by_termination,
    follow_up_overdue,
    is_delivered,
)
from tests.entitlements.rules.builders import NEW_YORK, booked, day, utc

HELD, COUNTED = {"first_session_held": True}, {"counted_by_manager": True}
VENDOR, CUSTOMER = {"cancelled_by": "vendor"}, {"cancelled_by": "customer"}


class TestWhatCounts:
    """E5"""

    @pytest.mark.parametrize(
        ("state", "facts", "counts", "why"),
        [
            ("requested", {}, True, "it holds its place from the request on"),
            ("scheduled", {}, True, "it holds its place from the request on"),
            ("delivered", {}, True, "it was delivered"),
            ("delivered", HELD | VENDOR, True, "it was delivered"),
            ("declined", {}, False, "it was declined"),
            ("cancelled", CUSTOMER, False, "it was cancelled before its first session was held"),
            ("cancelled", VENDOR, False, "the vendor cancelled it"),
            ("withdrawn", {}, False, "it was taken back before it was scheduled"),
            ("lapsed", {}, False, "its contract year ended before it was scheduled"),
            ("no_show", {}, False, "a no-show gives its place back"),
            # once its first session was held
            ("cancelled", HELD | CUSTOMER, True, "its first session was held"),
            ("cancelled", HELD, True, "its first session was held"),
            ("cancelled", HELD | VENDOR, False, "the vendor cancelled it"),
            ("withdrawn", HELD, True, "its first session was held"),
            ("no_show", HELD, True, "its first session was held"),
            ("declined", HELD, False, "it was declined"),
            ("cancelled", HELD | CUSTOMER | {"given_back": True}, False, "a manager gave its place back"),
            ("delivered", HELD | {"given_back": True}, False, "a manager gave its place back"),
            # a manager counts a no-show, and nothing else
            ("no_show", COUNTED, True, "a manager counted the no-show"),
            ("no_show", COUNTED | VENDOR, False, "the vendor did not come"),
            ("cancelled", COUNTED | CUSTOMER, False, "it was cancelled before its first session was held"),
            ("withdrawn", COUNTED, False, "it was taken back before it was scheduled"),
        ],
    )
    def test_in_each_state_and_why(self, state, facts, counts, why):
        found = booked("maturity", "2026-02-01", state, **facts)

        assert (found.counts(), found.why()) == (counts, why)

    @pytest.mark.parametrize("state", ["requested", "scheduled", "delivered"])
    def test_is_never_professional_services(self, state):
        """E7"""
        found = booked("maturity", "2026-02-01", state, ps_reference="PS-1", **HELD)

        assert (found.counts(), found.why()) == (False, "it runs under Professional Services")

    @pytest.mark.parametrize("facts", [{"state": "forgotten"}, {"cancelled_by": "nobody"}])
    def test_is_not_asked_of_states_that_do_not_exist(self, facts):
        with pytest.raises(ValueError, match="not a state"):
            booked("maturity", "2026-02-01", **facts)


class TestTheDayOfAnEngagement:
    """E5"""

    def test_is_the_wished_day_while_nothing_is_scheduled(self):
        assert day_of_engagement(None, day("2026-12-31"), NEW_YORK) == day("2026-12-31")

    def test_is_then_the_local_date_of_the_first_session(self):
        late_evening = utc("2027-01-01T04:59:59")

        assert day_of_engagement(late_evening, day("2027-01-15"), NEW_YORK) == day("2026-12-31")


class TestTermination:
    """E14"""

    def test_ends_what_lies_ahead_and_nothing_else(self):
        engagements = [
            booked("roadmap", "2026-06-30", id="on the last day"),
            booked("roadmap", "2026-07-01", id="ahead"),
            booked("roadmap", "2026-07-01", "requested", id="asked for"),
            booked("roadmap", "2026-07-01", ps_reference="PS-1", id="professional services"),
            booked("roadmap", "2026-07-01", "delivered", id="done"),
            booked("roadmap", "2026-07-01", "withdrawn", id="taken back"),
        ]

        ended = ended_by_termination(engagements, day("2026-06-30"))

        assert ended == ("ahead", "asked for", "professional services")


class TestTwoSessions:
    """E10"""

    @pytest.mark.parametrize(("held", "delivered"), [(0, False), (1, False), (2, True), (3, True)])
    def test_are_one_engagement_delivered_when_both_were_held(self, held, delivered):
        assert is_delivered(held, (60, 30)) is delivered

    @pytest.mark.parametrize(("held", "delivered"), [(0, False), (1, True)])
    def test_cut_short_by_a_termination_is_delivered_with_what_was_held(self, held, delivered):
        """E14"""
        assert is_delivered(held, (60, 30), cut_short=True) is delivered

    @pytest.mark.parametrize(
        ("first_held", "held", "planned_end", "overdue"),
        [
            (True, False, "2026-05-01T11:59:59.999999", True),
            (True, False, "2026-05-01T12:00:00", True),
            (True, False, "2026-05-01T12:00:00.000001", False),
            (True, True, "2026-05-01T11:00:00", False),
            (False, False, "2026-05-01T11:00:00", False),
            (True, False, None, False),
        ],
    )
    def test_and_the_second_is_overdue_once_its_planned_end_has_come(self, first_held, held, planned_end, overdue):
        end = planned_end and utc(planned_end)

        shown = follow_up_overdue(first_held=first_held, held=held, planned_end=end, now=utc("2026-05-01T12:00:00"))

        assert shown is overdue
