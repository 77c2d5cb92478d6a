"""E13: kinds of outcome, what belongs into one, scorecards against the year before, and by when an outcome is owed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from entitlements.rules.outcomes import (
    KINDS,
    MATURITY,
    Advice,
    Content,
    Score,
    ValueFigure,
    advice_is_overdue,
    can_be_given,
    feedback_open,
    forms_of,
    is_overdue,
    missing,
    owed_until,
    refused_move,
)
from entitlements.rules.refusals import Refusal
from entitlements.rules.scorecards import DIMENSIONS, SCALE, Change, Scorecard, compared, message, year_before

DUE = date(2026, 9, 30)
WHOLE = Content(
    summary="Said.",
    lines=("One.",),
    advice=(Advice("Do it.", 1, DUE, "quick_win"), Advice("Do that.", 1, DUE, "roadmap")),
    scores={key: Score(3) for key in DIMENSIONS},
    figures=(ValueFigure("Hours saved", Decimal(12), "hours"),),
)


class TestTheKind:
    @pytest.mark.parametrize("kind", [one for one in KINDS if one not in ("configuration_review", "scorecard")])
    def test_an_activity_has_the_one_of_the_catalogue(self, kind):
        assert forms_of(kind, ["im", "rba"]) == (kind,)

    @pytest.mark.parametrize(
        ("products", "forms"),
        [
            (["im"], ("configuration_review",)),
            (["aiops"], ("configuration_review",)),
            (["cso", "wa"], ("configuration_review",)),
            (["rba"], ("scorecard",)),
            (["rba_sh", "wa"], ("scorecard",)),
            (["im", "rba"], ("configuration_review", "scorecard")),
            ([], ("configuration_review",)),
            (["wa"], ("configuration_review",)),
        ],
    )
    def test_a_maturity_assessment_has_a_form_by_the_products(self, products, forms):
        assert forms_of(MATURITY, products) == forms


class TestWhatIsMissing:
    @pytest.mark.parametrize("kind", KINDS)
    def test_a_whole_one_lacks_nothing(self, kind):
        assert missing(kind, WHOLE) == ()

    @pytest.mark.parametrize("kind", KINDS)
    def test_each_says_what_came_out(self, kind):
        assert missing(kind, replace(WHOLE, summary=" ")) == ("Say in a sentence or two what came out.",)

    @pytest.mark.parametrize(
        ("kind", "lacks"),
        [
            ("recommendations", ("recommendation",)),
            ("findings", ("line: finding", "recommendation")),
            ("approach", ("line: step of the approach",)),
            ("feedback", ("line: feedback taken",)),
            ("configuration_review", ("line: finding", "recommendation")),
        ],
    )
    def test_by_its_kind(self, kind, lacks):
        assert missing(kind, Content(summary="Said.")) == tuple(f"Write at least one {one}." for one in lacks)

    def test_a_scorecard_has_every_level_quick_wins_a_roadmap_and_figures(self):
        bare = Content(summary="Said.", advice=(Advice("Do it.", 1, DUE),), scores={"design": Score(2)})

        assert missing("scorecard", bare) == (
            "Give the level of Foundations of Automation.",
            "Give the level of Outcomes/KPI Maturity.",
            "Name at least one quick win.",
            "Put at least one recommendation on the roadmap.",
            "Give at least one figure of value.",
        )

    @pytest.mark.parametrize("level", [0, 6, True, 2.0])
    def test_a_level_is_one_of_the_scale(self, level):
        with pytest.raises(ValueError, match="not a level"):
            Score(level)


class TestMovingARecommendation:
    def test_everybody_moves_it_on_and_back(self):
        steps = ("open", "in_progress", "done")

        assert {refused_move(a, b, by_customer=who, reason="") for a in steps for b in steps for who in (0, 1)} == {
            None
        }

    def test_only_the_customer_declines_and_takes_that_back(self):
        """E11"""
        only_they = Refusal(
            "E13",
            "customer_declines",
            "Only the customer declines a recommendation, or takes that back.",
            "Ask the customer to do it in the portal.",
        )

        assert refused_move("open", "declined", by_customer=False, reason="No.") == only_they
        assert refused_move("declined", "open", by_customer=False, reason="") == only_they
        assert refused_move("open", "declined", by_customer=True, reason="  ") == Refusal(
            "E13", "no_reason", "A recommendation is declined with a reason.", "Say why in a sentence."
        )
        assert refused_move("open", "declined", by_customer=True, reason="Too costly.") is None
        assert refused_move("declined", "open", by_customer=True, reason="") is None

    def test_another_state_is_an_error_of_ours(self):
        with pytest.raises(ValueError, match="not a state"):
            refused_move("open", "lost", by_customer=True, reason="")


class TestWhen:
    @pytest.mark.parametrize(
        ("state", "held", "can"),
        [
            ("delivered", True, True),
            ("scheduled", True, False),
            ("cancelled", True, True),
            ("no_show", True, True),
            ("cancelled", False, False),
            ("requested", True, False),
        ],
    )
    def test_it_is_given_once_what_was_begun_is_over(self, state, held, can):
        """E10"""
        assert can_be_given(state, first_session_held=held) is can

    def test_it_is_owed_within_ten_days(self):
        delivered = date(2026, 6, 1)

        assert owed_until(delivered) == date(2026, 6, 11)
        assert not is_overdue(delivered, date(2026, 6, 11))
        assert is_overdue(delivered, date(2026, 6, 12))
        assert is_overdue(delivered, date(2026, 6, 5), days=3)

    @pytest.mark.parametrize(
        ("state", "today", "overdue"),
        [
            ("open", DUE, False),
            ("open", date(2026, 10, 1), True),
            ("in_progress", date(2026, 10, 1), True),
            ("done", date(2026, 10, 1), False),
            ("declined", date(2026, 10, 1), False),
        ],
    )
    def test_a_recommendation_is_overdue_after_its_last_day_while_it_is_to_do(self, state, today, overdue):
        assert advice_is_overdue(state, DUE, today) is overdue

    def test_feedback_can_be_changed_for_fourteen_days(self):
        assert feedback_open(None, date(2027, 1, 1))
        assert feedback_open(date(2026, 6, 1), date(2026, 6, 15))
        assert not feedback_open(date(2026, 6, 1), date(2026, 6, 16))


def card(day, *levels):
    return Scorecard(day, dict(zip(DIMENSIONS, levels, strict=False)))


class TestTheYearBefore:
    FIRST = date(2026, 2, 1)

    def test_it_is_the_latest_of_the_twelve_months_before_the_contract_year(self):
        may, january = card(date(2025, 5, 1), 1), card(date(2026, 1, 31), 2)

        assert year_before(self.FIRST, [january, may]) is january

    @pytest.mark.parametrize("day", [date(2026, 2, 1), date(2025, 1, 31)])
    def test_one_of_the_same_year_or_of_two_years_ago_is_not(self, day):
        assert year_before(self.FIRST, [card(day, 1)]) is None

    def test_one_on_the_first_day_of_the_year_before_is(self):
        assert year_before(self.FIRST, [card(date(2025, 2, 1), 1)])


class TestTheComparison:
    def test_each_dimension_beside_the_year_before(self):
        changes = compared(card(DUE, 2, 3, 1), card(date(2025, 9, 1), 1, 3, 2))

        assert [(one.name, one.before, one.level, one.in_words) for one in changes] == [
            ("Foundations of Automation", 1, 2, "up 1"),
            ("Design Maturity", 3, 3, "the same"),
            ("Outcomes/KPI Maturity", 2, 1, "down 1"),
        ]
        assert message(changes) == (
            "Since the year before, Foundations of Automation (from 1 to 2) rose; "
            "Outcomes/KPI Maturity (from 2 to 1) fell; Design Maturity stayed where it was."
        )

    def test_two_that_moved_alike_are_named_together(self):
        changes = compared(card(DUE, 2, 3, 1), card(date(2025, 9, 1), 1, 1, 1))

        assert message(changes) == (
            "Since the year before, Foundations of Automation (from 1 to 2) and Design Maturity (from 1 to 3) rose; "
            "Outcomes/KPI Maturity stayed where it was."
        )

    @pytest.mark.parametrize(
        ("before", "said"),
        [
            (
                (1, 2, 4),
                "Outcomes/KPI Maturity (from 4 to 3) fell; Foundations of Automation and Design Maturity stayed where they were",
            ),
            ((1, 2, 3), "Foundations of Automation, Design Maturity and Outcomes/KPI Maturity stayed where they were"),
            (
                (3, 3, 5),
                "Foundations of Automation (from 3 to 1), Design Maturity (from 3 to 2) and Outcomes/KPI Maturity (from 5 to 3) fell",
            ),
            (
                (0, 1, 2),
                "Foundations of Automation (from 0 to 1), Design Maturity (from 1 to 2) and Outcomes/KPI Maturity (from 2 to 3) rose",
            ),
        ],
    )
    def test_what_moved_is_told_by_its_direction_and_the_rest_once(self, before, said):
        changes = [Change(key, n, was) for n, (key, was) in enumerate(zip(DIMENSIONS, before, strict=True), start=1)]

        assert message(changes) == f"Since the year before, {said}."

    def test_without_a_year_before_it_says_so(self):
        changes = compared(card(DUE, 2, 3, 1), None)

        assert [one.in_words for one in changes] == ["", "", ""]
        assert message(changes) == "First assessment: there is none of the year before to compare with."

    def test_a_dimension_that_is_new_is_named(self):
        assert message(compared(card(DUE, 2, 3), card(date(2025, 9, 1), 2))) == (
            "Since the year before, Foundations of Automation stayed where it was; Design Maturity had not been assessed."
        )

    def test_the_word_of_a_level_is_the_scales(self):
        assert [Change("design", level, None).word for level in SCALE] == [name for name, _ in SCALE.values()]

    def test_another_dimension_is_an_error_of_ours(self):
        with pytest.raises(ValueError, match="no such dimension"):
            Scorecard(DUE, {"luck": 1})
