"""The verbs of a second look at a claim that was denied, or covered by another credit (S12, S19): the customer asks with a reason, a
reviewer reopens the claim or says why not."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from entitlements.actions.log import record
from entitlements.actions.refused import OTHER_ANSWERS, Refused
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla import letters
from sla.actions.reviews import locked_in, refuse_the_claimants_own, take
from sla.models import Claim, ClaimState, Proposal, SecondLook

CAN_BE_ASKED_ABOUT = (ClaimState.DENIED, ClaimState.COVERED)


@transaction.atomic
def ask_for_second_look(*, claim: Claim, reason: str, by: User, now: datetime) -> SecondLook:
    """S19: ask to look at a denied or covered claim again, once for a decision. The same asked twice is one.

    Raises Refused for a claim that is neither, and when this decision was asked about with another reason.
    """
    current = locked_in(claim, now, *CAN_BE_ASKED_ABOUT)
    decision = _decision(current)
    if asked := asked_about(current).first():
        if asked.reason == reason:
            return asked
        raise Refused(OTHER_ANSWERS)
    record("claim.second_look_asked", matter=current.reference, by=by, now=now)
    return SecondLook.objects.create(claim=current, decision=decision, reason=reason, asked_at=now, asked_by=by)


@transaction.atomic
def reopen_claim(*, claim: Claim, reason: str, by: User, now: datetime) -> Claim:
    """S19: take a denied or covered claim into review again, with a reason that the customer reads. Its receipt and its decision stay
    on record; the next decision takes two people again. Raises Refused for one of the customer's own people, if it is neither, and
    for what was covered before it was sent.
    """
    current = locked_in(claim, now, *CAN_BE_ASKED_ABOUT)
    refuse_the_claimants_own(current, by)
    if current.received_at is None:
        raise Refused(Refusal("S13", "never_sent", "It was never sent, so nothing of it can be decided."))
    record("claim.reopened", matter=current.reference, by=by, now=now)
    return open_again(current, reason, by, now)


def open_again(claim: Claim, reason: str, by: User, now: datetime) -> Claim:
    """S19: in review again, and its customer is told why. In the caller's transaction, under the claim's lock; its line is written."""
    asked = asked_about(claim).filter(settled_at__isnull=True)
    asked.update(reopened=True, answer=reason, settled_at=now, settled_by=by)
    take(claim, by, now)
    claim.closed_at = None
    claim.save()
    letters.second_look_settled(claim, reopened=True, answer=reason, now=now)
    return claim


@transaction.atomic
def decline_second_look(*, claim: Claim, reason: str, by: User, now: datetime) -> SecondLook:
    """S19: the decision stands, with a reason that the customer reads. Raises Refused if nobody has asked, or it is settled."""
    current = locked_in(claim, now, *CAN_BE_ASKED_ABOUT)
    refuse_the_claimants_own(current, by)
    asked = asked_about(current).filter(settled_at__isnull=True).first()
    if asked is None:
        raise Refused(Refusal("S19", "not_asked", "No second look waits for an answer.", "Look at the claim again."))
    record("claim.second_look_declined", matter=current.reference, by=by, now=now)
    asked.reopened, asked.answer, asked.settled_at, asked.settled_by = False, reason, now, by
    asked.save()
    letters.second_look_settled(current, reopened=False, answer=reason, now=now)
    return asked


def asked_about(claim: Claim) -> QuerySet[SecondLook]:
    """S19: what was asked about the decision that stands, or since the claim was covered."""
    decision = _decision(claim)
    asked = claim.second_looks.filter(decision=decision)
    return asked if decision else asked.filter(asked_at__gte=claim.closed_at)


def _decision(claim: Claim) -> Proposal | None:
    """Of two people; a claim that is covered has none."""
    if claim.state == ClaimState.COVERED:
        return None
    return claim.proposals.filter(approved_at__isnull=False).latest("approved_at")
