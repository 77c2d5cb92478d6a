from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from entitlements.rules.caps import Override, check_booking
from entitlements.rules.products import product_check
from entitlements.rules.reminders import due_reminder
from entitlements.rules.spans import Span
from entitlements.rules.working import Step, figure_as_json, figure_from_json
from tests.entitlements.rules.builders import EDITIONS, NEW_YORK, booked, contract, day, utc, wish
from tests.worked_examples.paper import PAPER

INSTANT = utc("2026-03-08T07:30:00.000001")
FIGURES = [
    None,
    True,
    3,
    "three",
    Decimal("0.10"),
    Fraction(1, 3),
    day("2026-03-08"),
    INSTANT,
    timedelta(days=999_999, microseconds=1),
    Span(INSTANT, INSTANT + timedelta(microseconds=1)),
    (1, ("two", Fraction(3))),
]


class TestAFigure:
    """S19: what was used is frozen, and can be replayed"""

    @pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: type(figure).__name__)
    def test_comes_back_from_json_as_it_was(self, figure):
        back = figure_from_json(json.loads(json.dumps(figure_as_json(figure))))

        assert back == figure
        assert type(back) is type(figure)
        assert str(back) == str(figure)

    def test_is_of_a_type_that_can(self):
        with pytest.raises(TypeError, match="not a figure"):
            figure_as_json(1.5)
        with pytest.raises(ValueError, match="not a figure"):
            figure_from_json({"mood": "good"})


class TestAStep:
    """S19"""

    TREE = Step("all", "S8", 3, (("of", INSTANT),), (Step("one", "S8", 1), Step("two", "S8", 2, note="late")), "sum")

    def test_comes_back_from_json_with_all_that_is_below_it(self):
        assert Step.from_json(json.loads(json.dumps(self.TREE.as_json()))) == self.TREE

    def test_is_walked_in_reading_order(self):
        assert [(depth, step.name) for depth, step in self.TREE.walk()] == [(0, "all"), (1, "one"), (1, "two")]


def of_a_refused_booking():
    facts = contract(
        "silver", last="2027-12-31", overrides=[Override("integration", 1, reference="O-7", reason="agreed")]
    )
    used = [booked("integration", "2026-06-01", id="a"), booked("integration", "2026-08-01", id="b")]
    return check_booking(facts, used, wish("integration", "2026-06-01"), EDITIONS).working


class TestTheWorkingOfABooking:
    """E6"""

    def test_names_every_figure_on_the_way(self):
        working = of_a_refused_booking()

        assert (working.name, working.clause, working.result) == ("booking", "E6", "cap_used_up")
        assert dict(working.inputs) == {
            "activity": "integration",
            "day": day("2026-06-01"),
            "status of the contract": "active",
        }
        assert [(step.clause, step.name, step.result) for step in working.steps] == [
            ("E3", "contract year", 1),
            ("E2", "edition in force", "paper"),
            ("E8", "cap in force", 1),
            ("E5", "used on that day with it", 2),
            ("E6", "over the cap on its day", "new"),
            ("E6", "over the cap on its day", "a"),
            ("E6", "over the cap on its day", "b"),
            ("E7", "next place", day("2027-01-01")),
        ]
        assert dict(working.steps[0].inputs) == {
            "term's first day": day("2026-01-01"),
            "term's last day": day("2027-12-31"),
        }
        assert dict(working.steps[1].inputs) == {"year's first day": day("2026-01-01")}
        assert dict(working.steps[3].inputs) == {"counted till then": ("a",)}

    def test_says_that_professional_services_are_not_counted(self):
        working = check_booking(
            contract("none"),
            [booked("maturity", "2026-03-01", id="a")],
            wish("roadmap", "2026-06-01", ps_reference="PS-1"),
            EDITIONS,
        ).working

        assert [(step.clause, step.name, step.result, step.note) for step in working.steps[3:]] == [
            ("E7", "Professional Services", "PS-1", "not counted"),
            ("E5", "used on that day", 0, ""),
        ]

    def test_ends_with_the_term_where_that_decides(self):
        working = check_booking(contract(), [], wish("roadmap", "2027-06-01"), EDITIONS).working

        assert [(step.clause, step.result) for step in working.steps] == [("E3", None)]

    def test_has_no_next_place_where_the_booking_is_allowed(self):
        working = check_booking(contract(), [], wish("roadmap", "2026-06-01"), EDITIONS).working

        assert [step.clause for step in working.steps] == ["E3", "E2", "E2", "E5"]


class TestEveryWorking:
    """S19"""

    @pytest.mark.parametrize(
        "working",
        [
            of_a_refused_booking(),
            product_check("maturity", ["wa"], PAPER.requirements).working,
            due_reminder(
                "claim", INSTANT, NEW_YORK, INSTANT - timedelta(days=2), INSTANT - timedelta(days=9), ["7d"]
            ).working,
        ],
        ids=lambda step: step.name,
    )
    def test_comes_back_from_json(self, working):
        assert Step.from_json(json.loads(json.dumps(working.as_json()))) == working

    def test_is_shortened_to_what_can_be_read_and_says_so(self):
        long = Step("whole", "S9", 1, steps=tuple(Step("line", "S9", n) for n in range(101)), note="Of a list.")

        assert long.shortened().note == "Of a list. The first 100 of 101 are shown here."
        assert len(long.shortened().steps) == 100
        assert of_a_refused_booking().shortened() == of_a_refused_booking()
