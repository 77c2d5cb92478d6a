"""The products of a contract, dated (E9): added and ended under the locks of its years."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions.log import record
from entitlements.actions.periods import days as both_included
from entitlements.actions.places import lock_all_years
from entitlements.actions.plainly import in_plain_words
from entitlements.actions.refused import Refused
from entitlements.models import Contract, ContractProduct, Engagement, EngagementState, PolicyEdition, Product, User
from entitlements.rules.editions import edition_for
from entitlements.rules.products import product_check
from entitlements.rules.refusals import Refusal

DAY = timedelta(days=1)


def left_without(*, holding: ContractProduct, last: date) -> list[Engagement]:
    """E9: what is asked for or booked on later days and would then miss what it requires. Changes nothing."""
    contract, editions = holding.contract, PolicyEdition.objects.facts()
    held = [(one.product_id, one.days) for one in contract.products.exclude(pk=holding.pk)]
    facts = contract.facts()
    found = []
    for one in _ahead(contract, last):
        year = facts.year_of(one.day)
        kept = [product for product, days in held if days.lower <= one.day < days.upper]
        edition = edition_for(editions, year.first if year else facts.start)
        if product_check(one.activity_id, kept, edition.requirements).refusal:
            found.append(one)
    return found


@transaction.atomic
def add_product(
    *, contract: Contract, product: Product, first: date, last: date, reason: str, by: User, now: datetime
) -> ContractProduct:
    """E9: the contract includes a product on these days. Raises Refused outside the term, and where it is included already."""
    contract = lock_all_years(contract)
    _check_active(contract)
    if first < contract.first_day or last > contract.last_day:
        raise Refused(
            Refusal("E9", "outside_term", "Some of these days lie outside the term.", "Choose days of the term.")
        )
    record("contract.product_added", matter=contract.order_form, by=by, now=now, note=reason)
    with in_plain_words(ContractProduct, "E9"):
        return contract.products.create(product=product, days=both_included(first, last))


@transaction.atomic
def end_product(
    *, holding: ContractProduct, last: date, reason: str, by: User, now: datetime
) -> ContractProduct | None:
    """E9: the product is included for the last time on `last`; None if it then never was. What is booked and misses it is flagged.

    Raises Refused if it ends by then already.
    """
    contract = lock_all_years(holding.contract)
    _check_active(contract)
    holding = ContractProduct.objects.select_for_update().get(pk=holding.pk)
    if last + DAY >= holding.days.upper:
        raise Refused(Refusal("E9", "not_earlier", "The product ends by then already.", "Choose an earlier day."))
    record("contract.product_ended", matter=contract.order_form, by=by, now=now, note=reason)
    if last < holding.days.lower:
        holding.delete()
        return None
    holding.days = DateRange(holding.days.lower, last + DAY)
    holding.save(update_fields=["days"])
    return holding


def _ahead(contract: Contract, last: date) -> list[Engagement]:
    open_states = (EngagementState.REQUESTED, EngagementState.SCHEDULED)
    return [one for one in contract.engagements.order_by("day") if one.day > last and one.state in open_states]


def _check_active(contract: Contract) -> None:
    if contract.status == Contract.Status.TERMINATED:
        raise Refused(Refusal("E14", "not_active", "The contract is terminated, so its products stay as they were."))
