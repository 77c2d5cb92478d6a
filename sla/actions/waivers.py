"""The verbs of a goodwill waiver (S13): lateness is waived by two people, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from entitlements import access
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla import approval_letters
from sla.actions.drafts import locked, receive
from sla.actions.reviews import UNDER_REVIEW, refuse_the_claimants_own, refuse_while_a_proposal_waits
from sla.assessment import what_counts
from sla.completeness import what_is_missing
from sla.entries import entry_of
from sla.models import Claim, ClaimFailure, ClaimState, Failure, FailureState, Waiver
from sla.rules.lifecycle import reason_against_approver

_IN_WRITING = (
    "A draft cannot be completed any more. If the customer claims in writing, enter that: it can come in late."
)
_LATE_OR_LAPSED = (ClaimState.LAPSED, *UNDER_REVIEW)


@transaction.atomic
def propose_waiver(*, claim: Claim, reason: str, by: User, now: datetime) -> Waiver:
    """S13: propose that a lapsed claim comes in after all, or that the failures that were late count in one under review.

    Raises Refused where nothing was late, for a draft that lacks what it needs to be sent, and for one of the customer's own people.
    """
    current = locked(claim, now)
    refuse_the_claimants_own(current, by)
    if refusals := reasons_against_waiver(current, now):
        raise Refused(*refusals)
    refuse_while_a_proposal_waits(current)
    record("claim.waiver_proposed", matter=current.reference, by=by, now=now, note=reason)
    waiver = Waiver.objects.create(claim=current, reason=reason, proposed_at=now, proposed_by=by)
    approval_letters.wanted(waiver, now=now)
    return waiver


@transaction.atomic
def approve_waiver(*, waiver: Waiver, by: User, now: datetime) -> Claim:
    """S13: a second person approves. A lapsed claim is received at that moment, and stays marked as late and waived.

    Raises Refused for the proposer, for somebody who may not approve, for one of the customer's own people, for a waiver that was
    settled meanwhile, and where what it rests on has changed.
    """
    claim = locked(waiver.claim, now)
    current = _waiting(waiver)
    people = {"proposed_by": current.proposed_by_id, "approver": by.pk}
    if refusal := reason_against_approver(**people, may_approve=access.may_approve(by)):
        raise Refused(refusal)
    refuse_the_claimants_own(claim, by)
    if refusals := reasons_against_waiver(claim, now, but=current):
        raise Refused(*refusals)
    record("claim.lateness_waived", matter=claim.reference, by=by, now=now, note=current.reason)
    current.approved_at, current.approved_by = now, by
    current.save()
    approval_letters.settled(current, now=now)
    claim.waived_at = now
    if claim.state == ClaimState.LAPSED:
        _let_in(claim, now)
    else:
        claim.save()
    return claim


@transaction.atomic
def return_waiver(*, waiver: Waiver, reason: str, by: User, now: datetime) -> Waiver:
    """S13: no goodwill, with a reason; its proposer may also take it back."""
    claim = locked(waiver.claim, now)
    current = _waiting(waiver)
    record("claim.waiver_returned", matter=claim.reference, by=by, now=now, note=reason)
    current.returned_at, current.returned_by, current.return_reason = now, by, reason
    current.save()
    approval_letters.settled(current, now=now)
    return current


def reasons_against_waiver(claim: Claim, now: datetime, but: Waiver | None = None) -> list[Refusal]:
    """S13: why the lateness of a claim cannot be waived now; an empty list means that it can. `but`: the waiver that waits already."""
    others = claim.waivers.waiting().exclude(pk=but.pk) if but else claim.waivers.waiting()
    if claim.waived_at or others.exists():
        return [Refusal("S13", "one_waiver", "A waiver is made or proposed already.", "Look at the claim again.")]
    if claim.state not in _LATE_OR_LAPSED:
        return [Refusal("S13", "not_late", "Only a claim that lapsed or is under review can be let in late.")]
    if claim.state != ClaimState.LAPSED:
        late = what_counts(claim, now=now).union.late
        return (
            []
            if late
            else [Refusal("S13", "not_late", "Nothing of this claim was late.", "There is nothing to waive.")]
        )
    if _claimed_elsewhere(claim):
        return [Refusal("S13", "claimed_elsewhere", "What it is for is in another claim by now.", "Decide that one.")]
    if entry_of(claim):
        return []
    return [replace(one, what_helps=_IN_WRITING) for one in what_is_missing(claim)]


def _claimed_elsewhere(claim: Claim) -> bool:
    others = ClaimFailure.objects.filter(failure__in=claim.own_failures(), released_at__isnull=True)
    return others.exclude(claim=claim).exists()


def _let_in(claim: Claim, now: datetime) -> None:
    """Received now: what it is for is claimed again, and its papers are the vendor's to read from here on."""
    claim.claim_failures.update(released_at=None)
    Failure.objects.filter(pk__in=claim.own_failures().values("pk"), state=FailureState.CLOSED).update(
        state=FailureState.CLAIMED, closed_at=None
    )
    claim.submitted_by, claim.closed_at = claim.declared_by, None
    receive(claim, now, now=now, entry=entry_of(claim))


def _waiting(waiver: Waiver) -> Waiver:
    current = Waiver.objects.select_for_update(of=("self",)).select_related("proposed_by").get(pk=waiver.pk)
    if current.approved_at or current.returned_at:
        raise Refused(Refusal("S13", "settled", "This waiver was settled meanwhile.", "Look at the claim again."))
    return current
