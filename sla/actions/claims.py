"""The customer's verbs of a claim, and the clock's: begin, fill in, send, withdraw, lapse (S9, S12, S13, S18, S19).

`now` is the database's clock in UTC, read as the first act of the request: what counts as received is received then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from sla import letters, reminders
from sla.assessment import standing_of
from sla.models import Claim, ClaimFailure, ClaimState, Evidence, Failure, FailureState, LostTransaction
from sla.rules.claim_window import submits_itself_at
from sla.uploads import CheckedFile, keep

SENT_ALREADY = Refusal(
    "S13", "sent", "This claim has been sent, so its answers stay as they are.", "You can still add later evidence."
)


@dataclass(frozen=True, slots=True)
class TransactionLine:
    """A lost transaction as the customer states it; `attempted_at` in UTC, money in the contract's currency."""

    attempted_at: datetime
    what: str
    revenue: Decimal
    expenses: Decimal = Decimal(0)


@transaction.atomic
def start_claim(*, failure: Failure, by: User, now: datetime) -> Claim:
    """S13: begin the claim for a reported failure. One that was begun already is returned.

    Raises Refused when the failure is out of scope (S1) or its window has ended (S13).
    """
    current = Failure.objects.select_for_update(of=("self",)).select_related("contract__customer").get(pk=failure.pk)
    if begun := Claim.objects.filter(claim_failures__failure=current, claim_failures__released_at__isnull=True).first():
        return begun
    _refuse_out_of_scope(current, now)
    reference = new_reference("CLM")
    record("claim.begun", matter=reference, by=by, now=now, note=current.reference)
    claim = Claim.objects.create(
        reference=reference,
        contract=current.contract,
        cause=current.cause,
        opened_at=now,
        opened_by=by,
        saved_at=now,
        closes_at=current.closes_at,
        remind_at=reminders.next_look(
            current.contract, current.closes_at, current.reported_at, [current.reference], now
        ),
        contact_name=by.name,
        contact_email=by.email,
    )
    ClaimFailure.objects.create(claim=claim, failure=current)
    current.state, current.remind_at = FailureState.CLAIMED, None
    current.save()
    return claim


@transaction.atomic
def add_transactions(*, claim: Claim, lines: Iterable[TransactionLine], by: User, now: datetime) -> Claim:
    """S9: add lost transactions to a draft. Raises Refused once the claim was sent or its window ended."""
    current = _open_draft(claim, now)
    record("claim.transactions_added", matter=current.reference, by=by, now=now)
    last = current.transactions.aggregate(last=Max("line", default=0))["last"]
    LostTransaction.objects.bulk_create(
        LostTransaction(
            claim=current,
            line=number,
            attempted_at=line.attempted_at,
            what=line.what,
            revenue=line.revenue,
            expenses=line.expenses,
        )
        for number, line in enumerate(lines, start=last + 1)
    )
    return _saved(current, now)


@transaction.atomic
def remove_transaction(*, claim: Claim, line: int, by: User, now: datetime) -> Claim:
    """S9: take a line out of a draft. A line that is not there is no error: it was taken out already."""
    current = _open_draft(claim, now)
    record("claim.transaction_removed", matter=current.reference, by=by, now=now, note=f"line {line}")
    current.transactions.filter(line=line).delete()
    return _saved(current, now)


@transaction.atomic
def save_contact(
    *, claim: Claim, name: str, email: str, phone: str, audit_consent: bool, sends_itself: bool, by: User, now: datetime
) -> Claim:
    """S14, S13: whom we may ask, whether we may audit the records, and whether a complete draft sends itself."""
    current = _open_draft(claim, now)
    record("claim.contact_saved", matter=current.reference, by=by, now=now)
    current.contact_name, current.contact_email, current.contact_phone = name, email, phone
    if audit_consent and not current.audit_consent_at:
        current.audit_consent_at, current.audit_consent_by = now, by
    elif not audit_consent:
        current.audit_consent_at = current.audit_consent_by = None
    current.sends_itself = sends_itself
    return _saved(current, now)


@transaction.atomic
def add_evidence(*, claim: Claim, file: CheckedFile, label: str, by: User, now: datetime) -> Evidence:
    """S9, S13: keep a checked document with the claim. After sending it is *later* evidence, with its own time stamp.

    Raises Refused when the window of a draft has ended, or the claim is decided.
    """
    current = _locked(claim)
    if current.is_draft:
        _refuse_after_the_window(current, now)
    elif current.state not in (ClaimState.SUBMITTED, ClaimState.IN_REVIEW, ClaimState.INFORMATION_REQUESTED) or (
        now >= current.closes_at and current.state != ClaimState.INFORMATION_REQUESTED
    ):
        raise Refused(
            Refusal(
                "S13", "too_late_for_evidence", "The time to add evidence to this claim has ended.", "Wait to be asked."
            )
        )
    record("evidence.added", matter=current.reference, by=by, now=now, note=file.sha256)
    evidence = Evidence.objects.create(
        claim=current,
        label=label,
        original_name=file.name,
        stored_as=keep(file),
        kind=file.kind,
        size=file.size,
        sha256=file.sha256,
        flag=file.flag,
        uploaded_at=now,
        uploaded_by=by,
        later=not current.is_draft,
    )
    if current.is_draft:
        _saved(current, now, keeps_declaration=True)
    return evidence


@transaction.atomic
def remove_evidence(*, evidence: Evidence, by: User, now: datetime) -> Claim:
    """Take back a document before the claim is sent; what was sent stays."""
    current = _open_draft(evidence.claim, now)
    record("evidence.removed", matter=current.reference, by=by, now=now, note=evidence.sha256)
    current.evidence.filter(pk=evidence.pk, removed_at__isnull=True).update(removed_at=now, removed_by=by)
    return _saved(current, now)


@transaction.atomic
def declare(*, claim: Claim, by: User, now: datetime) -> Claim:
    """S13: the sender declares, by name, that the answers are true. A change of the figures after it asks for it again."""
    current = _open_draft(claim, now)
    record("claim.declared", matter=current.reference, by=by, now=now)
    current.declared_at, current.declared_by = now, by
    return _saved(current, now, keeps_declaration=True)


@transaction.atomic
def submit_claim(*, claim: Claim, by: User, received_at: datetime, now: datetime | None = None) -> Claim:
    """S13, T4: send the claim. Received before its window ends it is in time, at or after it is late, whatever the sweep has done.

    `received_at` is the receipt: the database's clock, read as the first act of the request. Sent twice, it is received once.
    Raises Refused when something is missing (each named) or the window has ended.
    """
    current = _locked(claim)
    if current.received_at is not None:
        return current
    _refuse_after_the_window(current, received_at)
    if refusals := what_is_missing(current):
        raise Refused(*refusals)
    record("claim.sent", matter=current.reference, by=by, now=received_at)
    current.submitted_by = by
    return _receive(current, received_at)


@transaction.atomic
def submit_by_itself(*, claim: Claim, now: datetime) -> bool:
    """S13, T3: a complete draft sends itself one hour before its deadline; that instant is its receipt, however late the clock runs."""
    current = _locked(claim)
    moment = current.sends_itself_at
    if not current.is_draft or moment is None or moment > now or what_is_missing(current):
        return False
    record("claim.sent_itself", matter=current.reference, by=None, now=moment)
    current.submitted_by, current.received_by_the_clock = current.declared_by, True
    _receive(current, moment)
    return True


@transaction.atomic
def lapse_claim(*, claim: Claim, now: datetime) -> bool:
    """S13: a draft past its window lapses as of its deadline; nothing in it is deleted. False if it is no draft any more."""
    current = _locked(claim)
    if not current.is_draft or current.closes_at > now:
        return False
    record("claim.lapsed", matter=current.reference, by=None, now=current.closes_at)
    current.state, current.closed_at = ClaimState.LAPSED, current.closes_at
    current.remind_at = current.sends_itself_at = None
    current.save()
    current.failures.filter(state=FailureState.CLAIMED).update(state=FailureState.CLOSED, closed_at=current.closes_at)
    letters.draft_lapsed(current, now=now)
    return True


@transaction.atomic
def withdraw_claim(*, claim: Claim, by: User, now: datetime) -> Claim:
    """S19: the customer takes the claim back before it is decided. Its failures can be claimed again while their windows run."""
    current = _locked(claim)
    record("claim.withdrawn", matter=current.reference, by=by, now=now)
    current.state, current.closed_at = ClaimState.WITHDRAWN, now
    current.remind_at = current.sends_itself_at = None
    current.save()
    current.claim_failures.filter(released_at__isnull=True).update(released_at=now)
    for failure in current.failures.filter(state=FailureState.CLAIMED):
        failure.state = FailureState.REPORTED
        told_of = [failure.reference, current.reference]
        failure.remind_at = reminders.next_look(current.contract, failure.closes_at, failure.reported_at, told_of, now)
        failure.save()
    return current


def what_is_missing(claim: Claim) -> list[Refusal]:
    """S13, S14: each thing that a claim needs before it can be sent and does not have; an empty list means complete."""
    missing = []
    if not claim.transactions.exists():
        missing.append(Refusal("S9", "transactions", "No lost transaction is listed.", "Add at least one."))
    if not claim.evidence.filter(removed_at__isnull=True).exists():
        missing.append(Refusal("S13", "evidence", "There is no evidence yet.", "Upload at least one document."))
    if not claim.contact_email or not claim.contact_name:
        missing.append(Refusal("S13", "contact", "We do not know whom to ask.", "Name a contact."))
    if claim.audit_consent_at is None:
        missing.append(
            Refusal("S14", "audit", "Your consent to an audit is open.", "Answer it under Contact and audit.")
        )
    if claim.declared_at is None:
        missing.append(
            Refusal("S13", "declaration", "Nobody has declared that the answers are true.", "Tick it below.")
        )
    return missing


def _refuse_out_of_scope(failure: Failure, now: datetime) -> None:
    if refusal := standing_of(failure.contract, failure.occurred_at).refusal:
        raise Refused(refusal)
    if now >= failure.closes_at:
        raise Refused(_window_ended())


def _refuse_after_the_window(claim: Claim, moment: datetime) -> None:
    if moment >= claim.closes_at:
        raise Refused(_window_ended())


def _window_ended() -> Refusal:
    return Refusal(
        "S13",
        "window_ended",
        "The time to claim has ended. What you entered is kept and can be read.",
        "Write to us if you want to ask for a waiver; two people have to agree.",
    )


def _locked(claim: Claim) -> Claim:
    return Claim.objects.select_for_update(of=("self",)).select_related("contract__customer").get(pk=claim.pk)


def _open_draft(claim: Claim, now: datetime) -> Claim:
    current = _locked(claim)
    if not current.is_draft:
        raise Refused(SENT_ALREADY if current.received_at else _window_ended())
    _refuse_after_the_window(current, now)
    return current


def _saved(claim: Claim, now: datetime, *, keeps_declaration: bool = False) -> Claim:
    claim.saved_at = now
    if not keeps_declaration:
        claim.declared_at = claim.declared_by = None
    complete = not what_is_missing(claim)
    moment = submits_itself_at(claim.closes_at)
    claim.sends_itself_at = moment if complete and claim.sends_itself and now < moment else None
    claim.save()
    return claim


def _receive(claim: Claim, moment: datetime) -> Claim:
    claim.state, claim.received_at = ClaimState.SUBMITTED, moment
    claim.remind_at = claim.sends_itself_at = None
    claim.save()
    letters.claim_received(claim, now=moment)
    return claim
