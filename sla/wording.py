"""What a customer reads of a claim's states and of what happened to it: one mapping for page and PDF.

What is not named here is the vendor's own work (a proposal, a struck line before its decision) and is not shown.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from entitlements.wording import duration_in_words, moment_in_short, money_in_words
from sla.rules.lifecycle import ClaimState
from sla.rules.outages import AvailabilityOutage, Piece

EVENT_TITLES = {
    "failure.reported": "Failure reported",
    "failure.found": "Put on record by us, from our logs",
    "failure.matched": "Matched with our logs",
    "failure.reminder": "Reminder of the claim written",
    "failure.window_ended": "The time to claim ended",
    "failure.window_extended": "The time to claim was extended",
    "failure.window_widened": "Our logs made the time to claim longer",
    "claim.begun": "Claim begun",
    "claim.transactions_added": "Lost transactions added",
    "claim.transactions_brought_in": "Lost transactions brought in by a file",
    "claim.transactions_taken_out": "Lost transactions of a file taken out",
    "claim.transaction_removed": "Lost transaction removed",
    "claim.by_transactions": "Claimed by the list of transactions again",
    "claim.rates_saved": "Claimed by the rate of the months before",
    "claim.expenses_saved": "Questions about expenses answered",
    "claim.contact_saved": "Contact and consent saved",
    "evidence.added": "Document added",
    "evidence.removed": "Document removed",
    "evidence.opened": "Document opened",
    "evidence.scanned": "Document scanned",
    "claim.declared": "Answers declared to be true",
    "claim.reminder": "Reminder of the draft written",
    "claim.sent": "Claim sent and received",
    "claim.sent_itself": "Claim sent by itself and received",
    "claim.lapsed": "The time to claim ended; the draft lapsed",
    "claim.window_widened": "Our logs made the time to claim longer",
    "claim.window_extended": "The time to claim was extended",
    "claim.withdrawn": "Claim withdrawn",
    "claim.taken": "Review begun",
    "claim.information_requested": "We asked you for more",
    "claim.information_given": "You answered what we asked",
    "claim.not_answered": "The time to answer ended; we go on with the claim as it stands",
    "claim.request_taken_back": "We need no answer any more",
    "claim.request_reminder": "Reminder of what we asked written",
    "claim.second_look_asked": "Second look asked for",
    "claim.second_look_declined": "The decision stands after your question",
    "claim.reopened": "Claim reopened for a second look",
    "claim.came_in_writing": "The same claim came in writing, in place of this draft",
    "claim.came_too_late": "Claim that came in writing, after its time had ended, put on record",
    "claim.received_in_writing": "Claim that came in writing put on record",
    "claim.audit_opened": "Audit opened",
    "claim.audit_closed": "Audit closed; the claim is in review again",
    "claim.lateness_waived": "We let the claim in although it was late",
    "claim.approved": "Claim approved",
    "claim.denied": "Claim denied",
    "claim.credited": "Credit posted",
    "claim.covered": "Closed, since your credit for the same cause covers it",
    "credit.application": "Credit applied to an invoice",
    "credit.reversal": "Reversed in the ledger of credits",
    "credit.correction": "Corrected in the ledger of credits",
    "claim.exclusion_changed": "What we found of causes changed, and the claim is judged by it",
    "claim.maintenance_changed": "Our records of maintenance changed, and the claim is judged by them",
    "engagement.requested": "Session requested",
    "engagement.scheduled": "Session scheduled",
    "engagement.declined": "Session declined",
    "engagement.withdrawn": "Request withdrawn",
    "engagement.cancelled": "Session cancelled",
    "engagement.follow_up_cancelled": "Follow-up cancelled",
    "engagement.delivered": "Session delivered",
    "engagement.no_show": "Session missed",
    "engagement.lapsed": "Request lapsed",
}

STATE_SENTENCES = {
    ClaimState.DRAFT: "You have not sent this claim yet. The next step is yours.",
    ClaimState.SUBMITTED: "We have received your claim and will check it. You need to do nothing.",
    ClaimState.IN_REVIEW: "We are checking your claim against our logs. You need to do nothing.",
    ClaimState.INFORMATION_REQUESTED: "We asked you for more. The next step is yours.",
    ClaimState.IN_AUDIT: "An audit of the records is under way. You need to do nothing unless the auditor asks.",
    ClaimState.APPROVED: "Your claim is approved. We will post the credit; you need to do nothing.",
    ClaimState.CREDITED: "Your claim is approved and the credit is posted. Nothing is left to do.",
    ClaimState.DENIED: "Your claim was denied, for the reasons below. If you disagree, ask us once to look again.",
    ClaimState.WITHDRAWN: "You withdrew this claim. A failure can be claimed again while its own deadline has not passed.",
    ClaimState.LAPSED: "This draft was not sent before its deadline. Nothing in it was deleted.",
    ClaimState.COVERED: "Another claim stands in place of this one: for the same cause or, as it reached us in writing, for the same "
    "failure. What is listed here is no part of that one.",
}

BOUNDS = {
    "remedy": "the loss itself, the least of the three bounds",
    "fees": "the bound that the annual fees set, the least of the three",
    "cap": "the cap of one credit, the least of the three bounds",
}

STEP_OF_WHAT_IS_MISSING = {
    "transactions": "claim_transactions",
    "evidence": "claim_evidence",
    "contact": "claim_contact",
    "declaration": "claim_check",
}

NEXT = (
    "We check the claim against our logs and your documents, and write to your contact with the decision, or with a question first. "
    "You need to do nothing. Documents can still be added until the time to claim ends."
)

SOLE_REMEDY = (
    "A service credit is all that the terms give for a delivery failure: there is no other remedy for it. "
    "The terms are part of your contract."
)


CAME_TOO_LATE = (
    "This claim came in writing after its time had ended, so it does not count as it stands. It is kept as it came."
)
LOOKING_AGAIN = "Your claim was denied, and you asked us to look again. The next step is ours: we answer in writing."


def state_sentence(state: str) -> str:
    return STATE_SENTENCES[ClaimState(state)]


def maintenance_window(window: Any, zone: ZoneInfo) -> str:
    """A range of instants for a list: 'Sun Dec 6, 2026, 1:00 a.m. PST – Sun Dec 6, 2026, 3:00 a.m. PST'; – for none."""
    if window is None:
        return "–"
    end = moment_in_short(window.upper, zone) if window.upper else "still running"
    return f"{moment_in_short(window.lower, zone)} – {end}"


def verdict_on(piece: Piece) -> str:
    """S2: '29 min 59 s: not an Availability Outage'."""
    kind = "an" if isinstance(piece, AvailabilityOutage) else "not an"
    so_far = " so far" if piece.open else ""
    return f"{duration_in_words(piece.span.length)}{so_far}: {kind} Availability Outage"


def line_of_ledger(kind: str, amount: Decimal, currency: str, corrected: str = "") -> str:
    """What a line of the ledger does: `amount` signed as it stands there, `corrected` the kind of the line that it undoes or corrects."""
    size = money_in_words(abs(amount), currency)
    match kind:
        case "grant":
            return f"Credit of {size} granted"
        case "application":
            return f"{size} applied to an invoice"
        case "reversal":
            return f"Application of {size} undone" if corrected == "application" else f"Credit of {size} reversed"
    what = "Application" if corrected == "application" else "Credit"
    return f"{what} corrected by {money_in_words(amount, currency)}"
