"""What a list from outside puts on record or corrects beside the contract's own verbs: customers, a contract's account and number."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.models import Contract, Customer, User

AMENDABLE = ("account", "external_id")
"""Of a contract; what holds on days has verbs of its own."""


@transaction.atomic
def enter_customer(*, external_id: str, name: str, by: User, now: datetime) -> Customer:
    """Put a customer on record by its number; one that is there already gets the name."""
    customer = Customer.objects.select_for_update().filter(external_id=external_id).first()
    record(f"customer.{'changed' if customer else 'added'}", matter=external_id, by=by, now=now)
    customer = customer or Customer(external_id=external_id)
    customer.name = name
    customer.full_clean()
    customer.save()
    return customer


@transaction.atomic
def amend_contract(*, contract: Contract, by: User, now: datetime, **amended: object) -> Contract:
    """Correct the account or the number of a contract. Raises ValidationError where another contract is in the way."""
    contract = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    record("contract.amended", matter=contract.order_form, by=by, now=now)
    for name, value in amended.items():
        assert name in AMENDABLE, name
        setattr(contract, name, value)
    contract.full_clean()
    contract.save(update_fields=list(amended))
    return contract
