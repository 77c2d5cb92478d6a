"""What is proposed by one person and settled by a second, for a customer's contract (S16, S19): who may, and what is settled."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from entitlements import access
from entitlements.actions.refused import Refused
from entitlements.models import Contract, User
from entitlements.rules.refusals import Refusal
from sla.models import LateChoice, TermsCorrection
from sla.rules.lifecycle import reason_against_approver

Proposed = TypeVar("Proposed", TermsCorrection, LateChoice)
SETTLED = Refusal("S16", "settled", "This was settled meanwhile.", "Look at it again.")
_ANEW = "Give it back, and propose it anew."
LEFT = Refusal("S16", "proposer_left", "Whoever proposed it no longer works here.", _ANEW)
PROPOSERS_OWN = Refusal("S16", "proposers_own", "Whoever proposed it is or was one of the customer's people.", _ANEW)


def refuse_the_customers_own(contract: Contract, by: User) -> None:
    """S19: Raises Refused for one who is or was one of the customer's people."""
    if access.is_or_was_one_of(contract.customer_id, by):
        sentence = "Whoever is or was one of the customer's people has no part in this."
        raise Refused(Refusal("S16", "own", sentence, "Ask a colleague."))


def refuse_unless_second(proposed: Proposed, contract: Contract, by: User) -> None:
    """S19: Raises Refused once it is settled, for whoever proposed it, for one who may not approve, and for the customer's own; and where
    whoever proposed it no longer works here, or came to be one of the customer's people."""
    if not proposed.waits:
        raise Refused(SETTLED)
    people = {"proposed_by": proposed.proposed_by_id, "approver": by.pk}
    if refusal := reason_against_approver(**people, may_approve=access.may_approve(by)):
        raise Refused(refusal)
    refuse_the_customers_own(contract, by)
    _refuse_the_proposer(contract, User.objects.get(pk=proposed.proposed_by_id))


def _refuse_the_proposer(contract: Contract, proposer: User) -> None:
    if not (proposer.is_active and proposer.is_staff):
        raise Refused(LEFT)
    if access.is_or_was_one_of(contract.customer_id, proposer):
        raise Refused(PROPOSERS_OWN)


def give_back(proposed: Proposed, *, reason: str, by: User, now: datetime) -> Proposed:
    """It is not done, and why; its proposer may take it back too. Raises Refused once it is settled."""
    if not proposed.waits:
        raise Refused(SETTLED)
    proposed.returned_at, proposed.returned_by, proposed.return_reason = now, by, reason
    proposed.save()
    return proposed
