"""A claim as its customer reads it once it is out of their hands: its state in a sentence, its receipt, its decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from entitlements import missed
from entitlements.access import Visitor
from sla.actions.drafts import window_ended
from sla.drafts import entered
from sla.models import Claim, CreditEntry
from sla.rules.claim_window import is_in_time
from sla.rules.lifecycle import CLAIM_MOVES, ClaimState
from sla.timeline import timeline_of
from sla.wording import BOUNDS, state_sentence

TAKES_LATER_EVIDENCE = (ClaimState.SUBMITTED, ClaimState.IN_REVIEW, ClaimState.INFORMATION_REQUESTED)


def after_sending(claim: Claim, reader: Visitor, now: datetime) -> dict[str, Any]:
    """What the page of a claim shows. A draft whose window has ended is lapsed for its reader, whether the sweep has run or not."""
    shown = ClaimState.LAPSED if claim.is_draft else ClaimState(claim.state)
    decided = claim.proposals.filter(approved_at__isnull=False).select_related("edition").first()
    return {
        "shown_state": shown,
        "sentence": state_sentence(shown),
        "closed": window_ended() if shown == ClaimState.LAPSED else None,
        "decision": decided,
        "bound": BOUNDS.get(decided.bound, "") if decided else "",
        "credits": CreditEntry.objects.filter(credit__claim=claim).select_related("credit"),
        "missed": missed.of([claim.reference, *claim.failures.values_list("reference", flat=True)], now),
        "events": timeline_of([claim.reference], reader=reader),
        "withdrawable": can_be_withdrawn(claim) and not claim.is_draft,
        "takes_evidence": takes_later_evidence(claim, now),
        **entered(claim, decision=decided.working if decided else None),
    }


def receipt_of(claim: Claim) -> dict[str, Any]:
    """S13: what was received; later documents have their own time and are not part of it."""
    return {
        "failures": claim.failures.select_related("contract"),
        "lines": claim.transactions.all(),
        "files": claim.evidence.filter(removed_at__isnull=True, later=False).select_related("uploaded_by"),
    }


def can_be_withdrawn(claim: Claim) -> bool:
    return ClaimState.WITHDRAWN in CLAIM_MOVES[ClaimState(claim.state)]


def takes_later_evidence(claim: Claim, now: datetime) -> bool:
    """S13: documents can follow until the window ends, and after it when they were asked for."""
    if claim.state == ClaimState.INFORMATION_REQUESTED:
        return True
    return claim.state in TAKES_LATER_EVIDENCE and is_in_time(now, claim.closes_at)
