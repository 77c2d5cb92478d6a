from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from entitlements.actions.log import record
from entitlements.actions.periods import days, write_years
from entitlements.models import Contract, ContractProduct, Customer, LevelPeriod, User


@transaction.atomic
def open_contract(
    *,
    customer: Customer,
    order_form: str,
    account: str,
    first: date,
    last: date,
    zone: str,
    levels: Sequence[tuple[date, str]],
    products: Sequence[str],
    plan: str,
    by: User,
    now: datetime,
    currency: str = "USD",
    discount_percent: Decimal = Decimal(0),
) -> Contract:
    """E1, E3: put a contract on record with its years, its levels (from their first days on) and its products.

    `first` and `last` are days of `zone`, both in the term. Raises ValidationError for a term that overlaps another of the
    same customer and account, or levels that leave a day without one.
    """
    starts = sorted(levels)
    _check_levels([start for start, _ in starts], first, last)
    record("contract.opened", matter=order_form, by=by, now=now)
    contract = Contract(
        customer=customer,
        order_form=order_form,
        account=account,
        term=days(first, last),
        zone=zone,
        currency=currency,
        plan=plan,
        discount_percent=discount_percent,
    )
    _put_on_record(contract)
    ends = [start - timedelta(days=1) for start, _ in starts[1:]] + [last]
    LevelPeriod.objects.bulk_create(
        LevelPeriod(contract=contract, level=level, days=days(start, end))
        for (start, level), end in zip(starts, ends, strict=True)
    )
    contract.zones.create(zone=zone, days=contract.term)
    contract.plans.create(plan=plan, discount_percent=discount_percent, days=contract.term)
    write_years(contract)
    ContractProduct.objects.bulk_create(
        ContractProduct(contract=contract, product_id=product, days=days(first, last)) for product in products
    )
    return contract


def _put_on_record(contract: Contract) -> None:
    """Where the database refuses, the model says why: it would ask for each constraint by itself."""
    contract.clean_fields(exclude=["customer"])
    try:
        with transaction.atomic():
            contract.save()
    except IntegrityError:
        contract.full_clean()
        raise


def _check_levels(starts: Sequence[date], first: date, last: date) -> None:
    """E1: the first level begins with the term, and each later one on a day of its own within it."""
    if not starts or starts[0] != first or starts[-1] > last or len(set(starts)) != len(starts):
        raise ValidationError("The contract needs exactly one level on each day of its term.", code="levels")
