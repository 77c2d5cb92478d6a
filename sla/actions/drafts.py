"""What a customer does to a draft: lost transactions, the contact, the declaration (S9, S13, S14).

`now` is the database's clock in UTC. Whatever changes the figures asks for the declaration again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import OTHER_ANSWERS, Refused
from entitlements.failpoints import failpoint
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla import letters
from sla.actions.listing import put_into_the_list
from sla.actions.receipts import keep_receipts
from sla.actions.unanswered import return_unanswered
from sla.claim_windows import windows_of_claim
from sla.completeness import is_complete
from sla.models import Claim, ClaimState, Entry, LostTransaction
from sla.rules.claim_window import is_in_time, next_sending_of
from sla.stated import TransactionLine

WINDOW_ENDED = "window_ended"
SENT_ALREADY = Refusal(
    "S13", "sent", "This claim has been sent, so its answers stay as they are.", "You can still add later evidence."
)
WITHDRAWN = Refusal("S19", "withdrawn", "This claim was withdrawn.", "Begin another while its window runs.")


@transaction.atomic
def add_transactions(*, claim: Claim, lines: Iterable[TransactionLine], by: User, now: datetime) -> Claim:
    """S9: add lost transactions to a draft. The form of a line sent twice adds it once (X9); two equal transactions are two.

    Raises Refused once the claim was sent or its window ended, and for the same form with other answers.
    """
    current = open_draft(claim, now)
    new = [line for line in lines if not _is_there(current, line)]
    if not new:
        return current
    record("claim.transactions_added", matter=current.reference, by=by, now=now)
    put_into_the_list(current, new)
    return saved(current, now)


def _is_there(claim: Claim, line: TransactionLine) -> bool:
    sent = LostTransaction.objects.filter(form_key=line.form_key).first() if line.form_key else None
    if sent is None:
        return False
    said = (sent.claim_id, sent.attempted_at, sent.what, sent.revenue, sent.expenses)
    if said != (claim.pk, line.attempted_at, line.what, line.revenue, line.expenses):
        raise Refused(OTHER_ANSWERS)
    return True


@transaction.atomic
def remove_transaction(*, claim: Claim, key: int, by: User, now: datetime) -> Claim:
    """S9: take a line out of a draft, by its own key: its number can be that of another by now. One that is not there is no error."""
    current = open_draft(claim, now)
    lines = current.transactions.filter(pk=key)
    if number := lines.values_list("line", flat=True).first():
        record("claim.transaction_removed", matter=current.reference, by=by, now=now, note=f"line {number}")
        lines.delete()
        return saved(current, now)
    return current


@transaction.atomic
def save_contact(
    *, claim: Claim, name: str, email: str, phone: str, audit_consent: bool, sends_itself: bool, by: User, now: datetime
) -> Claim:
    """S14, S13: whom we may ask, whether we may audit the records, and whether a complete draft sends itself.

    None of it is what was declared to be true, so the declaration stands.
    """
    current = open_draft(claim, now)
    record("claim.contact_saved", matter=current.reference, by=by, now=now)
    current.contact_name, current.contact_email, current.contact_phone = name, email, phone
    if audit_consent and not current.audit_consent_at:
        current.audit_consent_at, current.audit_consent_by = now, by
    elif not audit_consent:
        current.audit_consent_at = current.audit_consent_by = None
    current.sends_itself = sends_itself
    return saved(current, now, keeps_declaration=True)


@transaction.atomic
def declare(*, claim: Claim, by: User, now: datetime) -> Claim:
    """S13: the sender declares, by name, that the answers are true. A change of the figures after it asks for it again."""
    current = open_draft(claim, now)
    record("claim.declared", matter=current.reference, by=by, now=now)
    current.declared_at, current.declared_by = now, by
    return saved(current, now, keeps_declaration=True)


def refuse_after_the_window(claim: Claim, moment: datetime) -> None:
    if not is_in_time(moment, claim.closes_at):
        raise Refused(window_ended())


def not_a_draft(claim: Claim) -> Refusal:
    """Why the answers of a claim that is no draft any more cannot be changed."""
    if claim.received_at:
        return SENT_ALREADY
    return WITHDRAWN if claim.state == ClaimState.WITHDRAWN else window_ended()


def window_ended() -> Refusal:
    return Refusal(
        "S13",
        WINDOW_ENDED,
        "The time to claim has ended. What you entered is kept and can be read.",
        "Write to us if you want to ask for a waiver; two people have to agree.",
    )


def locked(claim: Claim, now: datetime) -> Claim:
    """The claim under its lock, as a clock on time has left it (T3): a complete draft whose moment has come has sent itself, and a
    request for information whose deadline has passed has returned it to review."""
    current = Claim.objects.select_for_update(of=("self",)).select_related("contract__customer").get(pk=claim.pk)
    moment = current.sends_itself_at
    if current.is_draft and moment is not None and moment <= now and is_complete(current):
        record("claim.sent_itself", matter=current.reference, by=None, now=moment)
        current.submitted_by, current.received_by_the_clock = current.declared_by, True
        receive(current, moment, now=now)
    return_unanswered(current, now)
    return current


def receive(claim: Claim, moment: datetime, *, now: datetime, entry: Entry | None = None) -> Claim:
    """Received as of `moment`; the letter that says so is written `now`, which is later where a draft has sent itself, or where the
    claim came in writing, as `entry`."""
    claim.state, claim.received_at = ClaimState.SUBMITTED, moment
    claim.remind_at = claim.sends_itself_at = None
    claim.save()
    keep_receipts([claim], entry=entry)
    letters.claim_received(claim, now=now)
    failpoint("claim.received")
    return claim


def open_draft(claim: Claim, now: datetime) -> Claim:
    current = locked(claim, now)
    if not current.is_draft:
        raise Refused(not_a_draft(current))
    refuse_after_the_window(current, now)
    return current


def saved(claim: Claim, now: datetime, *, keeps_declaration: bool = False) -> Claim:
    claim.saved_at = now
    if not keeps_declaration:
        claim.declared_at = claim.declared_by = None
    claim.sends_itself_at = next_sending(claim, now)
    claim.save()
    return claim


def next_sending(claim: Claim, now: datetime) -> datetime | None:
    """S13: when a draft sends itself as it stands now, so that none of its failures is lost by waiting; None if it does not."""
    if not claim.sends_itself or not is_complete(claim):
        return None
    return next_sending_of(windows_of_claim(claim), now)
