"""What is on record of the customers and contracts that a file speaks of, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import Q

from entitlements.imports.effects import Held, World
from entitlements.imports.reading import Table
from entitlements.models import Contract, Customer, Invitation, Membership, PolicyEdition, Product

_DAY = timedelta(days=1)


TermsOf = Callable[[Iterable[Contract]], Mapping[int, str]]
"""The terms that contracts are on at their end, by key (S1): asked of the half that knows of them."""


def world_of(tables: Iterable[Table], now: datetime, terms_of: TermsOf) -> World:
    """The customers and contracts that the rows name, with all contracts of those customers (their accounts must not overlap)."""
    tables = tuple(tables)
    numbers = _named(tables, "customer") | _named([one for one in tables if one.kind.key == "customers"], "external_id")
    order_forms = _named(tables, "order_form")
    contracts = list(contracts_named(tables, numbers))
    terms = terms_of(contracts)
    customers = Customer.objects.filter(
        Q(external_id__in=numbers) | Q(contracts__order_form__in=order_forms)
    ).values_list("external_id", "name")
    return World(
        now=now,
        customers=dict(customers),
        contracts={one.order_form: _held(one, terms.get(one.pk, "")) for one in contracts},
        products=frozenset(Product.objects.values_list("pk", flat=True)),
        editions=tuple(PolicyEdition.objects.facts()),
        people=_people(numbers, now),
    )


def _people(numbers: Iterable[str], now: datetime) -> Mapping[str, frozenset[str]]:
    """C1: the addresses that belong to these customers today or have an invitation that is open, by the customer's number."""
    belong = Membership.objects.filter(customer__external_id__in=numbers, left_at__isnull=True)
    invited = Invitation.objects.filter(
        customer__external_id__in=numbers, accepted_at__isnull=True, ended_at__isnull=True, expires_at__gt=now
    )
    rows = belong.values_list("customer__external_id", "user__email").union(
        invited.values_list("customer__external_id", "email")
    )
    found = defaultdict(set)
    for number, address in rows:
        found[number].add(address.lower())
    return {number: frozenset(addresses) for number, addresses in found.items()}


def contracts_named(tables: Iterable[Table], customers: Iterable[str]) -> Iterable[Contract]:
    tables = tuple(tables)
    numbers = _named([one for one in tables if one.kind.key == "contracts"], "external_id")
    named = Q(order_form__in=_named(tables, "order_form")) | Q(customer__external_id__in=customers)
    if numbers:
        named |= Q(external_id__in=numbers)
    return Contract.objects.filter(named).with_facts().prefetch_related("products", "fee_months", "engagements")


def order_forms_of(tables: Iterable[Table]) -> set[str]:
    return _named(tables, "order_form")


def _named(tables: Iterable[Table], column: str) -> set[str]:
    """What the rows have in a column, as far as it can be read."""
    found = set()
    for table in tables:
        if column in table.kind.by_name:
            read = table.kind.by_name[column].read
            for row in table.rows:
                try:
                    found.add(str(read(row.cells.get(column, ""))))
                except ValueError:
                    continue
    return found


def _held(contract: Contract, terms: str) -> Held:
    engagements = contract.engagements.all()
    return Held(
        order_form=contract.order_form,
        external_id=contract.external_id,
        customer=contract.customer.external_id,
        account=contract.account,
        facts=contract.facts(),
        currency=contract.currency,
        plan=contract.plan,
        discount=contract.discount_percent,
        terms=terms,
        products=tuple((one.product_id, one.days.lower, one.days.upper - _DAY) for one in contract.products.all()),
        fees={
            one.month: None if one.days else (one.paid_seats, one.cost_per_seat) for one in contract.fee_months.all()
        },
        engagements=tuple(one.facts() for one in engagements),
        references={str(one.pk): one.reference for one in engagements},
    )
