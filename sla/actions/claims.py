"""The customer's verbs of a claim, and the clock's: begin, fill in, send, withdraw, lapse (S9, S12, S13, S18, S19).

`now` is the database's clock in UTC, read as the first act of the request: what counts as received is received then.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.failpoints import failpoint
from entitlements.models import User
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from sla import reminders
from sla.actions.drafts import (
    SENT_ALREADY,
    TransactionLine,
    add_transactions,
    declare,
    locked,
    not_a_draft,
    receive,
    refuse_after_the_window,
    remove_transaction,
    save_contact,
    saved,
    window_ended,
)
from sla.actions.evidence import add_evidence, remove_evidence
from sla.actions.lapses import lapse
from sla.actions.reviews import return_what_waits
from sla.actions.sendings import send_by_themselves
from sla.actions.unanswered import end_request
from sla.actions.windows import last_window
from sla.assessment import standing_of, terms_on
from sla.completeness import what_is_missing
from sla.models import Claim, ClaimFailure, ClaimState, Failure, FailureState
from sla.rules.claim_window import is_in_time
from sla.rules.lifecycle import Mover, reason_against_move

__all__ = [
    "SENT_ALREADY",
    "TransactionLine",
    "add_evidence",
    "add_transactions",
    "declare",
    "lapse_claim",
    "reason_against_claim",
    "remove_evidence",
    "remove_transaction",
    "save_contact",
    "start_claim",
    "submit_by_itself",
    "submit_claim",
    "withdraw_claim",
]


@transaction.atomic
def start_claim(*, failure: Failure, by: User, now: datetime) -> Claim:
    """S13: begin the claim for a reported failure. One that was begun already is returned; where the contract has a draft for the same
    cause, the failure joins that, since all failures of one cause have a single credit (S8, S12).

    Raises Refused when the failure is out of scope (S1) or its window has ended (S13).
    """
    draft = _draft_of_its_cause(failure, now)
    reported = Failure.objects.select_related("contract__customer", "outage")
    current = reported.select_for_update(of=("self",)).get(pk=failure.pk)
    if begun := Claim.objects.filter(claim_failures__failure=current, claim_failures__released_at__isnull=True).first():
        return begun
    if refusal := reason_against_claim(current, now):
        raise Refused(refusal)
    if draft:
        return _joined(draft, current, by, now)
    reference, terms = new_reference("CLM"), terms_on(current.occurred_at, current.contract)
    record("claim.begun", matter=reference, by=by, now=now, note=current.reference)
    claim = Claim.objects.create(
        reference=reference,
        contract=current.contract,
        cause_id=current.cause_id,
        opened_at=now,
        opened_by=by,
        saved_at=now,
        closes_at=last_window(current, terms, now),
        contact_name=by.name,
        contact_email=by.email,
    )
    ClaimFailure.objects.create(claim=claim, failure=current)
    claim.remind_at = reminders.next_look_at_draft(claim, now)
    claim.save(update_fields=["remind_at"])
    current.state, current.remind_at = FailureState.CLAIMED, None
    current.save(update_fields=["state", "remind_at"])
    return claim


@transaction.atomic
def submit_claim(*, claim: Claim, by: User, received_at: datetime, declared: bool = False) -> Claim:
    """S13, T4: send the claim. Received before its window ends it is in time, at or after it is late, whatever the sweep has done.

    `received_at` is the receipt: the database's clock, read as the first act of the request. Sent twice, it is received once.
    `declared`: the sender declares in the same act, by name, that the answers are true.
    Raises Refused when something is missing (each named) or the window has ended.
    """
    current = locked(claim, received_at)
    failpoint("claim.locked")
    if current.received_at is not None:
        return current
    if not current.is_draft and current.state != ClaimState.LAPSED:
        raise Refused(not_a_draft(current))
    refuse_after_the_window(current, received_at)
    if current.state == ClaimState.LAPSED:
        _take_back_the_lapse(current)
    if declared:
        record("claim.declared", matter=current.reference, by=by, now=received_at)
        current.declared_at, current.declared_by = received_at, by
        current.save(update_fields=["declared_at", "declared_by"])
    if refusals := what_is_missing(current):
        raise Refused(*refusals)
    record("claim.sent", matter=current.reference, by=by, now=received_at)
    current.submitted_by = by
    return receive(current, received_at, now=received_at)


@transaction.atomic
def submit_by_itself(*, claim: Claim, now: datetime) -> bool:
    """S13, T3: a complete draft sends itself one hour before its deadline; that instant is its receipt, however late the clock runs."""
    return bool(send_by_themselves(list(Claim.objects.drafts().select_for_update().filter(pk=claim.pk)), now))


@transaction.atomic
def lapse_claim(*, claim: Claim, now: datetime) -> bool:
    """S13: a draft past its window lapses as of its deadline; nothing in it is deleted. False if it is no draft any more."""
    current = locked(claim, now)
    if not current.is_draft or is_in_time(now, current.closes_at):
        return False
    lapse([current], now)
    return True


@transaction.atomic
def withdraw_claim(*, claim: Claim, by: User, now: datetime) -> Claim:
    """S19: the customer takes the claim back before it is decided. Its failures can be claimed again while their windows run.

    Taken back twice, it is taken back once. Raises Refused once it is decided or lapsed.
    """
    current = locked(claim, now)
    if current.state == ClaimState.WITHDRAWN:
        return current
    if refusal := reason_against_move(ClaimState(current.state), ClaimState.WITHDRAWN, Mover.CUSTOMER):
        raise Refused(refusal)
    record("claim.withdrawn", matter=current.reference, by=by, now=now)
    end_request(current, by, now)
    return_what_waits(current, "The customer took the claim back.", by, now)
    current.state, current.closed_at = ClaimState.WITHDRAWN, now
    current.remind_at = current.sends_itself_at = None
    current.save()
    current.claim_failures.filter(released_at__isnull=True).update(released_at=now)
    for failure in current.own_failures().filter(state=FailureState.CLAIMED):
        failure.state = FailureState.REPORTED
        failure.remind_at = reminders.next_look(
            current.contract,
            failure.closes_at,
            failure.reported_at,
            reminders.references_of(failure),
            now,
            own=failure.reference,
        )
        failure.save()
    return current


def reason_against_claim(failure: Failure, now: datetime) -> Refusal | None:
    """S1, S13: why no claim can be begun for a reported failure; None if it can."""
    if refusal := standing_of(failure.contract, failure.occurred_at).refusal:
        return refusal
    return None if is_in_time(now, failure.closes_at) else window_ended()


def _draft_of_its_cause(failure: Failure, now: datetime) -> Claim | None:
    """S12: the contract's draft for the cause of a failure, under its lock, which comes before the failure's."""
    same = Claim.objects.drafts().filter(contract=failure.contract_id, cause=failure.cause_id, cause__isnull=False)
    found = same.order_by("pk").first()
    draft = found and locked(found, now)
    return draft if draft and draft.is_draft and is_in_time(now, draft.closes_at) else None


def _joined(draft: Claim, failure: Failure, by: User, now: datetime) -> Claim:
    """S8, S13: a draft is for one more failure: its window ends with the last of theirs, its reminders and its own sending go by the
    first, and what was declared is asked for again."""
    record("claim.failure_added", matter=draft.reference, by=by, now=now, note=failure.reference)
    ClaimFailure.objects.create(claim=draft, failure=failure)
    failure.state, failure.remind_at = FailureState.CLAIMED, None
    failure.save(update_fields=["state", "remind_at"])
    last = last_window(failure, terms_on(failure.occurred_at, failure.contract), now)
    draft.closes_at = max(draft.closes_at, last)
    draft.remind_at = reminders.next_look_at_draft(draft, now)
    return saved(draft, now)


def _take_back_the_lapse(claim: Claim) -> None:
    """T4: received in time, by a request that took longer than the sweep's margin: the lapse was wrong."""
    claim.closed_at = None
    claim.own_failures().filter(state=FailureState.CLOSED).update(state=FailureState.CLAIMED, closed_at=None)
