"""The published list of states: one word, one shape and one tone for each, the same for every reader (X6)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class State:
    """A state as every reader meets it: its word, its shape (drawn on a page, `sign` in text) and its tone."""

    word: str
    shape: str
    sign: str
    tone: str


STATES: dict[str, State] = {
    # engagements
    "requested": State("Requested", "ring", "○", "open"),
    "scheduled": State("Scheduled", "dot", "●", "open"),
    "delivered": State("Delivered", "tick", "✓", "good"),
    "declined": State("Declined", "cross", "×", "ended"),
    "cancelled": State("Cancelled", "bar", "–", "ended"),
    "no_show": State("No-show", "dashes", "◌", "ended"),
    # contracts
    "active": State("Active", "tick", "✓", "good"),
    "suspended": State("Suspended", "bar", "–", "asks"),
    "terminated": State("Terminated", "cross", "×", "ended"),
    # claims; the last two of engagements, too
    "draft": State("Draft", "dashes", "◌", "quiet"),
    "submitted": State("Submitted", "dot", "●", "open"),
    "in_review": State("In review", "half", "◐", "open"),
    "information_requested": State("Information requested", "diamond", "◆", "asks"),
    "in_audit": State("In audit", "lens", "◎", "open"),
    "approved": State("Approved", "tick", "✓", "good"),
    "credited": State("Credited", "seal", "■", "good"),
    "denied": State("Denied", "cross", "×", "ended"),
    "covered": State("Covered", "rings", "∞", "quiet"),
    "withdrawn": State("Withdrawn", "bar", "–", "ended"),
    "lapsed": State("Lapsed", "hourglass", "⧗", "ended"),
    # editions
    "proposed": State("Proposed", "half", "◐", "open"),
    "published": State("Published", "seal", "■", "good"),
    # recommendations
    "open": State("Open", "ring", "○", "open"),
    "done": State("Done", "tick", "✓", "good"),
    # tasks of a form
    "completed": State("Completed", "tick", "✓", "good"),
    "in_progress": State("In progress", "half", "◐", "open"),
    "not_started": State("Not yet started", "ring", "○", "quiet"),
    "cannot_start": State("Cannot start yet", "dashes", "◌", "quiet"),
    # failures
    "reported": State("Reported", "ring", "○", "open"),
    "claimed": State("Claim begun", "half", "◐", "open"),
    "closed": State("Closed", "hourglass", "⧗", "ended"),
    # outages and their causes
    "investigating": State("Investigating", "lens", "◎", "asks"),
    "identified": State("Identified", "half", "◐", "open"),
    "monitoring": State("Monitoring", "dot", "●", "open"),
    "resolved": State("Resolved", "tick", "✓", "good"),
    "fixed": State("Fixed", "half", "◐", "open"),
    # rows of an import
    "new": State("New", "dot", "●", "good"),
    "changed": State("Changed", "half", "◐", "open"),
    "unchanged": State("Unchanged", "bar", "–", "quiet"),
    # maintenance
    "planned": State("Planned", "ring", "○", "open"),
    "running": State("Running", "half", "◐", "asks"),
    # withdrawals and elections
    "prepared": State("Prepared", "dashes", "◌", "quiet"),
    "released": State("Released", "seal", "■", "good"),
    "notice_on_its_way": State("Notice being sent", "ring", "○", "open"),
    "notice_not_given": State("Notice not given", "diamond", "◆", "asks"),
    "election_open": State("Open", "half", "◐", "open"),
    "election_over": State("Time to choose over", "hourglass", "⧗", "asks"),
    "chosen_shift": State("Chosen: shift", "tick", "✓", "good"),
    "chosen_stay": State("Chosen: stay", "tick", "✓", "good"),
    "defaulted_shift": State("Not chosen: shift", "hourglass", "⧗", "ended"),
    "defaulted_stay": State("Not chosen: stay", "hourglass", "⧗", "ended"),
    "void": State("Void", "bar", "–", "ended"),
    # letters
    "queued": State("Waiting", "ring", "○", "open"),
    "accepted": State("Sent", "tick", "✓", "good"),
    "no_longer_true": State("Not needed", "bar", "–", "quiet"),
    "failed": State("Not sent", "diamond", "◆", "asks"),
    "not_wanted": State("Not wanted", "bar", "–", "quiet"),
    "may_have_gone": State("May have gone", "diamond", "◆", "asks"),
    "bounced": State("Came back", "diamond", "◆", "asks"),
    # people and their links
    "invited": State("Invited", "ring", "○", "open"),
    "joined": State("Joined", "tick", "✓", "good"),
    "expired": State("Expired", "hourglass", "⧗", "ended"),
    "replaced": State("Replaced", "bar", "–", "quiet"),
    "belongs": State("Belongs", "dot", "●", "good"),
    "left": State("Left", "bar", "–", "ended"),
    "confirmed": State("Confirmed", "tick", "✓", "good"),
    "unconfirmed": State("Not confirmed", "ring", "○", "asks"),
    "bouncing": State("Letters come back", "diamond", "◆", "asks"),
    # evidence
    "unscanned": State("Not scanned", "dashes", "◌", "quiet"),
    "clean": State("Clean", "tick", "✓", "good"),
    "refused": State("Refused", "diamond", "◆", "asks"),
}
