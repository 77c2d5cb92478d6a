"""The verbs of a request for information (S19): the reviewer asks, the customer answers, or its deadline returns the claim to review.

`now` is the database's clock in UTC, read as the first act of the request: an answer that arrives before the deadline is in time.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import OTHER_ANSWERS, Refused
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla import information, letters
from sla.actions.drafts import locked
from sla.actions.reviews import (
    UNDER_REVIEW,
    locked_in,
    refuse_the_claimants_own,
    refuse_while_a_proposal_waits,
    take,
)
from sla.actions.unanswered import end_request
from sla.models import TO_DECIDE, Claim, ClaimState, InformationRequest

_OVER = Refusal(
    "S19",
    "not_asked_any_more",
    "The time to answer has ended, and the claim is checked as it stands.",
    "If something is missing from it, write to us.",
)
_TAKEN_BACK = Refusal(
    "S19",
    "taken_back",
    "We took this question back, so your answer to it was not kept.",
    "If we ask something else now, it stands at the top of the claim.",
)


@transaction.atomic
def ask_for_information(
    *, claim: Claim, asked_for: str, answer_by: datetime, by: User, now: datetime
) -> InformationRequest:
    """S19: ask the customer for what is missing, by a deadline of its own: `answer_by` (UTC) is the first instant too late. The same
    question sent twice is one (X9).

    Raises Refused for a deadline that is over, while a proposal waits, and for one of the customer's own people.
    """
    same = locked(claim, now).information_requests.open().filter(answer_by=answer_by, asked_by=by)
    if asked := same.filter(asked_for=asked_for).first():
        return asked
    current = locked_in(claim, now, *UNDER_REVIEW)
    refuse_the_claimants_own(current, by)
    refuse_while_a_proposal_waits(current)
    if answer_by <= now:
        raise Refused(Refusal("S19", "no_time", "That leaves no time to answer.", "Choose a later day."))
    record("claim.information_requested", matter=current.reference, by=by, now=now)
    if current.state == ClaimState.SUBMITTED:
        take(current, by, now)
        current.save()
    current.state, current.aside_until, current.aside_why = ClaimState.INFORMATION_REQUESTED, None, ""
    current.save()
    asked = InformationRequest.objects.create(
        claim=current,
        asked_for=asked_for,
        answer_by=answer_by,
        asked_at=now,
        asked_by=by,
        remind_at=information.next_look(current.contract, answer_by, now, now),
    )
    letters.information_requested(asked, now=now)
    return asked


@transaction.atomic
def answer_information(*, request: InformationRequest, answer: str, by: User, now: datetime) -> InformationRequest:
    """S19: the customer answers, and the claim is in review again. The same answer sent twice is one.

    `request` is the one that the customer has read, though another may be open by now. Raises Refused at and after its deadline, when
    it was taken back, and for a second answer with other words. One that came in time counts, though an act of the desk, or the clock,
    has ended the request while it waited for the lock (T4).
    """
    claim = locked(request.claim, now)
    asked = claim.information_requests.get(pk=request.pk)
    if asked.answered_at:
        if asked.answer == answer:
            return asked
        raise Refused(OTHER_ANSWERS)
    if asked.ended_by_id:
        raise Refused(_TAKEN_BACK)
    if now >= asked.answer_by or claim.state not in TO_DECIDE:
        raise Refused(_OVER)
    record("claim.information_given", matter=claim.reference, by=by, now=now)
    waited_for = asked.ended_at is None
    asked.answer, asked.answered_at, asked.answered_by = answer, now, by
    asked.remind_at = asked.ended_at = None
    asked.save()
    if waited_for:
        claim.state = ClaimState.IN_REVIEW
        claim.save(update_fields=["state"])
    return asked


@transaction.atomic
def take_back_request(*, claim: Claim, by: User, now: datetime) -> Claim:
    """S19: the reviewer needs it no longer, and the claim is in review again. Raises Refused if it is not waited for any more."""
    current = locked_in(claim, now, ClaimState.INFORMATION_REQUESTED)
    record("claim.request_taken_back", matter=current.reference, by=by, now=now)
    end_request(current, by, now)
    current.state = ClaimState.IN_REVIEW
    current.save(update_fields=["state"])
    return current


@transaction.atomic
def end_unanswered(*, informationrequest: InformationRequest, now: datetime) -> bool:
    """S19: its deadline has passed without an answer. The moment on record is the deadline. False if it was settled meanwhile."""
    locked(informationrequest.claim, now)
    informationrequest.refresh_from_db(fields=["ended_at", "ended_by"])
    return informationrequest.ended_at is not None and informationrequest.ended_by_id is None
