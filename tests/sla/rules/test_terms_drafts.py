"""S1: the figures of a draft of the Enterprise terms, and everything for which it cannot be published."""

from __future__ import annotations

from decimal import Decimal

import pytest

from entitlements.rules.refusals import Refusal
from sla.rules.terms_drafts import faults
from tests.worked_examples.paper_terms import PAPER_TERMS

WHOLE = dict(PAPER_TERMS.working.inputs)
NOTHING = ("At zero this figure would promise nothing.", "Write 1 or more.")
NO_REMEDY = (
    "The shortest Availability Outage would have no remedy period left.",
    "Take off fewer minutes than an outage takes.",
)
WHOLE_FEE = ("A reduction by the whole fee leaves no rate at which a balance could be used up.", "Write less than 100.")
NO_PART = ("Periods of this length do not divide the hour.", "Write 5, 10, 15, 20, 30 or 60.")


class TestADraftOfTheTerms:
    def test_that_says_what_is_published_has_no_fault(self):
        assert faults(WHOLE) == ()

    @pytest.mark.parametrize(
        ("place", "figure", "code", "said"),
        [
            ("report_flag_hours", -1, "below_zero", ("A figure of the terms is not below zero: -1.", "")),
            ("stay_reduction_percent", Decimal(-5), "below_zero", ("A figure of the terms is not below zero: -5.", "")),
            ("claim_days", 0, "nothing", NOTHING),
            ("credit_cap", Decimal(0), "nothing", NOTHING),
            ("volume_quarter_minutes", 0, "nothing", NOTHING),
            ("outage_deduction_minutes", 30, "no_remedy", NO_REMEDY),
            ("stay_reduction_percent", 100, "whole_fee", WHOLE_FEE),
            ("volume_quarter_minutes", 7, "no_part_of_an_hour", NO_PART),
            ("volume_quarter_minutes", 120, "no_part_of_an_hour", NO_PART),
        ],
    )
    def test_is_told_at_which_figure_why_and_what_helps(self, place, figure, code, said):
        (fault,) = faults({**WHOLE, place: figure})

        assert (fault.place, fault.refusal) == (place, Refusal("S1", code, *said))

    @pytest.mark.parametrize(
        ("place", "figure"),
        [
            ("report_flag_hours", 0),
            ("maintenance_minutes_a_month", 0),
            ("claim_days", 1),
            ("outage_deduction_minutes", 29),
            ("stay_reduction_percent", 99),
            ("volume_quarter_minutes", 60),
        ],
    )
    def test_may_go_as_far_as_makes_sense(self, place, figure):
        assert faults({**WHOLE, place: figure}) == ()

    def test_has_all_its_faults_told_at_once(self):
        found = faults({**WHOLE, "claim_days": 0, "outage_minutes": -30, "stay_reduction_percent": Decimal(100)})

        assert [(one.place, one.refusal.code) for one in found] == [
            ("outage_minutes", "below_zero"),
            ("claim_days", "nothing"),
            ("outage_deduction_minutes", "no_remedy"),
            ("stay_reduction_percent", "whole_fee"),
        ]
