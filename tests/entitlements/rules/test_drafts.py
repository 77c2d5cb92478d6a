"""E2, S1: what differs between two editions of a document, and who may publish one."""

from __future__ import annotations

import pytest

from entitlements.rules.drafts import Difference, differences, second_person
from entitlements.rules.refusals import Refusal


class TestDifferences:
    def test_an_edition_does_not_differ_from_itself(self):
        assert differences({"cap": 2, "name": None}, {"cap": 2}) == ()

    def test_each_place_is_named_in_the_second_ones_order_then_what_it_leaves_out(self):
        before, after = {"gone": 1, "same": 2, "cap": 3}, {"new": 4, "cap": 5, "same": 2}

        assert differences(before, after) == (
            Difference("new", None, 4),
            Difference("cap", 3, 5),
            Difference("gone", 1, None),
        )


class TestTheSecondPerson:
    """An edition takes two people, of whom the second may approve."""

    DRAFTED, PROPOSED, OTHER = 1, 2, 3

    def answer(self, publisher, authors=(DRAFTED, PROPOSED, None), *, may_approve=True):
        return second_person(publisher, authors, may_approve=may_approve, clause="E2")

    def test_publishes(self):
        assert self.answer(self.OTHER) is None

    @pytest.mark.parametrize("author", [DRAFTED, PROPOSED])
    def test_is_neither_who_drafted_nor_who_proposed(self, author):
        assert self.answer(author) == Refusal(
            "E2",
            "second_person",
            "Whoever drafted or proposed an edition cannot publish it.",
            "Ask a colleague who may approve.",
        )

    def test_may_approve(self):
        assert self.answer(self.OTHER, may_approve=False) == Refusal(
            "E2", "may_not_approve", "You may not publish editions.", "Ask a colleague who may approve."
        )
