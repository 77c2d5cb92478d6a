"""What changes a contract together with the terms it is on (S1, E3): the half that knows of terms goes along with the other."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions import contract_states
from entitlements.actions.log import record
from entitlements.actions.places import lock_all_years
from entitlements.models import Contract, User


@transaction.atomic
def extend(*, contract: Contract, last: date, by: User, now: datetime) -> Contract:
    """E3, S1: the term ends later, and the terms that ran to its old end go on to the new one.

    Raises what `contract_states.extend` raises.
    """
    old_end = lock_all_years(contract).term.upper
    contract = contract_states.extend(contract=contract, last=last, by=by, now=now)
    record("contract.terms_extended", matter=contract.order_form, by=by, now=now, note=f"To {last}")
    for period in contract.terms_periods.filter(days__endswith=old_end):
        period.days = DateRange(period.days.lower, contract.term.upper)
        period.save(update_fields=["days"])
    return contract
