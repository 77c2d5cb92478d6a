"""What an election counts with is put on record (S17): list prices of the catalogue, and what a contract paid ahead."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions.log import record
from entitlements.actions.periods import DAY, days
from entitlements.actions.plainly import in_plain_words
from entitlements.actions.refused import Refused
from entitlements.models import Contract, User
from entitlements.rules.refusals import Refusal
from sla.models import ListPrice, PrepaidPeriod


@transaction.atomic
def enter_price(
    *,
    plan: str,
    billing_period: str,
    currency: str,
    price: Decimal,
    rank: int,
    first: date,
    last: date | None,
    offered: bool,
    by: User,
    now: datetime,
) -> ListPrice:
    """S17: a plan is sold at this price per user and billing period, from the first day to the last (None: without limit).

    Raises Refused where it has a price already on some of these days.
    """
    _refuse_backwards(first, last)
    record("price.entered", matter=plan[:40], by=by, now=now, note=f"{currency} {price} from {first}")
    with in_plain_words(ListPrice, "S17", "End the other price first."):
        return ListPrice.objects.create(
            plan=plan,
            billing_period=billing_period,
            currency=currency,
            price=price,
            rank=rank,
            days=DateRange(first, last and last + DAY),
            offered=offered,
            entered_at=now,
            entered_by=by,
        )


@transaction.atomic
def end_price(*, price: ListPrice, last: date, by: User, now: datetime) -> ListPrice:
    """S17: a plan is not sold at this price after a day. What was released by it stays."""
    current = ListPrice.objects.select_for_update(of=("self",)).get(pk=price.pk)
    _refuse_backwards(current.days.lower, last)
    record("price.ended", matter=current.plan[:40], by=by, now=now, note=f"Last day {last}")
    current.days = days(current.days.lower, last)
    current.save()
    return current


@transaction.atomic
def enter_prepaid(
    *,
    contract: Contract,
    billing_period: str,
    fee: Decimal,
    amount: Decimal,
    first: date,
    last: date,
    document: str,
    by: User,
    now: datetime,
) -> PrepaidPeriod:
    """S17: what a contract paid ahead for these days, in all and per user and billing period; zero where nothing was.

    Raises Refused where something is on record already for some of these days.
    """
    _refuse_backwards(first, last)
    note = f"{amount} for {first} to {last}, {document}"
    record("contract.prepaid_entered", matter=contract.order_form, by=by, now=now, note=note)
    with in_plain_words(PrepaidPeriod, "S17"):
        return PrepaidPeriod.objects.create(
            contract=contract,
            billing_period=billing_period,
            fee=fee,
            amount=amount,
            days=days(first, last),
            document=document,
            entered_at=now,
            entered_by=by,
        )


@transaction.atomic
def correct_prepaid(
    *, prepaid: PrepaidPeriod, fee: Decimal, amount: Decimal, reason: str, by: User, now: datetime
) -> PrepaidPeriod:
    """S17: another fee or sum for days on record. A notice that was released keeps its own figures. Refused where nothing changes."""
    current = PrepaidPeriod.objects.select_for_update(of=("self",)).select_related("contract").get(pk=prepaid.pk)
    if (current.fee, current.amount) == (fee, amount):
        raise Refused(Refusal("S17", "the_same", "That is what is on record already.", "Change it, or leave it."))
    was = f"{current.amount} at {current.fee:f} for {current.first_day} to {current.last_day}"
    note = f"{amount} at {fee:f}, in place of {was}. {reason}"
    record("contract.prepaid_corrected", matter=current.contract.order_form, by=by, now=now, note=note)
    current.fee, current.amount = fee, amount
    current.save()
    return current


def _refuse_backwards(first: date, last: date | None) -> None:
    if last is not None and last < first:
        raise Refused(Refusal("S17", "backwards", "The last day lies before the first.", "Check both days."))
