"""What changes a contract together with the terms it is on (S1, E3): the half that knows of terms goes along with the other."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions import contract_states, starts
from entitlements.actions.contracts import open_contract
from entitlements.actions.fees import Fee, enter_month
from entitlements.actions.log import record
from entitlements.actions.periods import begin, move
from entitlements.actions.places import lock_all_years
from entitlements.actions.refused import Refused
from entitlements.actions.renewals import renew_contract
from entitlements.models import Contract, Customer, Engagement, User
from entitlements.rules.days import day_in_words, first_of_month
from entitlements.rules.refusals import Refusal
from sla.actions.elections import end_with_contract
from sla.actions.recomputing import recomputed
from sla.actions.terms_corrections import BY_A_WITHDRAWAL
from sla.elections import takes_effect_before
from sla.models import Claim, Election, TermsPeriod


@transaction.atomic
def extend(*, contract: Contract, last: date, reason: str, by: User, now: datetime) -> Contract:
    """E3, S1: the term ends later, and the terms that ran to its old end go on to the new one.

    Raises what `contract_states.extend` raises.
    """
    old_end = lock_all_years(contract).term.upper
    contract = contract_states.extend(contract=contract, last=last, reason=reason, by=by, now=now)
    record("contract.terms_extended", matter=contract.order_form, by=by, now=now, note=f"To {last}")
    for period in contract.terms_periods.filter(days__endswith=old_end):
        move(period, DateRange(period.days.lower, contract.term.upper))
    return contract


@transaction.atomic
def change_start(*, contract: Contract, first: date, reason: str, by: User, now: datetime) -> Contract:
    """E3, S1: the term begins on another day, and the terms that it began with begin with it.

    Raises what `starts.change_start` raises, and Refused where Enterprise terms would go from the record (S16).
    """
    old_first = lock_all_years(contract).first_day
    enterprise = contract.terms_periods.filter(terms=TermsPeriod.Kind.ENTERPRISE)
    if ended := enterprise.filter(days__endswith__lte=first).order_by("days").last():
        sentence = f"Until {day_in_words(ended.days.upper)} the contract was on Enterprise terms, which stay on record."
        raise Refused(Refusal("S16", "terms_stay", sentence, "Choose an earlier day."))
    contract = starts.change_start(contract=contract, first=first, reason=reason, by=by, now=now)
    record("contract.terms_moved", matter=contract.order_form, by=by, now=now, note=f"From {first}")
    for period in contract.terms_periods.all():
        if period.days.upper <= first:
            period.delete()
        elif period.days.lower == old_first or period.days.lower < first:
            move(period, DateRange(first, period.days.upper))
    return contract


@transaction.atomic
def terminate(
    *,
    contract: Contract,
    last_day: date,
    reason: str,
    by: User,
    now: datetime,
    side: str = Engagement.Side.VENDOR,
) -> list[Engagement]:
    """E14, S16: the contract ends; an election of it whose time would end later is void with it, at once where it has ended. What that
    does to its claims is put on record (S19).

    Returns and raises what `contract_states.terminate` does.
    """
    elections = Election.objects.running().filter(contract=contract).order_by("pk")
    running = list(elections.select_for_update(no_key=True))
    lock_all_years(contract)
    theirs, because = Claim.objects.filter(contract=contract), "the contract was terminated"
    with recomputed(theirs, because=because, matter=contract.order_form[:20], by=by, now=now):
        told: dict[str, Any] = {"last_day": last_day, "reason": reason, "side": side, "by": by, "now": now}
        ended = contract_states.terminate(contract=contract, **told)
    for one in running:
        end_with_contract(election=one, now=now)
    return ended


def not_settled(election: Election) -> Refusal:
    """S16, T3: why a contract is not renewed now."""
    sentence = f"The time to choose of election {election} has ended, and its effect on plan, discount and terms is not written yet."
    helps = "Renew the contract once it is: within minutes, or after the decision about a standstill of ours that it waits for."
    return Refusal("S16", "not_settled", sentence, helps)


@transaction.atomic
def renew(
    *,
    contract: Contract,
    order_form: str,
    last: date,
    paid_seats: int | None,
    cost_per_seat: Decimal | None,
    by: User,
    now: datetime,
) -> Contract:
    """E3, S1: a new contract from the next day, on the terms that the old one ended with. Raises what `renew_contract` raises, and Refused
    between the end of the time to choose and what the clock makes of it (T3): the new one would begin with what holds no more."""
    contract = lock_all_years(contract)
    if election := takes_effect_before(contract, [now], now):
        raise Refused(not_settled(election))
    renewed = renew_contract(
        contract=contract,
        order_form=order_form,
        last=last,
        paid_seats=paid_seats,
        cost_per_seat=cost_per_seat,
        by=by,
        now=now,
    )
    if ended_with := contract.terms_periods.order_by("days").last():
        record("contract.terms_recorded", matter=order_form, by=by, now=now)
        TermsPeriod.objects.create(contract=renewed, terms=ended_with.terms, days=renewed.term)
    return renewed


@transaction.atomic
def change_terms(*, contract: Contract, terms: str, first: date, reason: str, by: User, now: datetime) -> Contract:
    """S1: a contract is on other terms from a day on, to the end of its term; the instant of an occurrence decides between them.

    Decided claims stay as they were. Raises Refused outside the term, before the last change, if nothing would change, and for
    Enterprise terms that would end: that takes a withdrawal, or a correction by two people (S16).
    """
    contract = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    kind, last = TermsPeriod.Kind(terms), contract.terms_periods.order_by("days").last()
    if not contract.first_day <= first <= contract.last_day:
        raise Refused(
            Refusal("S1", "outside_term", "That day lies outside the contract's term.", "Choose another day.")
        )
    if last and (last.terms == kind or first < last.days.lower):
        sentence = f"The contract is on {last.get_terms_display()} from {day_in_words(last.days.lower)} on."
        raise Refused(Refusal("S1", "same_terms", sentence, "Choose the other terms, and a day not before that."))
    if last and kind == TermsPeriod.Kind.STANDARD:
        raise Refused(BY_A_WITHDRAWAL)
    record("contract.terms_changed", matter=contract.order_form, by=by, now=now, note=reason)
    if last:
        begin(contract.terms_periods, first, contract.term, terms=kind)
    else:
        TermsPeriod.objects.create(contract=contract, terms=kind, days=DateRange(first, contract.term.upper))
    return contract


@transaction.atomic
def open_on_terms(
    *,
    customer: Customer | None,
    name: str,
    number: str,
    terms: str,
    fee: Fee | None,
    by: User,
    now: datetime,
    **order: Any,
) -> Contract:
    """E1, E3, S1, S11: a new contract on its terms, with its first month of fees, for a customer on record or (None) a new one.

    `order` is what `open_contract` takes. Raises ValidationError as that does, and for a customer number that is known.
    """
    if customer is None:
        record("customer.added", matter=number, by=by, now=now)
        customer = Customer(name=name, external_id=number)
        customer.full_clean()
        customer.save()
    contract = open_contract(customer=customer, by=by, now=now, **order)
    TermsPeriod.objects.create(contract=contract, terms=TermsPeriod.Kind(terms), days=contract.term)
    if fee:
        month = first_of_month(contract.first_day)
        enter_month(contract=contract, month=month, lines=[fee], reason="As in the order form.", by=by, now=now)
    return contract
