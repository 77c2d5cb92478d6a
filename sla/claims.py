"""A claim as its customer reads it once it is out of their hands: its state in a sentence, its receipt, its decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from entitlements import missed
from entitlements.access import Visitor
from entitlements.models.worded import Worded
from entitlements.rules.working import Step
from sla.actions.decisions import cause_is_credited
from sla.actions.drafts import window_ended
from sla.actions.second_looks import CAN_BE_ASKED_ABOUT, asked_about
from sla.assessment import assess, read_what_judges
from sla.checklists import Line, applied_in_words
from sla.drafts import entered, rates_of
from sla.entries import entry_of
from sla.findings import not_counted_in_brief
from sla.information import waiting_for
from sla.models import TO_DECIDE, Claim, CreditEntry, Failure, InformationRequest, Proposal
from sla.receipts import received_of
from sla.rules.claim_window import is_in_time
from sla.rules.lifecycle import CLAIM_MOVES, ClaimState
from sla.terms_shown import terms_shown
from sla.timeline import timeline_of
from sla.wording import BOUNDS, CAME_TOO_LATE, LOOKING_AGAIN, state_sentence

TAKES_LATER_EVIDENCE = (ClaimState.SUBMITTED, ClaimState.IN_REVIEW, ClaimState.INFORMATION_REQUESTED)
"""While the time to claim runs; in the last, until its own deadline as well."""


def after_sending(claim: Claim, reader: Visitor, now: datetime) -> dict[str, Any]:
    """What the page of a claim shows. A draft whose window has ended is lapsed for its reader, whether the sweep has run or not."""
    asked = waiting_for(claim, now)
    shown = _shown_state(claim, asked)
    decided = decision_of(claim)
    looks = list(claim.second_looks.select_related("asked_by"))
    failures = claim.read_failures()
    read_what_judges(claim.contract)
    came = entry_of(claim) if shown == ClaimState.LAPSED else None
    looking_again = shown == ClaimState.DENIED and any(look.settled_at is None for look in looks)
    return {
        "shown_state": shown,
        "asked": asked,
        "audit": claim.audits.open().select_related("auditor").first() if shown == ClaimState.IN_AUDIT else None,
        "asked_before": claim.information_requests.settled(now).select_related("answered_by"),
        "second_looks": looks,
        "looking_again": looking_again,
        "can_ask_again": can_be_asked_about(claim),
        "sentence": CAME_TOO_LATE if came else LOOKING_AGAIN if looking_again else state_sentence(shown),
        "terms_shown": terms_shown(claim.contract, [one.occurred_at for one in failures]),
        "closed": window_ended() if shown == ClaimState.LAPSED else None,
        "came": came,
        "decision": decided,
        "covered_by": cause_is_credited(claim) if shown == ClaimState.COVERED else None,
        "applied": _applied(claim, decided, failures, now),
        "not_counted": not_counted_in_brief(decided.working) if decided else [],
        "bound": BOUNDS.get(decided.bound, "") if decided else "",
        "credits": CreditEntry.objects.filter(credit__claim=claim).select_related("credit"),
        "missed": missed.of([claim.reference, *(one.reference for one in failures)], now),
        "events": timeline_of([claim.reference], reader=reader),
        "withdrawable": can_be_withdrawn(claim) and not claim.is_draft,
        "takes_evidence": takes_later_evidence(claim, now),
        **entered(claim, decision=decided.working if decided else None, failures=failures),
    }


def _shown_state(claim: Claim, asked: InformationRequest | None) -> ClaimState:
    """As a clock on time has left it (T3)."""
    if claim.state == ClaimState.INFORMATION_REQUESTED and asked is None:
        return ClaimState.IN_REVIEW
    return ClaimState.LAPSED if claim.is_draft else ClaimState(claim.state)


def decision_of(claim: Claim) -> Proposal | None:
    """S19: the decision that stands; None while there is none, or since the claim was reopened."""
    if claim.is_draft or claim.state in TO_DECIDE:
        return None
    found: Proposal | None = _APPROVED.one(claim.pk)
    return found


_APPROVED = Worded(
    lambda claim: Proposal.objects.filter(claim=claim, approved_at__isnull=False).select_related("edition")
)


def can_be_asked_about(claim: Claim) -> bool:
    """S19: a denial can be looked at again, and that a claim is covered, once for a decision."""
    ended = claim.received_at is not None and claim.state in CAN_BE_ASKED_ABOUT
    return ended and not asked_about(claim).exists()


def _applied(claim: Claim, decided: Proposal | None, failures: list[Failure], now: datetime) -> list[Line]:
    """S6: what excluded anything of it: as the decision froze it, or by our records now."""
    if decided:
        return applied_in_words(Step.from_json(decided.working))
    if claim.state not in TO_DECIDE:
        return []
    return applied_in_words(assess(claim, now=now, in_sums=True, failures=failures).working)


def receipt_of(claim: Claim) -> dict[str, Any]:
    """S13: what was received; later documents have their own time and are not part of it."""
    received = received_of(claim)
    return {
        "received": received,
        "zone": received.zone,
        "lines": claim.transactions.all(),
        "rates": rates_of(claim),
        "files": claim.evidence.filter(removed_at__isnull=True, later=False),
    }


def can_be_withdrawn(claim: Claim) -> bool:
    return ClaimState.WITHDRAWN in CLAIM_MOVES[ClaimState(claim.state)]


def takes_later_evidence(claim: Claim, now: datetime) -> bool:
    """S13: documents can follow until the window ends, and after it when they were asked for."""
    in_time = is_in_time(now, claim.closes_at)
    return claim.state in TAKES_LATER_EVIDENCE and (in_time or waiting_for(claim, now) is not None)
