"""What comes after a contract is a new one (E3): from the next day, by its own order form, with what the old one ended with."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from entitlements.actions.contracts import open_contract
from entitlements.actions.fees import Fee, enter_month
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Contract, User
from entitlements.rules.days import first_of_month
from entitlements.rules.refusals import Refusal

DAY = timedelta(days=1)


@transaction.atomic
def renew_contract(
    *,
    contract: Contract,
    order_form: str,
    last: date,
    paid_seats: int | None,
    cost_per_seat: Decimal | None,
    by: User,
    now: datetime,
) -> Contract:
    """E3: a new contract from the day after the old one's last, with its last level, the products of that day, zone, plan and discount.

    With seats and a seat's cost its first month of fees is put on record. Nothing rolls over, overrides neither: they cite the old
    agreement. Raises Refused for a last day before the first; ValidationError for an order form that is known, and where another
    contract of the account stands in the way.
    """
    first = contract.last_day + DAY
    if last < first:
        raise Refused(Refusal("E3", "ends_before", "It would end before it begins.", "Choose a later last day."))
    record("contract.renewed", matter=contract.order_form, by=by, now=now, note=f"By {order_form}")
    held = [one.product_id for one in contract.products.filter(days__contains=contract.last_day).order_by("pk")]
    renewed = open_contract(
        customer=contract.customer,
        order_form=order_form,
        account=contract.account,
        first=first,
        last=last,
        zone=contract.zone,
        levels=[(first, last_level(contract))],
        products=held,
        plan=contract.plan,
        currency=contract.currency,
        discount_percent=contract.discount_percent,
        by=by,
        now=now,
    )
    if paid_seats is not None and cost_per_seat is not None:
        fee = Fee(cost_per_seat, paid_seats)
        month = first_of_month(first)
        enter_month(
            contract=renewed, month=month, lines=[fee], reason=f"Renewal of {contract.order_form}", by=by, now=now
        )
    return renewed


def last_level(contract: Contract) -> str:
    """E1: the level that the contract ends with."""
    return contract.facts().levels[-1][1]
