"""How a customer shows its loss (S9, S10): the method, the rates, and what is asked about expenses. `now` is in UTC."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla.actions.drafts import open_draft, saved
from sla.models import Claim, RateBasis
from sla.stated import StatedRates

BELOW_NOTHING = Refusal(
    "S10",
    "expenses_above_revenue",
    "The expenses are higher than the revenue that they belong to.",
    "Check both sums.",
)


@transaction.atomic
def save_rates(*, claim: Claim, rates: StatedRates, by: User, now: datetime) -> Claim:
    """S10: claim by the rate of the months before, with the reason why no attempt was recorded. Lines that are listed stay on record
    and do not count. Raises Refused once the claim was sent or its window ended, and for expenses above their revenue.
    """
    current = open_draft(claim, now)
    if rates.below_nothing:
        raise Refused(BELOW_NOTHING)
    record("claim.rates_saved", matter=current.reference, by=by, now=now)
    RateBasis.objects.update_or_create(claim=current, defaults={**asdict(rates), "saved_at": now, "saved_by": by})
    current.method = Claim.Method.RATE
    return saved(current, now)


@transaction.atomic
def claim_by_transactions(*, claim: Claim, by: User, now: datetime) -> Claim:
    """S9: back to the list of lost transactions; the rates stay on record and do not count."""
    current = open_draft(claim, now)
    if current.method == Claim.Method.TRANSACTIONS:
        return current
    record("claim.by_transactions", matter=current.reference, by=by, now=now)
    current.method = Claim.Method.TRANSACTIONS
    return saved(current, now)


@transaction.atomic
def save_expenses(
    *,
    claim: Claim,
    expenses_basis: str,
    affected_systems: bool | None,
    other_system_down: bool | None,
    repair_costs: bool | None,
    by: User,
    now: datetime,
) -> Claim:
    """S9: how the expenses were worked out, and the three things that no loss counts for, as plain questions; None: left open."""
    current = open_draft(claim, now)
    record("claim.expenses_saved", matter=current.reference, by=by, now=now)
    current.expenses_basis, current.affected_systems = expenses_basis, affected_systems
    current.other_system_down, current.repair_costs = other_system_down, repair_costs
    return saved(current, now)
