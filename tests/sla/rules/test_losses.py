from decimal import Decimal
from fractions import Fraction

import pytest

from sla.rules.losses import LineKind, Strike, claimed, realized_loss
from tests.sla.rules.given import at, attempt, spans

REMEDY = spans(("10:10", "10:30"))


def loss(*attempts, remedy=REMEDY):
    return realized_loss(attempts, remedy)


class TestTheRealizedLoss:
    """S9"""

    def test_is_revenue_less_documented_expenses(self):
        sale = attempt(revenue="100", documented_expenses=(Decimal("30"), Decimal("0.50")))

        assert loss(sale).amount == Decimal("69.50")

    def test_deducts_no_expense_without_a_document(self):
        assert loss(attempt(revenue="100", undocumented_expenses=(Decimal("30"),))).amount == Decimal("100.00")

    def test_is_rounded_once(self):
        lines = [attempt(key, revenue="0.333") for key in "abc"]

        assert loss(*lines).exact == Fraction("0.999")
        assert str(loss(*lines).amount) == "1.00"

    def test_is_reduced_by_lines_that_would_have_lost_and_shows_the_other_reading(self):
        found = loss(attempt("a", revenue="100"), attempt("b", revenue="10", documented_expenses=(Decimal("50"),)))

        assert (found.amount, found.without_netting) == (Decimal("60.00"), Decimal("100.00"))

    def test_is_never_below_zero(self):
        found = loss(attempt("b", revenue="10", documented_expenses=(Decimal("50"),)))

        assert (found.exact, found.amount, found.without_netting) == (0, Decimal("0.00"), Decimal("0.00"))

    def test_of_nothing_is_zero(self):
        assert str(loss().amount) == "0.00"

    def test_keeps_and_strikes_line_by_line(self):
        found = loss(attempt("a"), attempt("b", completed=True))

        assert [line.key for line in found.kept] == ["a"]
        assert found.struck == {"b": (Strike.COMPLETED,)}
        assert found.amount == Decimal("100.00")


class TestWhatIsClaimed:
    """S19: one of four figures, which the findings do not move."""

    def test_is_the_profit_of_every_line_also_of_those_that_are_struck(self):
        lines = [attempt("a", revenue="100.004"), attempt("b", revenue="50.004", completed=True), attempt("c", "09:00")]

        assert claimed(lines) == Decimal("250.01")

    def test_may_be_below_zero(self):
        assert claimed([attempt(revenue="1", documented_expenses=(Decimal(3),))]) == Decimal("-2.00")
        assert str(claimed([])) == "0.00"


class TestAStruckLine:
    """S9"""

    @pytest.mark.parametrize(
        ("attempted", "struck"),
        [("10:09:59.999999", True), ("10:10", False), ("10:29:59.999999", False), ("10:30", True)],
    )
    def test_was_attempted_outside_the_remedy_period(self, attempted, struck):
        assert loss(attempt(attempted=attempted)).struck == ({"a": (Strike.OUTSIDE_REMEDY_PERIOD,)} if struck else {})

    def test_lies_in_a_gap_of_the_union(self):
        two = spans(("10:10", "10:20"), ("10:25", "10:30"))

        assert loss(attempt(attempted="10:22"), remedy=two).struck
        assert not loss(attempt(attempted="10:25"), remedy=two).struck

    @pytest.mark.parametrize(
        ("facts", "reason"),
        [
            ({"completed": True}, "completed"),
            ({"documented": False}, "no_document"),
            ({"third_party": False}, "not_third_party"),
            ({"due_to_failure": False}, "other_cause"),
            ({"affected_systems": False}, "i_not_affected_systems"),
            ({"other_system_down": True}, "ii_other_system_down"),
            ({"kind": LineKind.REPAIR}, "iii_repair_or_substitute_cost"),
            ({"kind": LineKind.REPLACEMENT}, "iii_repair_or_substitute_cost"),
            ({"kind": LineKind.SUBSTITUTE}, "iii_repair_or_substitute_cost"),
            ({"repeats": True}, "another_attempt"),
        ],
    )
    def test_names_its_reason(self, facts, reason):
        found = loss(attempt(**facts))

        assert found.struck == {"a": (reason,)}
        assert found.amount == 0

    def test_names_every_reason_in_the_order_of_the_table(self):
        line = attempt(
            attempted="12:00",
            completed=True,
            documented=False,
            third_party=False,
            due_to_failure=False,
            affected_systems=False,
            other_system_down=True,
            kind=LineKind.SUBSTITUTE,
            repeats=True,
        )

        assert loss(line).struck == {"a": tuple(Strike)}


class TestSeveralAttemptsAtOneTransaction:
    """S9"""

    def test_are_one_line(self):
        assert loss(attempt(attempted="10:15"), attempt(attempted="10:20")).amount == Decimal("100.00")

    def test_are_struck_when_a_later_one_succeeded(self):
        found = loss(attempt(attempted="10:15"), attempt(attempted="12:00", completed=True))

        assert found.struck == {"a": (Strike.COMPLETED,)}

    def test_are_judged_by_the_one_inside_the_remedy_period(self):
        found = loss(attempt(attempted="10:05", revenue="1"), attempt(attempted="10:15", revenue="2"))

        assert (found.amount, found.struck) == (Decimal("2.00"), {})

    def test_are_judged_by_the_earliest_of_equals_whatever_the_order(self):
        found = loss(attempt(attempted="10:20", revenue="2"), attempt(attempted="10:15", revenue="1"))

        assert found.amount == Decimal("1.00")

    def test_are_judged_by_the_one_least_open_to_objection(self):
        found = loss(
            attempt(attempted="10:15", revenue="1", due_to_failure=False), attempt(attempted="10:20", revenue="2")
        )

        assert found.amount == Decimal("2.00")

    def test_keep_the_order_in_which_their_transactions_were_given(self):
        found = loss(attempt("b"), attempt("a"), attempt("b", attempted="10:20"))

        assert [line.key for line in found.lines] == ["b", "a"]


class TestTheWorkingOfALoss:
    """S9"""

    def test_holds_every_attempt_with_all_that_was_said_of_it(self):
        tried = attempt(
            revenue="70",
            documented_expenses=(Decimal("20"),),
            undocumented_expenses=(Decimal("5"),),
            other_system_down=True,
        )
        found = loss(tried, attempt("b", revenue="10", documented_expenses=(Decimal("4"),)))
        struck, kept = found.working.steps

        assert found.working.result == Decimal("6.00")
        assert dict(found.working.inputs) == {
            "remedy": REMEDY,
            "exact": Fraction(6),
            "without_netting": Decimal("6.00"),
        }
        assert (struck.result, kept.result) == (0, 6)
        assert dict(struck.inputs) == {
            "key": "a",
            "counted_attempt": at("10:15"),
            "struck": ("ii_other_system_down",),
        }
        assert struck.steps[0].result == 50
        assert dict(struck.steps[0].inputs) == {
            "key": "a",
            "attempted": at("10:15"),
            "revenue": Decimal("70"),
            "documented_expenses": (Decimal("20"),),
            "undocumented_expenses": (Decimal("5"),),
            "completed": False,
            "documented": True,
            "third_party": True,
            "due_to_failure": True,
            "affected_systems": True,
            "other_system_down": True,
            "kind": "sale",
        }

    def test_merges_the_remedy_periods_that_it_was_given(self):
        assert loss(remedy=spans(("10:10", "10:20"), ("10:15", "10:30"))).remedy == REMEDY
