"""S19: the states of a claim, the moves between them, and who may make each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from entitlements.rules.refusals import Refusal

_CLAUSE = re.compile(r"\bS\d")


class ClaimState(StrEnum):
    """S19: where a claim stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    INFORMATION_REQUESTED = "information_requested"
    IN_AUDIT = "in_audit"
    APPROVED = "approved"
    CREDITED = "credited"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    COVERED = "covered"


class Mover(StrEnum):
    """S19: who makes a move. The second person is of the staff, and not the one who proposed or entered it."""

    CUSTOMER = "customer"
    REVIEWER = "reviewer"
    SECOND_PERSON = "second_person"
    CLOCK = "clock"


def _by(*movers: Mover) -> frozenset[Mover]:
    return frozenset(movers)


_UNDECIDED = {
    ClaimState.WITHDRAWN: _by(Mover.CUSTOMER),
    ClaimState.COVERED: _by(Mover.REVIEWER),
}
"""What may happen to any claim that is not decided: taken back, or covered by the credit of the same cause."""

CLAIM_MOVES: Mapping[ClaimState, Mapping[ClaimState, frozenset[Mover]]] = {
    ClaimState.DRAFT: {
        # The clock sends a complete draft (S13); one that came on paper is entered by one person and confirmed by another.
        ClaimState.SUBMITTED: _by(Mover.CUSTOMER, Mover.CLOCK, Mover.SECOND_PERSON),
        ClaimState.LAPSED: _by(Mover.CLOCK),
        **_UNDECIDED,
    },
    ClaimState.SUBMITTED: {ClaimState.IN_REVIEW: _by(Mover.REVIEWER), **_UNDECIDED},
    ClaimState.IN_REVIEW: {
        ClaimState.INFORMATION_REQUESTED: _by(Mover.REVIEWER),
        ClaimState.IN_AUDIT: _by(Mover.REVIEWER),
        ClaimState.APPROVED: _by(Mover.SECOND_PERSON),
        ClaimState.DENIED: _by(Mover.SECOND_PERSON),
        **_UNDECIDED,
    },
    ClaimState.INFORMATION_REQUESTED: {
        ClaimState.IN_REVIEW: _by(Mover.CUSTOMER, Mover.REVIEWER, Mover.CLOCK),
        **_UNDECIDED,
    },
    ClaimState.IN_AUDIT: {ClaimState.IN_REVIEW: _by(Mover.REVIEWER), **_UNDECIDED},
    # A merge of causes may leave an approved or credited claim covered by the one credit that is kept (S12).
    ClaimState.APPROVED: {
        ClaimState.CREDITED: _by(Mover.REVIEWER, Mover.SECOND_PERSON),
        ClaimState.COVERED: _by(Mover.SECOND_PERSON),
    },
    ClaimState.CREDITED: {ClaimState.COVERED: _by(Mover.SECOND_PERSON)},
    ClaimState.DENIED: {ClaimState.IN_REVIEW: _by(Mover.REVIEWER)},
    ClaimState.WITHDRAWN: {},
    # Late only by a goodwill waiver of two people (S13); a draft again where the product stood still at its window's end (T4).
    ClaimState.LAPSED: {ClaimState.SUBMITTED: _by(Mover.SECOND_PERSON), ClaimState.DRAFT: _by(Mover.REVIEWER)},
    # One person covers it, so it is looked at again like a denial, and once nothing of the credit stands.
    ClaimState.COVERED: {ClaimState.IN_REVIEW: _by(Mover.REVIEWER, Mover.SECOND_PERSON)},
}


def reason_against_move(start: ClaimState, end: ClaimState, mover: Mover) -> Refusal | None:
    """S19: why a claim may not go from `start` to `end` at the hand of `mover`; None if it may."""
    movers = CLAIM_MOVES[start].get(end)
    if movers is None:
        return Refusal("S19", "no_such_move", f"A claim that is {_said(start)} cannot become {_said(end)}.")
    if mover not in movers:
        allowed = " or ".join(sorted(map(_said, movers)))
        return Refusal("S19", "not_theirs", f"Only the {allowed} can make this claim {_said(end)}.")
    return None


_NO_FAILURE = Refusal(
    "S19", "no_failure", "Our logs document no failure in time.", "Assign the recorded outage, or deny."
)
_NO_AMOUNT = Refusal("S19", "no_amount", "No loss is left that counts.", "See the lines, or deny.")
_STILL_OPEN = Refusal("S2", "open", "The outage is still going on.", "Wait for its end; the figures grow with it.")
_NO_GROUNDS = Refusal(
    "S19", "no_grounds", "A denial names the clauses on which it rests.", "Name them in the grounds, as in: S9."
)


def reasons_against_approval(
    *, documented_failure: bool, documented_amount: bool, still_open: bool
) -> tuple[Refusal, ...]:
    """S2, S19: why a claim cannot be approved: it needs a documented failure, a documented amount, and an outage that has ended."""
    reasons = {_NO_FAILURE: not documented_failure, _NO_AMOUNT: not documented_amount, _STILL_OPEN: still_open}
    return tuple(refusal for refusal, holds in reasons.items() if holds)


def reason_against_denial(grounds: str) -> Refusal | None:
    """S19: why a claim cannot be denied with these grounds: they name no clause. None if they name one."""
    return None if _CLAUSE.search(grounds) else _NO_GROUNDS


def reason_against_approver(*, proposed_by: int, approver: int, may_approve: bool) -> Refusal | None:
    """S19: why this person may not approve a decision: it takes a second one, who may approve. None if they may. People are keys."""
    ask = "Ask a colleague who may approve."
    if not may_approve:
        return Refusal("S19", "may_not_approve", "You may not approve decisions.", ask)
    if approver == proposed_by:
        return Refusal("S19", "second_person", "Whoever proposed a decision cannot approve it.", ask)
    return None


def _said(word: StrEnum) -> str:
    return word.value.replace("_", " ")
