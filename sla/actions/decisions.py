"""The desk's verbs of a claim (S9, S11, S12, S19): take it, judge its lines, propose, approve or return, post the credit.

What one person proposes another approves: the database refuses anything else, whoever asks. `now` is the database's clock, UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from entitlements import access
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.failpoints import failpoint
from entitlements.models import User
from entitlements.models.worded import Worded
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from sla import approval_letters, credit_letters, letters
from sla.actions.outages import locked_outage
from sla.actions.reviews import (
    UNDER_REVIEW,
    locked_in,
    refuse_the_claimants_own,
    refuse_while_a_proposal_waits,
    take,
)
from sla.actions.windows import widen_windows
from sla.assessment import ClaimAssessment, assess
from sla.covered import kept_for
from sla.elections import takes_effect_before
from sla.inputs import freeze, says_the_same
from sla.lines import OfDocument, documents_of, reason_against_undocumented
from sla.models import Claim, ClaimState, Credit, CreditEntry, Failure, LostTransaction, Outage, Proposal
from sla.rules.lifecycle import reason_against_approver, reason_against_denial

Outcome = Proposal.Outcome
_SECOND_CREDIT = Refusal(
    "S12",
    "one_cause",
    "This customer already has a credit for the same cause.",
    "Return the proposal; the claim is covered by the first credit.",
)


@transaction.atomic
def take_claim(*, claim: Claim, by: User, now: datetime) -> Claim:
    """S19: a reviewer takes a claim; from now on it is in review. Taking one that a colleague has is told, not refused.

    Raises Refused for one of the customer's own people.
    """
    current = locked_in(claim, now, *UNDER_REVIEW)
    refuse_the_claimants_own(current, by)
    record("claim.taken", matter=current.reference, by=by, now=now)
    take(current, by, now)
    current.save()
    return current


@transaction.atomic
def assign_outage(*, claim: Claim, outage: Outage, by: User, now: datetime) -> Claim:
    """S2, S12: name the recorded outage that a claim's failures are, and with it their single cause.

    Raises Refused for an outage of which the server logs have no downtime of this customer, while a proposal waits, and for one of
    the customer's own people.
    """
    known = locked_outage(outage)
    current = _to_be_judged(claim, by, now)
    if not known.downtimes.of(current.contract.customer).exists():
        raise Refused(
            Refusal(
                "S2",
                "not_theirs",
                f"The logs of {known.reference} have no downtime of {current.contract.customer}.",
                "Assign the outage that this customer had.",
            )
        )
    record("claim.outage_assigned", matter=current.reference, by=by, now=now, note=known.reference)
    current.own_failures().filter(kind=Failure.Kind.OUTAGE).update(outage=known, cause=known.cause)
    current.own_failures().filter(outage__isnull=True).update(cause=known.cause)
    current.cause = known.cause
    current.save()
    widen_windows(known, by=by, now=now)
    return current


@transaction.atomic
def strike_line(*, line: LostTransaction, reason: str, note: str, by: User, now: datetime) -> LostTransaction:
    """S9: strike a transaction out, with the reason on the line. Raises Refused as `assign_outage`."""
    current = _to_be_judged(line.claim, by, now)
    record(
        "claim.line_struck",
        matter=current.reference,
        by=by,
        now=now,
        note=f"line {line.line}: {LostTransaction.Strike(reason).label}",
    )
    line.struck, line.struck_note, line.struck_at, line.struck_by = reason, note, now, by
    line.kept_note = ""
    line.save()
    return line


@transaction.atomic
def keep_line(*, line: LostTransaction, by: User, now: datetime) -> LostTransaction:
    """S9: let a transaction count after all. Raises Refused as `assign_outage`."""
    current = _to_be_judged(line.claim, by, now)
    record("claim.line_kept", matter=current.reference, by=by, now=now, note=f"line {line.line}")
    line.struck, line.struck_note, line.struck_at, line.struck_by = "", "", None, None
    line.save()
    return line


@transaction.atomic
def propose_decision(*, claim: Claim, outcome: str, grounds: str, by: User, now: datetime) -> Proposal:
    """S19: propose to approve what the rules give, or to deny with grounds; the figures and their working are frozen here.

    Raises Refused for one of the customer's own people, for an approval that lacks a documented failure, amount, cause or fee, or the
    document of an amount that counts (each named), for a denial whose grounds name no clause, or while another waits.
    """
    current = _to_be_judged(claim, by, now)
    failures = current.read_failures()
    _refuse_while_the_terms_change(current, failures, now)
    assessment = assess(current, now=now, failures=failures)
    if outcome == Outcome.APPROVE:
        _refuse_what_cannot_be_approved(current, failures, assessment)
    elif refusal := reason_against_denial(grounds):
        raise Refused(refusal)
    record("claim.decision_proposed", matter=current.reference, by=by, now=now, note=outcome)
    if current.state == ClaimState.SUBMITTED:
        take(current, by, now)
        current.save()
    proposal = Proposal.objects.create(
        claim=current,
        outcome=outcome,
        grounds=grounds,
        claimed=assessment.claimed,
        assessed=assessment.assessed,
        capped=assessment.capped,
        credited=assessment.capped if outcome == Outcome.APPROVE else None,
        bound=(assessment.figures and assessment.figures.credit.bound) or "",
        edition=assessment.edition,
        cause=current.cause,
        working=assessment.working.as_json(),
        proposed_at=now,
        proposed_by=by,
    )
    freeze(proposal, assessment, now=now)
    approval_letters.wanted(proposal, now=now)
    return proposal


@transaction.atomic
def approve_proposal(*, proposal: Proposal, by: User, now: datetime) -> Proposal:
    """S12, S19: a second person approves; an approved credit is posted, once for the customer and the cause.

    Raises Refused for the proposer, for somebody who may not approve, for one of the customer's own people, for a proposal that
    was settled meanwhile or whose facts have changed since, and for a second credit of the same cause.
    """
    claim = locked_in(proposal.claim, now, ClaimState.IN_REVIEW)
    current = _waiting(proposal, claim)
    people = {"proposed_by": current.proposed_by_id, "approver": by.pk}
    if refusal := reason_against_approver(**people, may_approve=access.may_approve(by)):
        raise Refused(refusal)
    refuse_the_claimants_own(claim, by)
    failures = claim.read_failures()
    _refuse_while_the_terms_change(claim, failures, now)
    _refuse_if_facts_changed(current, claim, failures)
    verb = "claim.approved" if current.outcome == Outcome.APPROVE else "claim.denied"
    record(verb, matter=claim.reference, by=by, now=now, note=current.grounds)
    current.approved_at, current.approved_by = now, by
    current.save(update_fields=["approved_at", "approved_by"])
    claim.state = ClaimState.APPROVED if current.outcome == Outcome.APPROVE else ClaimState.DENIED
    claim.closed_at = now
    claim.save(update_fields=["state", "closed_at"])
    letters.claim_decided(current, now=now)
    approval_letters.settled(current, now=now)
    if current.outcome == Outcome.APPROVE:
        _post_credit(claim, current, now=now)
    return current


@transaction.atomic
def return_proposal(*, proposal: Proposal, reason: str, by: User, now: datetime) -> Proposal:
    """S19: send a proposal back to the review, with a reason; its proposer may also take it back."""
    claim = locked_in(proposal.claim, now, ClaimState.IN_REVIEW)
    current = _waiting(proposal, claim)
    record("claim.proposal_returned", matter=claim.reference, by=by, now=now, note=reason)
    current.returned_at, current.returned_by, current.return_reason = now, by, reason
    current.save(update_fields=["returned_at", "returned_by", "return_reason"])
    approval_letters.settled(current, now=now)
    return current


def _to_be_judged(claim: Claim, by: User, now: datetime) -> Claim:
    current = locked_in(claim, now, *UNDER_REVIEW)
    refuse_the_claimants_own(current, by)
    refuse_while_a_proposal_waits(current)
    return current


def _post_credit(claim: Claim, proposal: Proposal, *, now: datetime) -> CreditEntry:
    """S12: one credit for a customer and a cause. Two reviewers at one moment meet at the database's constraint."""
    approver, amount, cause = proposal.approved_by, proposal.credited, proposal.cause
    if approver is None or amount is None or cause is None:
        raise ValueError("an approved proposal has its approver, amount and cause; the database holds it to that")
    record("claim.credited", matter=claim.reference, by=approver, now=now)
    customer = claim.contract.customer
    if cause_is_credited(claim):
        raise Refused(_SECOND_CREDIT)
    try:
        with transaction.atomic():
            posted = Credit.objects.create(
                reference=new_reference("CR"), customer=customer, cause=cause, claim=claim, proposal=proposal
            )
    except IntegrityError as second:
        if "one_credit_for_a_single_cause" not in str(second):
            raise
        raise Refused(_SECOND_CREDIT) from second
    entry = CreditEntry.objects.create(
        credit=posted,
        customer=customer,
        kind=CreditEntry.Kind.GRANT,
        amount=amount,
        currency=claim.contract.currency,
        proposed_by=proposal.proposed_by,
        approved_by=approver,
        posted_at=now,
        made_out_to=customer.name,
    )
    claim.state = ClaimState.CREDITED
    claim.save(update_fields=["state"])
    credit_letters.credit_posted(entry, now=now)
    failpoint("credit.posted")
    return entry


def cause_is_credited(claim: Claim) -> Credit | None:
    """S12: the credit that the customer already has for the claim's cause, or for one that is about to be merged with it: the credit of
    the cause was set off. None if there is none."""
    if claim.cause_id is None:
        return None
    found: Credit | None = _OF_CAUSE.one(claim.cause_id, claim.contract.customer_id)
    return found and kept_for(found)


def _of_cause(cause: int, customer: int) -> QuerySet[Credit]:
    """What is not void comes first."""
    credits = Credit.objects.filter(cause=cause, customer=customer)
    return credits.order_by(F("voided_at").desc(nulls_first=True), "pk")


_OF_CAUSE = Worded(_of_cause)


def reasons_against_proposing(
    claim: Claim,
    failures: list[Failure],
    assessment: ClaimAssessment,
    documents: Iterable[OfDocument],
    earlier: Credit | None,
) -> list[Refusal]:
    """S12, S19: all that an approval lacks, each with what would help; empty if it can be proposed. `documents` are what the lines that
    count name; `earlier` is what `cause_is_credited` answers."""
    found = [*assessment.obstacles]
    if bare := reason_against_undocumented(documents):
        found.append(bare)
    if claim.cause_id is None:
        found.append(
            Refusal("S12", "no_cause", "The claim names no cause.", "Assign the recorded outage, or name the cause.")
        )
    elif any(one.cause_id not in (None, claim.cause_id) for one in failures):
        found.append(
            Refusal("S12", "two_causes", "Its failures have more than one cause.", "Merge the causes, if they are one.")
        )
    if earlier:
        sentence = f"{earlier.reference} already credits this cause."
        found.append(Refusal("S12", "one_cause", sentence, "Deny it as covered, or change the cause."))
    return found


def _refuse_what_cannot_be_approved(claim: Claim, failures: list[Failure], assessment: ClaimAssessment) -> None:
    documents = documents_of(claim, assessment.union.counted.spans)
    if reasons := reasons_against_proposing(claim, failures, assessment, documents, cause_is_credited(claim)):
        raise Refused(*reasons)


def _refuse_while_the_terms_change(claim: Claim, failures: list[Failure], now: datetime) -> None:
    """S16, T3: what occurred after the time to choose had ended is judged when the election has taken effect."""
    if election := takes_effect_before(claim.contract, [one.occurred_at for one in failures], now):
        sentence = f"The time to choose in election {election} has ended, and its effect, from before this occurred, is not on record yet."
        raise Refused(
            Refusal("S16", "takes_effect", sentence, "The clock writes it within minutes; judge the claim then.")
        )


def _refuse_if_facts_changed(proposal: Proposal, claim: Claim, failures: list[Failure]) -> None:
    """S19: a proposal is approved on the facts that it was made on: what is on record today, judged as of its own moment."""
    working = assess(claim, now=proposal.proposed_at, failures=failures).working.as_json()
    if not says_the_same(working, proposal.working) or claim.cause_id != proposal.cause_id:
        raise Refused(
            Refusal(
                "S19",
                "facts_changed",
                "Facts have changed since this was proposed, so its figures no longer hold.",
                "Return it, look at the new figures, and propose again.",
            )
        )


def _waiting(proposal: Proposal, claim: Claim) -> Proposal:
    """Under its lock, with its claim as that is under its own."""
    locked = Proposal.objects.select_for_update(of=("self",)).select_related("cause", "proposed_by")
    current = locked.get(pk=proposal.pk, claim=claim)
    current.claim = claim
    if current.approved_at or current.returned_at:
        raise Refused(Refusal("S19", "settled", "This proposal was settled meanwhile.", "Look at the claim again."))
    return current
