import pytest

from entitlements.rules.refusals import Refusal
from sla.rules.lifecycle import (
    CLAIM_MOVES,
    ClaimState,
    Mover,
    reason_against_approver,
    reason_against_denial,
    reason_against_move,
    reasons_against_approval,
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
lapsed: submitted second_person, draft reviewer
covered: in_review reviewer second_person
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
    """S2, S19"""

    NO_FAILURE = Refusal(
        "S19", "no_failure", "Our logs document no failure in time.", "Assign the recorded outage, or deny."
    )
    NO_AMOUNT = Refusal("S19", "no_amount", "No loss is left that counts.", "See the lines, or deny.")
    OPEN = Refusal("S2", "open", "The outage is still going on.", "Wait for its end; the figures grow with it.")

    def reasons(self, **facts):
        known = {"documented_failure": True, "documented_amount": True, "still_open": False}
        return reasons_against_approval(**{**known, **facts})

    def test_of_a_documented_claim_is_in_order(self):
        assert self.reasons() == ()

    @pytest.mark.parametrize(
        ("facts", "refusals"),
        [
            ({"documented_failure": False}, (NO_FAILURE,)),
            ({"documented_amount": False}, (NO_AMOUNT,)),
            ({"still_open": True}, (OPEN,)),
            ({"documented_amount": False, "still_open": True}, (NO_AMOUNT, OPEN)),
        ],
    )
    def test_names_what_stands_against_it_and_what_helps(self, facts, refusals):
        assert self.reasons(**facts) == refusals


class TestTheApprover:
    """S19"""

    def reason(self, approver, *, may_approve=True):
        return reason_against_approver(proposed_by=1, approver=approver, may_approve=may_approve)

    def test_is_a_second_person_who_may_approve(self):
        assert self.reason(2) is None

    def test_is_never_who_proposed(self):
        assert self.reason(1) == Refusal(
            "S19",
            "second_person",
            "Whoever proposed a decision cannot approve it.",
            "Ask a colleague who may approve.",
        )

    def test_is_nobody_who_may_not(self):
        assert self.reason(2, may_approve=False) == Refusal(
            "S19", "may_not_approve", "You may not approve decisions.", "Ask a colleague who may approve."
        )


class TestADenial:
    """S19"""

    @pytest.mark.parametrize("grounds", ["S9: every line was completed.", "No document shows a loss (S9, S13)."])
    def test_names_clauses(self, grounds):
        assert reason_against_denial(grounds) is None

    @pytest.mark.parametrize("grounds", ["", "No.", "Case IS9 is closed.", "S: no loss"])
    def test_that_names_none_is_none(self, grounds):
        assert reason_against_denial(grounds) == Refusal(
            "S19", "no_grounds", "A denial names the clauses on which it rests.", "Name them in the grounds, as in: S9."
        )
