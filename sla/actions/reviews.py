"""What every act of the desk on a claim begins with: the claim under its lock as the clock on time has left it (S19, T3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from entitlements import access
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla.actions.drafts import locked
from sla.models import Claim, ClaimState
from sla.seen import how_many_seen

UNDER_REVIEW = (ClaimState.SUBMITTED, ClaimState.IN_REVIEW)
LINES_ARE_JUDGED = (*UNDER_REVIEW, ClaimState.IN_AUDIT)
"""S14: what an audit finds stands on the lines, while it is open too."""
CHANGED_MEANWHILE = Refusal(
    "S19",
    "changed_meanwhile",
    "Somebody has changed this claim since you opened its page.",
    "See below what is different now. What you typed is still here; send it again if it still holds.",
)


def locked_in(claim: Claim, now: datetime, *states: str) -> Claim:
    """The claim under its lock, if it is in one of these states. Raises Refused if it has moved on."""
    current = locked(claim, now)
    if current.state not in states:
        raise Refused(
            Refusal(
                "S19",
                "already_moved_on",
                f"The claim is {current.get_state_display().lower()} by now.",
                "Look at it again.",
            )
        )
    return current


def refuse_the_claimants_own(claim: Claim, by: User) -> None:
    """S19: nobody decides a claim that they have made, or that of a customer whose people they are or were among."""
    made_it = by.pk in (claim.opened_by_id, claim.declared_by_id, claim.submitted_by_id)
    if made_it or access.is_or_was_one_of(claim.contract.customer_id, by):
        raise Refused(
            Refusal(
                "S19",
                "own_claim",
                "Whoever has made the claim, or is or was one of the customer's people, cannot decide it.",
                "Ask a colleague who has no part in it.",
            )
        )


def refuse_while_a_proposal_waits(claim: Claim) -> None:
    if claim.proposals.waiting().exists():
        raise Refused(
            Refusal("S19", "one_waits", "A proposal waits for its approval.", "Return it first, or approve it.")
        )


def return_what_waits(claim: Claim, because: str, by: User, now: datetime) -> None:
    """S19: a proposal is settled by nobody once its claim has ended without it: it goes back, with why."""
    for proposal in claim.proposals.waiting():
        record("claim.proposal_returned", matter=claim.reference, by=by, now=now, note=because)
        proposal.returned_at, proposal.returned_by, proposal.return_reason = now, by, because
        proposal.save()


def take(claim: Claim, by: User, now: datetime) -> None:
    """S19: from now on it is in review, with this reviewer. The caller saves it."""
    claim.state, claim.taken_at, claim.taken_by = ClaimState.IN_REVIEW, now, by


def unless_changed(*, claim: Claim, seen: int | None, by: User, act: Callable[[], object]) -> object:
    """M5.10: do it, unless somebody else has done anything to the claim since `by` opened its page, on which `seen` acts of others
    stood (None: a page that does not say). Those who save at one moment wait for each other here, before anything else is locked.

    Raises Refused with `changed_meanwhile`; what was typed is theirs to send again.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('sla.claim'), %s)", [claim.pk])
        if seen is not None and how_many_seen(claim, by) != seen:
            raise Refused(CHANGED_MEANWHILE)
        return act()
