"""The reviewer's verbs of the queue (S19, M5.2): put a claim aside until a day, and take it up again; name what its cause is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from sla import outage_letters
from sla.actions.decisions import cause_is_credited
from sla.actions.reviews import UNDER_REVIEW, locked_in, refuse_the_claimants_own, refuse_while_a_proposal_waits
from sla.models import Cause, Claim, ClaimState, Credit, Failure


@transaction.atomic
def put_aside(*, claim: Claim, until: datetime, why: str, by: User, now: datetime) -> Claim:
    """M5.2: it leaves the queue until then (UTC), and comes back by itself. No deadline of it moves. Raises Refused for a moment
    that is over."""
    current = locked_in(claim, now, *UNDER_REVIEW)
    if until <= now:
        raise Refused(Refusal("S19", "no_time", "That moment is over.", "Choose a later day."))
    record("claim.put_aside", matter=current.reference, by=by, now=now, note=why)
    current.aside_until, current.aside_why = until, why
    current.save(update_fields=["aside_until", "aside_why"])
    return current


@transaction.atomic
def take_up_again(*, claim: Claim, by: User, now: datetime) -> Claim:
    """M5.2: it is in the queue again, now. Done twice, it is done once."""
    current = locked_in(claim, now, *UNDER_REVIEW)
    if current.aside_until is None:
        return current
    record("claim.taken_up_again", matter=current.reference, by=by, now=now)
    current.aside_until, current.aside_why = None, ""
    current.save(update_fields=["aside_until", "aside_why"])
    return current


@transaction.atomic
def name_cause(*, claim: Claim, cause: Cause | None, title: str, by: User, now: datetime) -> Claim:
    """S12: a claim whose failures have no cause on record gets one: that of another claim (`cause`), or a new one of this `title`.

    Raises Refused where its cause is that of an outage on record (two that turn out to be one are merged), where the cause was fixed
    before the claim's failures began, and while a proposal waits.
    """
    under = cause and _locked_cause(cause)
    current = locked_in(claim, now, *UNDER_REVIEW)
    refuse_the_claimants_own(current, by)
    refuse_while_a_proposal_waits(current)
    if not can_be_named(current, current.own_failures()):
        raise Refused(
            Refusal(
                "S12", "has_a_cause", "This claim has the cause of its outage.", "If the two are one, merge the causes."
            )
        )
    if under:
        _refuse_a_recurrence(current, under)
    record("claim.cause_named", matter=current.reference, by=by, now=now, note=under.reference if under else title)
    current.cause = under or Cause.objects.create(
        reference=new_reference("CAU"), title=title, opened_at=now, opened_by=by
    )
    current.save(update_fields=["cause"])
    current.failures.filter(outage__isnull=True).update(cause=current.cause)
    return current


def can_be_named(claim: Claim, failures: Iterable[Failure]) -> bool:
    """S12: it has no cause, or one that was only presumed of late alerts (S8) or named before: no outage of the claim's own failures is
    on record."""
    return claim.cause_id is None or not any(one.outage_id for one in failures)


@transaction.atomic
def cover_claim(*, claim: Claim, by: User, now: datetime) -> Claim:
    """S12, S19: the customer's credit for the same cause covers it; the claim ends without one of its own. Raises Refused where no
    other claim was credited for its cause, where nothing of that credit stands, and where no outage on record says that the cause
    is the same: then two people decide."""
    credit = _locked_credit(claim)
    current = locked_in(claim, now, *UNDER_REVIEW)
    refuse_the_claimants_own(current, by)
    refuse_while_a_proposal_waits(current)
    if credit is None or cause_is_credited(current) != credit:
        raise Refused(
            Refusal("S12", "not_credited", "No credit of this customer covers its cause.", "Decide the claim.")
        )
    if not credit.granted:
        raise Refused(
            Refusal("S12", "undone", f"{credit.reference} was undone, so it covers nothing.", "Decide the claim.")
        )
    if can_be_named(current, current.own_failures()):
        raise Refused(
            Refusal(
                "S12",
                "cause_was_named",
                "No outage on record says that the cause is the same; a reviewer named it.",
                "Propose to deny the claim on S12: a second person approves that.",
            )
        )
    record("claim.covered", matter=current.reference, by=by, now=now, note=credit.reference)
    current.state, current.closed_at = ClaimState.COVERED, now
    current.save(update_fields=["state", "closed_at"])
    outage_letters.claim_covered(current, credit=credit.reference, now=now)
    return current


def _locked_credit(claim: Claim) -> Credit | None:
    """S12: what covers the claim, if anything does. Before the claim itself, as who undoes a credit locks it: nothing of it is taken
    away until the claim has ended by it."""
    found = cause_is_credited(Claim.objects.select_related("contract").get(pk=claim.pk))
    return found and Credit.objects.select_for_update(no_key=True).get(pk=found.pk)


def _locked_cause(cause: Cause) -> Cause:
    """Before any claim, as a merge locks it."""
    return Cause.objects.select_for_update(no_key=True).get(pk=cause.pk)


def _refuse_a_recurrence(claim: Claim, cause: Cause) -> None:
    """S12: a cause takes in nothing that began after its fix."""
    began = claim.own_failures().order_by("began_at").values_list("began_at", flat=True)
    if cause.merged_into_id or any(not cause.facts().takes_in(one) for one in began):
        raise Refused(
            Refusal(
                "S12",
                "recurrence",
                f"{cause.reference} was fixed before this began, or is part of another cause.",
                "A recurrence after the fix is a new cause: name a new one.",
            )
        )
