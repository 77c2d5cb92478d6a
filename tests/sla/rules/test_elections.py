from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from sla.rules.elections import (
    Choice,
    Decider,
    ElectionState,
    NoticeDelivery,
    election,
    election_closes_at,
    notice_effect_day,
)
from tests.sla.rules.given import MICROSECOND, NEW_YORK, TERMS, at

ACCEPTED = at("2026-06-01 15:00")
DEADLINE = at("2026-06-09 04:00")
SHIFT, STAY = Choice.SHIFT, Choice.STAY
DURING, AFTER = "2026-06-05 12:00", "2026-06-20 12:00"


def notice(accepted="2026-06-01 15:00", opened=None, bounced=None):
    return NoticeDelivery(*(clock and at(clock) for clock in (accepted, opened, bounced)))


def elected(*choices, now=AFTER, notices=None, vendor=None, **facts):
    made = [(at(clock), choice) for clock, choice in choices]
    return election([notice()] if notices is None else notices, NEW_YORK, at(now), made, vendor, TERMS, **facts)


def outcome(*choices, **facts):
    answer = elected(*choices, **facts)
    return answer.choice, answer.by


class TestTheElectionPeriod:
    """S16"""

    @pytest.mark.parametrize(
        ("accepted", "deadline"),
        [
            ("2026-06-02 03:59:59.999999", "2026-06-09 04:00"),
            ("2026-06-02 04:00", "2026-06-10 04:00"),
            ("2026-03-04 15:00", "2026-03-12 04:00"),
        ],
    )
    def test_ends_with_the_seventh_local_day_after_the_acceptance(self, accepted, deadline):
        assert elected(notices=[notice(accepted)]).deadline == at(deadline)
        assert election_closes_at(at(accepted), NEW_YORK, TERMS) == at(deadline)

    @pytest.mark.parametrize(
        ("zone", "accepted", "deadline"),
        [
            ("America/New_York", "2026-10-28 12:00", "2026-11-05 05:00"),
            ("America/Los_Angeles", "2027-03-10 09:00", "2027-03-18 07:00"),
            ("Asia/Tokyo", "2026-06-10 15:00", "2026-06-18 15:00"),
            ("Europe/London", "2026-10-20 10:00", "2026-10-28 00:00"),
            ("Pacific/Auckland", "2026-09-22 00:00", "2026-09-29 11:00"),
        ],
    )
    def test_counts_days_of_the_zone_over_a_change_of_its_clocks(self, zone, accepted, deadline):
        assert election_closes_at(at(accepted), ZoneInfo(zone), TERMS) == at(deadline)

    def test_follows_the_figure_of_its_edition(self):
        assert election_closes_at(ACCEPTED, NEW_YORK, replace(TERMS, election_days=0)) == at("2026-06-02 04:00")

    @pytest.mark.parametrize(
        ("now", "state"),
        [
            (ACCEPTED - MICROSECOND, ElectionState.NOT_STARTED),
            (ACCEPTED, ElectionState.OPEN),
            (DEADLINE - MICROSECOND, ElectionState.OPEN),
            (DEADLINE, ElectionState.DECIDED),
            (DEADLINE + MICROSECOND, ElectionState.DECIDED),
        ],
    )
    def test_begins_with_the_acceptance_and_is_over_at_its_deadline(self, now, state):
        answer = election([notice()], NEW_YORK, now, [], None, TERMS)

        assert answer.state is state
        assert answer.effect == answer.deadline == (None if state is ElectionState.NOT_STARTED else DEADLINE)

    def test_does_not_begin_without_a_notice(self):
        assert elected(notices=[]).state is ElectionState.NOT_STARTED
        assert elected(notices=[notice(None)]).state is ElectionState.NOT_STARTED

    def test_begins_with_the_opening_in_the_portal_if_that_is_earlier(self):
        assert elected(notices=[notice("2026-06-03 12:00", opened="2026-06-01 15:00")]).deadline == DEADLINE
        assert elected(notices=[notice(opened="2026-06-03 12:00")]).deadline == DEADLINE
        assert elected(notices=[notice(None, opened="2026-06-01 15:00")]).deadline == DEADLINE

    def test_begins_with_the_first_acceptance_by_any_contact(self):
        assert elected(notices=[notice("2026-06-03 12:00"), notice(), notice(None)]).deadline == DEADLINE

    def test_keeps_a_stored_deadline(self):
        answer = elected(deadline=at("2026-06-30 04:00"))

        assert (answer.deadline, answer.state) == (at("2026-06-30 04:00"), ElectionState.OPEN)

    def test_prices_the_eighth_day_after_the_release_in_the_notice(self):
        assert notice_effect_day(date(2026, 6, 1), TERMS) == date(2026, 6, 9)


class TestABounce:
    """S16"""

    @pytest.mark.parametrize(
        ("bounced", "state"),
        [
            (ACCEPTED - MICROSECOND, ElectionState.DECIDED),
            (ACCEPTED, ElectionState.STOPPED),
            (DEADLINE - MICROSECOND, ElectionState.STOPPED),
            (DEADLINE, ElectionState.DECIDED),
            (DEADLINE + MICROSECOND, ElectionState.DECIDED),
        ],
    )
    def test_stops_the_period_only_between_acceptance_and_end(self, bounced, state):
        returned = NoticeDelivery(accepted=ACCEPTED, bounced=bounced)
        answer = election([returned], NEW_YORK, at(AFTER), [(at(DURING), SHIFT)], None, TERMS)

        assert answer.state is state
        stopped = state is ElectionState.STOPPED
        assert (answer.deadline, answer.choice) == ((None, None) if stopped else (DEADLINE, SHIFT))
        assert answer.effect == answer.deadline

    def test_that_comes_later_is_not_known_yet(self):
        returned = notice(bounced=DURING)

        assert elected(notices=[returned], now="2026-06-05 11:59").state is ElectionState.OPEN
        assert elected(notices=[returned], now=DURING).state is ElectionState.STOPPED

    def test_without_any_acceptance_stops_it(self):
        returned = notice(None, bounced=DURING)

        assert elected(notices=[returned], now="2026-06-05 11:59").state is ElectionState.NOT_STARTED
        assert elected(notices=[returned], now=DURING).state is ElectionState.STOPPED

    def test_stops_nothing_while_another_acceptance_stands(self):
        answer = elected(notices=[notice(bounced=DURING), notice("2026-06-02 12:00")])

        assert (answer.state, answer.deadline) == (ElectionState.DECIDED, DEADLINE)

    def test_stops_nothing_once_the_notice_was_opened(self):
        answer = elected(notices=[notice(bounced=DURING, opened="2026-06-02 12:00")])

        assert (answer.state, answer.deadline) == (ElectionState.DECIDED, DEADLINE)

    def test_is_made_good_by_a_later_acceptance_which_begins_a_new_period(self):
        answer = elected(notices=[notice(bounced="2026-06-03 12:00"), notice(DURING)])

        assert (answer.state, answer.deadline) == (ElectionState.DECIDED, at("2026-06-13 04:00"))


class TestTheChoice:
    """S16"""

    def test_is_the_last_one_before_the_deadline(self):
        assert outcome((DURING, STAY), ("2026-06-02 12:00", SHIFT)) == (STAY, Decider.CUSTOMER)

    @pytest.mark.parametrize(
        ("clock", "by"),
        [("2026-06-09 03:59:59.999999", Decider.CUSTOMER), ("2026-06-09 04:00", Decider.VENDOR)],
    )
    def test_is_too_late_at_the_deadline(self, clock, by):
        assert elected((clock, SHIFT)).by is by

    def test_that_came_too_late_leaves_the_earlier_one(self):
        assert outcome(("2026-06-02 12:00", SHIFT), ("2026-06-09 04:00", STAY)) == (SHIFT, Decider.CUSTOMER)

    def test_can_be_taken_back_and_made_again(self):
        taken_back = [("2026-06-02 12:00", SHIFT), ("2026-06-03 12:00", None)]

        assert outcome(*taken_back, vendor=STAY) == (STAY, Decider.VENDOR)
        assert outcome(*taken_back, (DURING, SHIFT)) == (SHIFT, Decider.CUSTOMER)

    @pytest.mark.parametrize(("vendor", "choice"), [(SHIFT, SHIFT), (STAY, STAY), (None, STAY)])
    def test_is_the_vendors_if_the_customer_made_none(self, vendor, choice):
        assert outcome(vendor=vendor) == (choice, Decider.VENDOR)

    def test_is_nobodys_while_the_period_runs(self):
        assert outcome(now=DURING, vendor=SHIFT) == (None, None)

    def test_shows_while_the_period_runs_as_it_stands_then(self):
        made = ("2026-06-02 12:00", SHIFT), ("2026-06-06 12:00", STAY)

        assert outcome(*made, now="2026-06-02 11:59") == (None, None)
        assert outcome(*made, now="2026-06-02 12:00") == (SHIFT, Decider.CUSTOMER)
        assert outcome(*made, now=DURING) == (SHIFT, Decider.CUSTOMER)

    def test_of_a_lower_plan_is_impossible_on_the_lowest(self):
        assert outcome(vendor=SHIFT, lowest_plan=True) == (STAY, Decider.VENDOR)
        assert outcome((DURING, SHIFT), lowest_plan=True) == (STAY, Decider.VENDOR)
        assert outcome(("2026-06-02 12:00", STAY), (DURING, SHIFT), lowest_plan=True) == (STAY, Decider.CUSTOMER)

    def test_of_one_instant_is_the_one_entered_last(self):
        assert outcome((DURING, STAY), (DURING, SHIFT)) == (SHIFT, Decider.CUSTOMER)
        assert outcome((DURING, STAY), (DURING, None), vendor=SHIFT) == (SHIFT, Decider.VENDOR)

    @pytest.mark.parametrize(("made", "by"), [(ACCEPTED - MICROSECOND, Decider.VENDOR), (ACCEPTED, Decider.CUSTOMER)])
    def test_counts_from_the_start_of_the_period_on(self, made, by):
        assert election([notice()], NEW_YORK, at(AFTER), [(made, SHIFT)], None, TERMS).by is by

    def test_taken_back_before_the_period_is_not_taken_back(self):
        assert outcome(("2026-05-30 12:00", None), (DURING, SHIFT)) == (SHIFT, Decider.CUSTOMER)

    def test_under_an_earlier_notice_that_bounced_does_not_count(self):
        notices = [notice(bounced="2026-06-03 12:00"), notice(DURING)]

        assert outcome(("2026-06-02 12:00", SHIFT), notices=notices) == (STAY, Decider.VENDOR)
        assert outcome(("2026-06-02 12:00", SHIFT), ("2026-06-06 12:00", SHIFT), notices=notices) == (
            SHIFT,
            Decider.CUSTOMER,
        )

    def test_under_an_earlier_notice_counts_while_another_stood_beside_it(self):
        notices = [notice(bounced=DURING), notice("2026-06-03 12:00")]

        assert outcome(("2026-06-02 12:00", SHIFT), notices=notices) == (SHIFT, Decider.CUSTOMER)

    def test_is_none_where_the_notice_was_not_given(self):
        assert outcome((DURING, SHIFT), notices=[]) == (None, None)


class TestAnElectionWhoseContractEndsFirst:
    """S16"""

    @pytest.mark.parametrize(
        ("ends", "now", "state"),
        [
            (DEADLINE - MICROSECOND, at(AFTER), ElectionState.VOID),
            (DEADLINE, at(AFTER), ElectionState.VOID),
            (DEADLINE + MICROSECOND, at(AFTER), ElectionState.DECIDED),
            (at(DURING), at(DURING) - MICROSECOND, ElectionState.OPEN),
            (at(DURING), at(DURING), ElectionState.VOID),
        ],
    )
    def test_is_void_with_it(self, ends, now, state):
        answer = election([notice()], NEW_YORK, now, [], STAY, TERMS, contract_ends=ends)

        assert answer.state is state
        assert (answer.effect is None) is (state is ElectionState.VOID)
        assert (answer.choice is None) is (state is not ElectionState.DECIDED)

    def test_is_void_also_if_it_never_began(self):
        assert elected(notices=[], contract_ends=at(DURING)).state is ElectionState.VOID


class TestTheWorkingOfAnElection:
    """S16"""

    def test_holds_all_that_decided_it(self):
        answer = elected(
            (DURING, None),
            ("2026-06-02 12:00", SHIFT),
            vendor=STAY,
            notices=[notice(opened="2026-06-02 10:00", bounced="2026-06-03 10:00")],
            contract_ends=at("2026-12-31 05:00"),
        )

        assert answer.working.result == "stay"
        assert dict(answer.working.inputs) == {
            "state": "decided",
            "by": "vendor",
            "reached": ACCEPTED,
            "deadline": DEADLINE,
            "effect": DEADLINE,
            "notices": ((ACCEPTED, at("2026-06-02 10:00"), at("2026-06-03 10:00")),),
            "choices": ((at("2026-06-02 12:00"), "shift"), (at(DURING), None)),
            "zone": "America/New_York",
            "now": at(AFTER),
            "vendor_choice": "stay",
            "lowest_plan": False,
            "contract_ends": at("2026-12-31 05:00"),
            "election_days": 7,
        }

    def test_names_nobody_where_nothing_is_decided(self):
        working = elected(now=DURING).working

        assert (working.result, dict(working.inputs)["by"]) == (None, None)
        assert dict(working.inputs)["vendor_choice"] is None
