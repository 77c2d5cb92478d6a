"""Enterprise terms that are on record by mistake (S16): one person proposes the correction, another who may approve makes it.

Otherwise Enterprise terms end only by a withdrawal, with its notice and the customer's choice.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.periods import begin
from entitlements.actions.refused import Refused
from entitlements.models import Contract, User
from entitlements.rules.days import day_in_words
from entitlements.rules.refusals import Refusal
from sla import terms_letters as letters
from sla.actions.recomputing import recomputed
from sla.actions.second_people import give_back, refuse_the_customers_own, refuse_unless_second
from sla.actions.telling import refuse_unless_it_can_be_told
from sla.models import Claim, Election, TermsCorrection, TermsPeriod

BY_A_WITHDRAWAL = Refusal(
    "S16",
    "by_a_withdrawal",
    "Enterprise terms end by a withdrawal, with its notice and the customer's choice.",
    "Prepare one. If they are on record by mistake, propose a correction to Standard terms.",
)


@transaction.atomic
def propose_terms_correction(
    *, contract: Contract, first: date, reason: str, document: str, by: User, now: datetime
) -> TermsCorrection:
    """S16: that the contract is on Standard terms from a day on, as a document says, and that Enterprise terms are there by mistake.
    It waits for a second person.

    Raises Refused outside the term, before the last change of terms, where they are not Enterprise terms, while an election runs or
    another correction waits, and for one of the customer's own people.
    """
    contract = _locked(contract)
    refuse_the_customers_own(contract, by)
    _refuse_what_stands_in_the_way(contract, first)
    if TermsCorrection.objects.waiting().filter(contract=contract).exists():
        raise Refused(Refusal("S16", "one_waits", "A correction waits already.", "Approve it, or give it back first."))
    record("contract.terms_correction_proposed", matter=contract.order_form, by=by, now=now, note=reason)
    return TermsCorrection.objects.create(
        contract=contract, first=first, reason=reason, document=document, proposed_at=now, proposed_by=by
    )


@transaction.atomic
def approve_terms_correction(*, correction: TermsCorrection, by: User, now: datetime) -> TermsCorrection:
    """S16, S19: a second person makes it: the contract is on Standard terms from that day on. What that does to its claims is put on
    record, claim by claim; decided ones stay. The customer is told.

    Raises Refused for its proposer, for one who may not approve, for one of the customer's own people, once it is settled, and as
    proposing does.
    """
    contract = _locked(correction.contract)
    theirs = Claim.objects.filter(contract=contract)
    because = "Enterprise terms were on record by mistake, and two people corrected it"
    with recomputed(theirs, because=because, matter=contract.order_form[:20], by=by, now=now):
        current = TermsCorrection.objects.select_for_update(of=("self",)).get(pk=correction.pk)
        refuse_unless_second(current, contract, by)
        _refuse_what_stands_in_the_way(contract, current.first)
        record("contract.terms_corrected", matter=contract.order_form, by=by, now=now, note=current.reason)
        current.approved_at, current.approved_by = now, by
        current.save()
        begin(contract.terms_periods, current.first, contract.term, terms=TermsPeriod.Kind.STANDARD)
    letters.corrected(current, now=now)
    return current


@transaction.atomic
def return_terms_correction(*, correction: TermsCorrection, reason: str, by: User, now: datetime) -> TermsCorrection:
    """S16: it is not corrected, with a reason; whoever proposed it may take it back."""
    contract = _locked(correction.contract)
    current = TermsCorrection.objects.select_for_update(of=("self",)).get(pk=correction.pk)
    record("contract.terms_correction_returned", matter=contract.order_form, by=by, now=now, note=reason)
    return give_back(current, reason=reason, by=by, now=now)


@transaction.atomic
def tell_of_terms_correction(*, correction: TermsCorrection, by: User, now: datetime) -> None:
    """S16: the customer is told of it now, since nobody read for it when it was made. Raises Refused where it is told or not made, and
    as long as nobody reads for it."""
    contract = _locked(correction.contract)
    refuse_unless_it_can_be_told(contract.customer, untold=letters.untold().filter(pk=correction.pk).exists())
    record("contract.terms_correction_told", matter=contract.order_form, by=by, now=now)
    letters.corrected(correction, now=now)


def _refuse_what_stands_in_the_way(contract: Contract, first: date) -> None:
    last = contract.terms_periods.order_by("days").last()
    if not contract.first_day <= first <= contract.last_day:
        sentence = "That day lies outside the contract's term."
        raise Refused(Refusal("S1", "outside_term", sentence, "Choose another day."))
    if last is None or last.terms != TermsPeriod.Kind.ENTERPRISE or first < last.days.lower:
        held = f"on {last.get_terms_display()} from {day_in_words(last.days.lower)} on" if last else "on no terms"
        sentence = f"The contract is {held}."
        raise Refused(
            Refusal("S1", "same_terms", sentence, "Only Enterprise terms are corrected, from their first day on.")
        )
    if election := Election.objects.running().filter(contract=contract).first():
        sentence = f"Election {election} of this contract runs."
        raise Refused(Refusal("S16", "election_runs", sentence, "It decides the terms. Wait for its end."))


def _locked(contract: Contract) -> Contract:
    return Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
