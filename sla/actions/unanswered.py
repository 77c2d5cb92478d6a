"""What becomes of a request for information that is not answered (S19, T3)."""

from __future__ import annotations

from datetime import datetime

from entitlements.actions.log import record
from entitlements.models import User
from sla import information
from sla.models import Claim, ClaimState


def return_unanswered(claim: Claim, now: datetime) -> None:
    """S19, T3: a claim whose request has passed its deadline is in review again as of then, as it stands. Under the claim's lock."""
    if claim.state != ClaimState.INFORMATION_REQUESTED:
        return
    for asked in claim.information_requests.over(now):
        record("claim.not_answered", matter=claim.reference, by=None, now=asked.answer_by)
        information.note_missed(asked, claim, now)
        asked.ended_at, asked.remind_at = asked.answer_by, None
        asked.save(update_fields=["ended_at", "remind_at"])
        claim.state = ClaimState.IN_REVIEW
        claim.save(update_fields=["state"])


def end_request(claim: Claim, by: User, now: datetime) -> None:
    """S19: nothing is asked any more, since the claim is taken back or the reviewer needs it no longer. Under the claim's lock."""
    claim.information_requests.open().update(ended_at=now, ended_by=by, remind_at=None)
