"""The verbs of the ledger (S12, S19): a credit is applied to an invoice, reversed, or corrected, by a line that one person proposes
and another approves. No line is ever changed. `now` is the database's clock, UTC.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from entitlements import access
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.failpoints import failpoint
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla import approval_letters
from sla import credit_letters as letters
from sla.actions.reviews import refuse_the_claimants_own
from sla.actions.second_looks import open_again
from sla.cause_merges import TWO_CREDITS, preview
from sla.covered import covered_by
from sla.models import Claim, ClaimState, Credit, CreditEntry, Posting
from sla.rules.ledger import CreditLines, Line
from sla.rules.lifecycle import reason_against_approver

Kind = Posting.Kind


@transaction.atomic
def propose_application(*, credit: Credit, amount: Decimal, invoice: str, by: User, now: datetime) -> Posting:
    """S19: propose that so much of a credit (above zero, in its currency) went into an invoice.

    Raises Refused for more than is left, while another line of the credit waits, and for one of the customer's own people.
    """
    current = _locked(credit)
    _refuse(current, by, lines_of(current).reason_against_application(amount))
    record("credit.posting_proposed", matter=current.reference, by=by, now=now, note=Kind.APPLICATION)
    line = {"kind": Kind.APPLICATION, "amount": -amount, "invoice": invoice}
    return _proposed(current, by, now, **line)


@transaction.atomic
def propose_reversal(
    *, entry: CreditEntry, reason: str, set_off_by: Credit | None = None, by: User, now: datetime
) -> Posting:
    """S12, S19: propose to undo all that is left of a grant or of an application, by its opposite.

    `set_off_by`: the credit of the same customer that is kept, since their two causes are one; the reversed one is void then.
    Raises Refused for a line that is undone already, for what is applied meanwhile, and as `propose_application` does.
    """
    current = _locked(entry.credit)
    lines = lines_of(current)
    against = lines.reason_against_reversal(entry.pk), _against_setting_off(current, entry, set_off_by)
    _refuse(current, by, *against)
    record("credit.posting_proposed", matter=current.reference, by=by, now=now, note=Kind.REVERSAL)
    line = {"kind": Kind.REVERSAL, "amount": -lines.stands(entry.pk), "corrects": entry, "set_off_by": set_off_by}
    return _proposed(current, by, now, **line, reason=reason)


@transaction.atomic
def propose_correction(*, entry: CreditEntry, amount: Decimal, reason: str, by: User, now: datetime) -> Posting:
    """S19: propose that a grant or an application should have been `amount` (above zero): a line for the difference.

    Raises Refused for a sum beyond the bounds of the credit, for one that changes nothing, and as `propose_application` does.
    """
    current = _locked(entry.credit)
    lines = lines_of(current)
    should_be = amount if entry.amount >= 0 else -amount
    difference = should_be - lines.stands(entry.pk)
    _refuse(current, by, lines.reason_against_correction(entry.pk, difference))
    record("credit.posting_proposed", matter=current.reference, by=by, now=now, note=Kind.CORRECTION)
    line = {"kind": Kind.CORRECTION, "amount": difference, "corrects": entry}
    return _proposed(current, by, now, **line, reason=reason)


@transaction.atomic
def approve_posting(*, posting: Posting, by: User, now: datetime) -> CreditEntry:
    """S19: a second person approves, and the line is in the ledger for good. The customer is told.

    Raises Refused for whoever proposed it, for somebody who may not approve, for one of the customer's own people, for one that was
    settled meanwhile, and where the credit that was to be kept does not stand any more.
    """
    credit, kept = _locked_with_the_customers_others(posting)
    current = _waiting(posting)
    people = {"proposed_by": current.proposed_by_id, "approver": by.pk}
    if refusal := reason_against_approver(**people, may_approve=access.may_approve(by)):
        raise Refused(refusal)
    refuse_the_claimants_own(credit.claim, by)
    if current.corrects and (refusal := _against_setting_off(credit, current.corrects, kept)):
        raise Refused(refusal)
    record(f"credit.{current.kind}", matter=credit.reference, by=by, now=now, note=current.reason or current.invoice)
    current.approved_at, current.approved_by = now, by
    current.save()
    failpoint("posting.approved")
    entry = CreditEntry.objects.create(
        credit=credit,
        customer=credit.customer,
        **{name: getattr(current, name) for name in ("kind", "amount", "corrects", "invoice", "proposed_by")},
        currency=credit.currency,
        approved_by=by,
        posted_at=now,
        note=current.reason,
        posting=current,
        made_out_to=credit.customer.name,
    )
    if kept:
        _set_off(credit, kept, by, now)
    elif current.corrects and current.corrects.kind == CreditEntry.Kind.GRANT:
        _look_again_at_what_it_covered(credit, by, now)
    letters.entry_posted(entry, now=now)
    approval_letters.settled(current, now=now)
    failpoint("posting.posted")
    return entry


@transaction.atomic
def return_posting(*, posting: Posting, reason: str, by: User, now: datetime) -> Posting:
    """S19: a proposed line is not posted, and why; its proposer may also take it back."""
    credit = _locked(posting.credit)
    current = _waiting(posting)
    record("credit.posting_returned", matter=credit.reference, by=by, now=now, note=reason)
    current.returned_at, current.returned_by, current.return_reason = now, by, reason
    current.save()
    approval_letters.settled(current, now=now)
    return current


def lines_of(credit: Credit) -> CreditLines:
    """The lines of a credit as the rules read them."""
    entries = credit.entries.values_list("pk", "amount", "corrects")
    return CreditLines.of((Line(*one) for one in entries), credit.proposal.capped or Decimal("0.00"))


def _proposed(credit: Credit, by: User, now: datetime, **line: Any) -> Posting:
    posting = Posting.objects.create(credit=credit, proposed_at=now, proposed_by=by, **line)
    approval_letters.wanted(posting, now=now)
    return posting


def _locked(credit: Credit) -> Credit:
    related = ("customer", "claim__contract__customer", "proposal")
    return Credit.objects.select_for_update(of=("self",), no_key=True).select_related(*related).get(pk=credit.pk)


def _locked_with_the_customers_others(posting: Posting) -> tuple[Credit, Credit | None]:
    """S12: with the one to be kept, if any. Of two that set each other off at one moment, the second finds the first void; and no claim
    comes under one of them, by a reviewer or by a merge, before the line is posted."""
    all_of_them = Q(customer=posting.credit.customer_id) | Q(pk=posting.set_off_by_id)
    held = {one.pk: one for one in Credit.objects.filter(all_of_them).order_by("pk").select_for_update(no_key=True)}
    return _locked(posting.credit), held[posting.set_off_by_id] if posting.set_off_by_id else None


def _waiting(posting: Posting) -> Posting:
    current = Posting.objects.select_related("corrects", "proposed_by", "set_off_by").get(pk=posting.pk)
    if not current.waits:
        raise Refused(Refusal("S19", "settled", "This line was settled meanwhile.", "Look at the credit again."))
    return current


def _refuse(credit: Credit, by: User, *against: Refusal | None) -> None:
    """Whatever stands against proposing a line for a credit."""
    refuse_the_claimants_own(credit.claim, by)
    if credit.voided_at:
        raise Refused(
            Refusal("S12", "void", "This credit is void, so it takes no more lines.", "See the credit that was kept.")
        )
    if credit.postings.waiting().exists():
        raise Refused(
            Refusal("S19", "one_waits", "A line of this credit waits for its approval.", "Approve or return it first.")
        )
    if refusals := [one for one in against if one]:
        raise Refused(*refusals)


def _against_setting_off(credit: Credit, entry: CreditEntry, kept: Credit | None) -> Refusal | None:
    """S12: only a grant is set off, by another credit of the customer that stands; the causes of both can be merged, and that
    would keep the other."""
    if kept is None:
        return None
    other = kept.pk != credit.pk and kept.customer_id == credit.customer_id and kept.voided_at is None
    if not other or entry.kind != CreditEntry.Kind.GRANT:
        return Refusal(
            "S12",
            "not_set_off",
            "A credit is set off only by another of the same customer that stands, and as a whole.",
            "Choose the grant, and the credit that is kept.",
        )
    found = preview(kept.cause, credit.cause)
    if found.refusal and found.refusal.code != TWO_CREDITS:
        return found.refusal
    theirs = next(one for one in found.customers if one.customer.pk == credit.customer_id)
    if theirs.kept == kept.reference:
        return None
    return Refusal(
        "S12",
        "other_is_kept",
        f"Merging the two causes keeps {theirs.kept}: the larger credit, and of equal ones the earlier.",
        "Set the other one off.",
    )


def _look_again_at_what_it_covered(credit: Credit, by: User, now: datetime) -> None:
    """S12, S19: a credit of which nothing stands covers nothing: the claims that ended by it are in review again."""
    if credit.granted:
        return
    covered = covered_by(credit).select_for_update(of=("self",), no_key=True)
    for claim in covered.select_related("contract__customer").order_by("pk"):
        reason = f"Credit {credit.reference}, which covered this claim, was undone, so we look at it anew."
        record("claim.reopened", matter=claim.reference, by=by, now=now, note=credit.reference)
        open_again(claim, reason, by, now)


def _set_off(credit: Credit, kept: Credit, by: User, now: datetime) -> None:
    """S12: the credit is void and leaves its place; its claim is covered by the one that is kept, which its log says."""
    credit.voided_at, credit.voided_by = now, by
    credit.save(update_fields=["voided_at", "voided_by"])
    for claim in Claim.objects.filter(pk=credit.claim_id, state=ClaimState.CREDITED).select_for_update(no_key=True):
        record("claim.covered", matter=claim.reference, by=by, now=now, note=kept.reference)
        claim.state, claim.closed_at = ClaimState.COVERED, now
        claim.save(update_fields=["state", "closed_at"])
