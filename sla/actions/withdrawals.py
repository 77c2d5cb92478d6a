"""The verbs of a withdrawal (S16): prepared, proposed by one person, released by another, cancelled. Instants are UTC.

Locks: the withdrawal, then its elections in the order of their keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements import access
from entitlements.actions.log import record, record_each
from entitlements.actions.plainly import in_plain_words
from entitlements.actions.refused import Refused
from entitlements.models import Contract, User
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from sla import election_letters as letters
from sla.actions.elections import take_over
from sla.elections import contract_ends
from sla.models import RUNNING, Election, ElectionState, Withdrawal, WithdrawalState
from sla.withdrawals import Part, parts_of

State = WithdrawalState
BATCH = 200
"""So many contracts are released by the same few statements."""
FIXED = (
    *("state", "noticed_at", "notice", "terms", "zone", "plan", "discount_percent", "to_plan", "to_price", "fee"),
    *("billing_period", "prepaid", "prepaid_days", "notice_working", "contract_ends_at"),
)
"""What the release writes of an election: what its notice says."""
NOT_PREPARED = Refusal(
    "S16", "fixed", "It is not in preparation any more.", "Take the proposal back, or cancel the withdrawal."
)
NOT_PROPOSED = Refusal("S16", "not_proposed", "It does not wait for a second person.", "Look at it again.")


@transaction.atomic
def prepare_withdrawal(
    *,
    title: str,
    why: str,
    contracts: Iterable[Contract],
    vendor_choice: str = "",
    vendor_choice_why: str = "",
    by: User,
    now: datetime,
) -> Withdrawal:
    """S16: begin the withdrawal of loss-based credits for these contracts. Nobody is told before it is released.

    `vendor_choice` (shift, stay, or empty: stay) is for whoever does not choose. Raises Refused without a contract, and for one that is
    part of another withdrawal.
    """
    chosen = list(contracts)
    if not chosen:
        raise Refused(Refusal("S16", "nobody", "No contract is chosen.", "Choose at least one."))
    reference = new_reference("WD")
    record("withdrawal.prepared", matter=reference, by=by, now=now, note=title)
    made = Withdrawal.objects.create(
        reference=reference,
        title=title,
        why=why,
        vendor_choice=vendor_choice,
        vendor_choice_why=vendor_choice_why,
        prepared_at=now,
        prepared_by=by,
    )
    with in_plain_words(Election, "S16"):
        Election.objects.bulk_create(
            Election(reference=new_reference("EL"), withdrawal=made, contract=contract) for contract in chosen
        )
    return made


@transaction.atomic
def take_out(*, withdrawal: Withdrawal, elections: Sequence[int], by: User, now: datetime) -> Withdrawal:
    """S16: these elections (keys) are not part of it any more, while it is in preparation."""
    current = _locked(withdrawal, NOT_PREPARED, State.PREPARED)
    gone = list(current.elections.filter(pk__in=elections).select_related("contract").order_by("pk"))
    named = ", ".join(one.contract.order_form for one in gone[:20])
    record("withdrawal.contracts_taken_out", matter=current.reference, by=by, now=now, note=f"{len(gone)}: {named}")
    for one in gone:
        one.delete()
    return current


@transaction.atomic
def record_vendor_choice(*, election: Election, choice: str, why: str, by: User, now: datetime) -> Election:
    """S16: what holds for this contract if its customer does not choose; empty: what the withdrawal says.

    Raises Refused once it is released or proposed, and for a shift from the lowest plan.
    """
    _locked(election.withdrawal, NOT_PREPARED, State.PREPARED)
    current = (
        Election.objects.select_for_update(of=("self",), no_key=True).select_related("contract").get(pk=election.pk)
    )
    if choice == "shift" and parts_of([current.contract], now)[0].is_lowest:
        raise Refused(Refusal("S16", "lowest", "This contract is on the lowest plan, so only (2) is left."))
    record("election.vendor_choice", matter=current.reference, by=by, now=now, note=f"{choice or 'none'}. {why}")
    current.vendor_choice, current.vendor_choice_why = choice, why if choice else ""
    current.vendor_chose_at, current.vendor_chose_by = (now, by) if choice else (None, None)
    current.save()
    return current


@transaction.atomic
def propose_withdrawal(*, withdrawal: Withdrawal, by: User, now: datetime) -> Withdrawal:
    """S16: ask a second person to release it. Raises Refused while something stands in the way of one of its contracts."""
    current = _locked(withdrawal, NOT_PREPARED, State.PREPARED)
    _refuse_problems(_parts(current, now))
    record("withdrawal.proposed", matter=current.reference, by=by, now=now)
    current.state, current.proposed_at, current.proposed_by = State.PROPOSED, now, by
    current.save()
    return current


@transaction.atomic
def take_proposal_back(*, withdrawal: Withdrawal, reason: str, by: User, now: datetime) -> Withdrawal:
    """S16: it is in preparation again, by whoever proposed it or whoever was to release it."""
    current = _locked(withdrawal, NOT_PROPOSED, State.PROPOSED)
    record("withdrawal.proposal_taken_back", matter=current.reference, by=by, now=now, note=reason)
    current.state, current.proposed_at, current.proposed_by = State.PREPARED, None, None
    current.save()
    return current


@transaction.atomic
def release_withdrawal(*, withdrawal: Withdrawal, by: User, now: datetime) -> Withdrawal:
    """S16, S17: a second person releases it: the figures of every contract are fixed as they are now, and the notices are written.

    Raises Refused for whoever proposed it, for one who may not approve, and while something stands in the way of a contract.
    """
    current, parts = _begin_release(withdrawal, by, now)
    for n in range(0, len(parts), BATCH):
        _release(parts[n : n + BATCH], now)
    return current


@transaction.atomic
def try_release(*, withdrawal: Withdrawal, by: User, now: datetime) -> int:
    """S16: as `release_withdrawal`, of its first contract alone, to be taken back: refused here is refused then. How many letters the
    whole writes."""
    _, parts = _begin_release(withdrawal, by, now)
    _release(parts[:1], now)
    readers = letters.readers_of_each({one.contract.customer_id for one, _ in parts})
    return sum(len(readers[one.contract.customer_id]) for one, _ in parts)


@transaction.atomic
def cancel_withdrawal(*, withdrawal: Withdrawal, reason: str, by: User, now: datetime) -> Withdrawal:
    """S16: credits do not end after all. Whoever was told is told; what took effect already stays.

    Raises Refused once it is cancelled, and when nothing of it is left to cancel: effects are not undone.
    """
    current = _locked(
        withdrawal,
        Refusal("S16", "cancelled", "It is cancelled already."),
        State.PREPARED,
        State.PROPOSED,
        State.RELEASED,
    )
    related = ("contract__customer", "withdrawal", "terms")
    own = current.elections.select_for_update(of=("self",), no_key=True).select_related(*related).order_by("pk")
    left = [one for one in own if _may_be_cancelled(one, now)]
    if not left and own:
        sentence = "Every election of it is over, and what took effect stays."
        raise Refused(Refusal("S16", "took_effect", sentence, "Agree on something new with the customer."))
    record("withdrawal.cancelled", matter=current.reference, by=by, now=now, note=reason)
    current.state, current.cancelled_at, current.cancelled_by = State.CANCELLED, now, by
    current.cancel_reason = reason
    current.save()
    for one in left:
        _cancel(one, reason, by, now)
    return current


def _begin_release(
    withdrawal: Withdrawal, by: User, now: datetime
) -> tuple[Withdrawal, Sequence[tuple[Election, Part]]]:
    current = _locked(withdrawal, NOT_PROPOSED, State.PROPOSED)
    if by.pk == current.proposed_by_id or not access.may_approve(by):
        sentence = "Somebody else who may approve has to release it."
        raise Refused(Refusal("S16", "second_person", sentence, "Ask a colleague who may approve."))
    parts = _parts(current, now)
    _refuse_problems(parts)
    record("withdrawal.released", matter=current.reference, by=by, now=now, note=f"{len(parts)} contracts")
    current.state, current.released_at, current.released_by = State.RELEASED, now, by
    current.save()
    return current, parts


def _release(parts: Sequence[tuple[Election, Part]], now: datetime) -> None:
    """Their figures fixed and their notices written, by a constant number of questions."""
    elections = [election for election, _ in parts]
    record_each("election.released", {one.reference: now for one in elections})
    for election, part in parts:
        _fix(election, part, now)
    Election.objects.bulk_update(elections, FIXED)
    letters.give_notice(elections, now=now)


def _may_be_cancelled(election: Election, now: datetime) -> bool:
    """T3: by what has happened, whether or not the clock has seen it: not at the deadline any more, nor when the contract has ended."""
    if election.state == ElectionState.SENT:
        take_over(election, now)
    runs = election.state in (ElectionState.PREPARED, *RUNNING)
    return runs and not election.is_over(now) and (election.noticed_at is None or now < contract_ends(election))


def _cancel(election: Election, reason: str, by: User, now: datetime) -> None:
    record("election.cancelled", matter=election.reference, by=by, now=now, note=reason)
    told = election.noticed_at is not None
    election.state, election.settled_at, election.remind_at = ElectionState.CANCELLED, now, None
    election.save()
    if told:
        letters.cancelled(election, reason=reason, now=now)


def _fix(election: Election, part: Part, now: datetime) -> None:
    """S17: what the notice says, in the row; it does not change any more."""
    assert part.offer
    assert part.prepaid
    assert part.current
    to_plan = part.to_plan
    election.state, election.noticed_at, election.notice = ElectionState.SENT, now, 1
    election.terms, election.zone = part.terms, part.contract.tz_at(now).key
    election.plan, election.discount_percent = part.contract.plan, part.contract.discount_percent
    election.to_plan, election.to_price = (to_plan.key, to_plan.list_price) if to_plan else ("", None)
    election.fee, election.billing_period = part.prepaid.fee, part.prepaid.billing_period
    election.prepaid = part.prepaid.amount
    election.prepaid_days = DateRange(part.prepaid.days.lower, part.prepaid.days.upper)
    election.notice_working = part.offer.working.as_json()
    election.contract_ends_at = part.ends_at


def _parts(withdrawal: Withdrawal, now: datetime) -> list[tuple[Election, Part]]:
    related = ("contract__customer", "withdrawal")
    own = list(
        withdrawal.elections.select_for_update(of=("self",), no_key=True).select_related(*related).order_by("pk")
    )
    if not own:
        raise Refused(Refusal("S16", "nobody", "No contract is left in it.", "Prepare another one."))
    return list(zip(own, parts_of([one.contract for one in own], now), strict=True))


def _refuse_problems(parts: Sequence[tuple[Election, Part]]) -> None:
    standing = [(part, problem) for _, part in parts for problem in part.problems]
    if standing:
        part, first = standing[0]
        more = f" What else is in the way: {len(standing) - 1}, listed there." if len(standing) > 1 else ""
        sentence = f"{part.contract.order_form} of {part.contract.customer}: {first.sentence}{more}"
        raise Refused(Refusal(first.clause, first.code, sentence, first.what_helps))


def _locked(withdrawal: Withdrawal, otherwise: Refusal, *states: str) -> Withdrawal:
    current = Withdrawal.objects.select_for_update(no_key=True, of=("self",)).get(pk=withdrawal.pk)
    if current.state not in states:
        raise Refused(otherwise)
    return current
