"""S19: the states of a claim, the moves between them, and who may make each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from entitlements.rules.refusals import Refusal


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
    # Late only by a goodwill waiver of two people (S13).
    ClaimState.LAPSED: {ClaimState.SUBMITTED: _by(Mover.SECOND_PERSON)},
    ClaimState.COVERED: {},
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


def reasons_against_approval(
    *, documented_failure: bool, documented_amount: bool, still_open: bool, proposed_by: str, approved_by: str
) -> tuple[Refusal, ...]:
    """S19: why a claim cannot be approved: it needs a documented failure that has ended, a documented amount, two people."""
    reasons = (
        (not documented_failure, "no_failure", "No failure of this claim is documented."),
        (not documented_amount, "no_amount", "No amount of this claim is documented."),
        (still_open, "still_open", "An outage of this claim is still open; it can be approved once that has ended."),
        (proposed_by == approved_by, "same_person", "Whoever proposed a decision cannot approve it."),
    )
    return tuple(Refusal("S19", code, sentence) for holds, code, sentence in reasons if holds)


def reasons_against_denial(*, grounds: Collection[str], proposed_by: str, approved_by: str) -> tuple[Refusal, ...]:
    """S19: why a claim cannot be denied: the grounds name clauses, and it takes two people."""
    reasons = (
        (not grounds, "no_grounds", "A denial names the clauses on which it rests."),
        (proposed_by == approved_by, "same_person", "Whoever proposed a decision cannot approve it."),
    )
    return tuple(Refusal("S19", code, sentence) for holds, code, sentence in reasons if holds)


def _said(word: StrEnum) -> str:
    return word.value.replace("_", " ")
