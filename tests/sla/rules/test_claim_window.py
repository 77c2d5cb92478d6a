from dataclasses import replace
from datetime import timedelta

import pytest

from sla.rules.claim_window import (
    Told,
    claim_closes_at,
    claim_window,
    closes_at,
    is_in_time,
    report_flagged,
    submits_itself_at,
)
from tests.sla.rules.given import MICROSECOND, NEW_YORK, TERMS, at


class TestTheClaimWindow:
    """S13"""

    @pytest.mark.parametrize(
        ("occurrence", "deadline"),
        [
            ("2026-06-02 03:59:59.999999", "2026-06-17 04:00"),
            ("2026-06-02 04:00", "2026-06-18 04:00"),
            ("2026-02-21 15:00", "2026-03-09 04:00"),
        ],
    )
    def test_ends_with_the_fifteenth_local_day_after_the_occurrence(self, occurrence, deadline):
        assert closes_at(at(occurrence), NEW_YORK, TERMS) == at(deadline)

    def test_follows_the_figure_of_its_edition(self):
        assert closes_at(at("12:00"), NEW_YORK, replace(TERMS, claim_days=0)) == at("2026-05-13 04:00")

    @pytest.mark.parametrize(("late_by", "in_time"), [(-MICROSECOND, True), (timedelta(), False), (MICROSECOND, False)])
    def test_is_over_exactly_at_its_deadline(self, late_by, in_time):
        window = claim_window(at("12:00"), NEW_YORK, TERMS)

        assert is_in_time(window.deadline + late_by, window.deadline) is in_time
        assert window.is_in_time(window.deadline + late_by) is in_time

    def test_of_a_claim_is_that_of_its_last_failure(self):
        assert claim_closes_at([at("12:00"), at("14:00"), at("13:00")]) == at("14:00")

    def test_of_a_complete_draft_ends_in_its_own_submission_one_hour_before(self):
        assert submits_itself_at(at("12:00")) == at("11:00")

    def test_shows_how_it_was_counted(self):
        working = claim_window(at("12:00"), NEW_YORK, TERMS).working

        assert working.result == at("2026-05-28 04:00")
        assert dict(working.inputs) == {"occurrence": at("12:00"), "zone": "America/New_York", "claim_days": 15}


class TestAReport:
    """S13"""

    @pytest.mark.parametrize(
        ("reported", "flagged"),
        [
            ("2026-05-12 11:00", False),
            ("2026-05-13 11:59:59.999999", False),
            ("2026-05-13 12:00", False),
            ("2026-05-13 12:00:00.000001", True),
        ],
    )
    def test_is_flagged_when_more_than_twenty_four_hours_have_elapsed(self, reported, flagged):
        assert report_flagged(at("12:00"), at(reported), TERMS) is flagged


class TestWhatWasTold:
    """S13: each part of a failure is claimed to the end of its own window; what was told in writing never comes nearer."""

    def deadlines(self, told, *occurrences):
        return told.deadlines([claim_window(at(one), NEW_YORK, TERMS) for one in occurrences])

    def test_each_part_has_its_own(self):
        told = Told(at("2026-06-02 15:00"), at("2026-06-18 04:00"), at("2026-06-20 04:00"))

        found = self.deadlines(told, "2026-06-02 15:00", "2026-06-03 15:00", "2026-06-04 15:00")

        assert found == (at("2026-06-18 04:00"), at("2026-06-19 04:00"), at("2026-06-20 04:00"))

    def test_the_part_that_was_told_of_keeps_it_though_it_began_earlier(self):
        told = Told(at("2026-06-03 04:10"), at("2026-06-19 04:00"), at("2026-06-20 04:00"))

        first, last = self.deadlines(told, "2026-06-03 03:50", "2026-06-04 15:00")

        assert (first, last) == (at("2026-06-19 04:00"), at("2026-06-20 04:00"))

    def test_the_last_part_keeps_the_last_that_was_told(self):
        told = Told(at("2026-06-02 15:00"), at("2026-06-18 04:00"), at("2026-06-25 04:00"))

        assert self.deadlines(told, "2026-06-02 15:00", "2026-06-03 15:00") == (
            at("2026-06-18 04:00"),
            at("2026-06-25 04:00"),
        )
        assert self.deadlines(told) == ()
