"""The verbs of a second look at a denied claim (S19): the customer asks with a reason, a reviewer reopens the claim or says why not."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import OTHER_ANSWERS, Refused
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla import letters
from sla.actions.reviews import locked_in, refuse_the_claimants_own, take
from sla.models import Claim, ClaimState, Proposal, SecondLook


@transaction.atomic
def ask_for_second_look(*, claim: Claim, reason: str, by: User, now: datetime) -> SecondLook:
    """S19: ask to look at a denied claim again, once for a decision. The same asked twice is one.

    Raises Refused for a claim that is not denied, and when this decision was asked about with another reason.
    """
    current = locked_in(claim, now, ClaimState.DENIED)
    decision = _decision(current)
    if asked := SecondLook.objects.filter(decision=decision).first():
        if asked.reason == reason:
            return asked
        raise Refused(OTHER_ANSWERS)
    record("claim.second_look_asked", matter=current.reference, by=by, now=now)
    return SecondLook.objects.create(claim=current, decision=decision, reason=reason, asked_at=now, asked_by=by)


@transaction.atomic
def reopen_claim(*, claim: Claim, reason: str, by: User, now: datetime) -> Claim:
    """S19: take a denied claim into review again, with a reason that the customer reads. Its receipt and its decision stay on record;
    the next decision takes two people again. Raises Refused for one of the customer's own people, and if it is not denied.
    """
    current = locked_in(claim, now, ClaimState.DENIED)
    refuse_the_claimants_own(current, by)
    record("claim.reopened", matter=current.reference, by=by, now=now)
    decision = _decision(current)
    SecondLook.objects.filter(decision=decision, settled_at__isnull=True).update(
        reopened=True, answer=reason, settled_at=now, settled_by=by
    )
    take(current, by, now)
    current.closed_at = None
    current.save()
    letters.second_look_settled(current, reopened=True, answer=reason, now=now)
    return current


@transaction.atomic
def decline_second_look(*, claim: Claim, reason: str, by: User, now: datetime) -> SecondLook:
    """S19: the decision stands, with a reason that the customer reads. Raises Refused if nobody has asked, or it is settled."""
    current = locked_in(claim, now, ClaimState.DENIED)
    refuse_the_claimants_own(current, by)
    asked = SecondLook.objects.filter(decision=_decision(current), settled_at__isnull=True).first()
    if asked is None:
        raise Refused(Refusal("S19", "not_asked", "No second look waits for an answer.", "Look at the claim again."))
    record("claim.second_look_declined", matter=current.reference, by=by, now=now)
    asked.reopened, asked.answer, asked.settled_at, asked.settled_by = False, reason, now, by
    asked.save()
    letters.second_look_settled(current, reopened=False, answer=reason, now=now)
    return asked


def _decision(claim: Claim) -> Proposal:
    return claim.proposals.filter(approved_at__isnull=False).latest("approved_at")
