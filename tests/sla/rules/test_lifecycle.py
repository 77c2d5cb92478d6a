import pytest

from entitlements.rules.refusals import Refusal
from sla.rules.lifecycle import (
    CLAIM_MOVES,
    ClaimState,
    Mover,
    reason_against_move,
    reasons_against_approval,
    reasons_against_denial,
)

ALLOWED = """
draft: submitted customer clock second_person, lapsed clock, withdrawn customer, covered reviewer
submitted: in_review reviewer, withdrawn customer, covered reviewer
in_review: information_requested reviewer, in_audit reviewer, approved second_person, denied second_person, withdrawn customer, covered reviewer
information_requested: in_review customer reviewer clock, withdrawn customer, covered reviewer
in_audit: in_review reviewer, withdrawn customer, covered reviewer
approved: credited reviewer second_person, covered second_person
credited: covered second_person
denied: in_review reviewer
withdrawn:
lapsed: submitted second_person
covered:
"""


def allowed_moves():
    for line in ALLOWED.strip().splitlines():
        start, _, ends = line.partition(":")
        for words in filter(None, ends.split(",")):
            end, *movers = words.split()
            yield from ((start, end, mover) for mover in movers)


class TestALifecycle:
    """S19"""

    @pytest.mark.parametrize("start", ClaimState)
    def test_knows_every_move_and_who_may_make_it(self, start):
        written = {(end, mover) for began, end, mover in allowed_moves() if began == start}
        found = {(end, mover) for end in ClaimState for mover in Mover if not reason_against_move(start, end, mover)}

        assert found == written

    def test_names_every_state(self):
        assert CLAIM_MOVES.keys() == set(ClaimState)

    def test_says_that_a_move_does_not_exist(self):
        refusal = reason_against_move(ClaimState.WITHDRAWN, ClaimState.IN_REVIEW, Mover.REVIEWER)

        assert (refusal.clause, refusal.code) == ("S19", "no_such_move")
        assert refusal.sentence == "A claim that is withdrawn cannot become in review."

    def test_says_whose_move_it_is(self):
        refusal = reason_against_move(ClaimState.INFORMATION_REQUESTED, ClaimState.IN_REVIEW, Mover.SECOND_PERSON)

        assert (refusal.clause, refusal.code) == ("S19", "not_theirs")
        assert refusal.sentence == "Only the clock or customer or reviewer can make this claim in review."


class TestAnApproval:
    """S19"""

    def reasons(self, **facts):
        known = {"documented_failure": True, "documented_amount": True, "still_open": False}
        people = {"proposed_by": "Ada", "approved_by": "Bo"}
        return reasons_against_approval(**{**known, **people, **facts})

    def test_of_a_documented_claim_by_a_second_person_is_in_order(self):
        assert self.reasons() == ()

    @pytest.mark.parametrize(
        ("facts", "code", "sentence"),
        [
            ({"documented_failure": False}, "no_failure", "No failure of this claim is documented."),
            ({"documented_amount": False}, "no_amount", "No amount of this claim is documented."),
            (
                {"still_open": True},
                "still_open",
                "An outage of this claim is still open; it can be approved once that has ended.",
            ),
            ({"approved_by": "Ada"}, "same_person", "Whoever proposed a decision cannot approve it."),
        ],
    )
    def test_names_what_stands_against_it(self, facts, code, sentence):
        assert self.reasons(**facts) == (Refusal("S19", code, sentence),)


class TestADenial:
    """S19"""

    @pytest.mark.parametrize(
        ("grounds", "approved_by", "codes"),
        [
            (["S6"], "Bo", []),
            ([], "Bo", ["no_grounds"]),
            (["S6"], "Ada", ["same_person"]),
            ([], "Ada", ["no_grounds", "same_person"]),
        ],
    )
    def test_names_clauses_and_takes_two_people(self, grounds, approved_by, codes):
        found = reasons_against_denial(grounds=grounds, proposed_by="Ada", approved_by=approved_by)

        assert [(one.clause, one.code) for one in found] == [("S19", code) for code in codes]

    def test_says_so_in_sentences(self):
        found = reasons_against_denial(grounds=[], proposed_by="Ada", approved_by="Ada")

        assert [one.sentence for one in found] == [
            "A denial names the clauses on which it rests.",
            "Whoever proposed a decision cannot approve it.",
        ]
