"""The end of loss-based credits: some contracts have had their notice and choose, others wait for a second person (S16, S17); so does a
correction of terms that were on record by mistake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from entitlements.actions.legal_contacts import add_legal_contact, confirm_legal_contact
from entitlements.models import Contract, Customer
from entitlements.rules.days import add_months
from entitlements.rules.spans import Span
from sla.actions.elections import choose
from sla.actions.prices import enter_prepaid, enter_price
from sla.actions.terms_corrections import propose_terms_correction
from sla.actions.withdrawals import prepare_withdrawal, propose_withdrawal, release_withdrawal
from sla.demo.cast import FIRMS, Cast
from sla.demo.scene import Scene, moment
from sla.models import Election, PrepaidPeriod

PRICES = (("Enterprise", "59.00"), ("Digital Operations", "49.00"), ("Business", "44.00"), ("Professional", "24.00"))
RUNNING, WAITING = ("thames", "outfitters", "copper"), ("maple", "sagar", "kiwi")
_DAY = timedelta(days=1)


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    known, told, chosen, waits = moment(now, 399), moment(now, 2), moment(now, 1), moment(now, 0.5)
    yield Scene(known, partial(_prices, cast, known))
    yield Scene(moment(now, 3), partial(_paid_ahead, cast, moment(now, 3)))
    yield Scene(told, partial(_release, cast, told))
    yield Scene(chosen, partial(_choose, cast, chosen))
    yield Scene(waits, partial(_paid_ahead, cast, waits))  # of those whom the import brought in meanwhile
    yield Scene(waits, partial(_propose, cast, waits))
    yield Scene(waits, partial(_propose_correction, cast, waits))


def _prices(cast: Cast, at: datetime) -> None:
    for rank, (plan, price) in enumerate(PRICES):
        enter_price(
            plan=plan,
            billing_period="month",
            currency="USD",
            price=Decimal(price),
            rank=rank,
            first=date(2020, 1, 1),
            last=None,
            offered=True,
            by=cast.manager,
            now=at,
        )


def _paid_ahead(cast: Cast, at: datetime) -> None:
    """What every contract paid for its running year, and where its legal notices go; where that is not on record yet."""
    fees = {firm.key: Decimal(firm.seat_price) for firm in FIRMS}
    by_contract = {contract.pk: fees[key] for key, contract in cast.contracts.items()}
    waiting = Contract.objects.filter(prepaid_periods__isnull=True).select_related("customer")
    for contract in waiting.order_by("pk"):
        line = contract.fee_months.order_by("-month").first()
        fee = by_contract.get(contract.pk) or (line and line.cost_per_seat)
        days = _year_of(contract, at)
        if not (fee and line and days):
            continue
        enter_prepaid(
            contract=contract,
            billing_period="month",
            fee=fee,
            amount=fee * line.paid_seats * 12,
            first=days.start.date(),
            last=days.end.date() - _DAY,
            document=f"Invoice {contract.order_form}-1",
            by=cast.manager,
            now=at,
        )
        _contact(contract.customer, cast, at)


def _year_of(contract: Contract, at: datetime) -> Span | None:
    """The running year of the contract; None where none runs."""
    first = contract.first_day
    while add_months(first, 12) <= at.date():
        first = add_months(first, 12)
    last = min(add_months(first, 12), contract.term.upper)
    begins, ends = (datetime(day.year, day.month, day.day, tzinfo=at.tzinfo) for day in (first, last))
    return Span(begins, ends) if begins < ends else None


def _contact(customer: Customer, cast: Cast, at: datetime) -> None:
    """The legal department of each customer that has named nobody yet."""
    if customer.legal_contacts.exists():
        return
    owner = customer.memberships.filter(left_at__isnull=True).select_related("user").first()
    by = owner.user if owner else cast.manager
    email = f"legal@{customer.external_id.lower()}.example"
    contact = add_legal_contact(customer=customer, name="Legal department", email=email, by=by, now=at)
    confirm_legal_contact(contact=contact, by=None, now=at)


def _release(cast: Cast, at: datetime) -> None:
    made = prepare_withdrawal(
        title="End of loss-based credits, first customers",
        why="The insurance that stood behind these credits ends this quarter.",
        contracts=[cast.contracts[firm] for firm in RUNNING],
        vendor_choice="stay",
        vendor_choice_why="Nothing of what they work with changes.",
        by=cast.manager,
        now=at - timedelta(hours=2),
    )
    propose_withdrawal(withdrawal=made, by=cast.manager, now=at - timedelta(hours=1))
    release_withdrawal(withdrawal=made, by=cast.approver, now=at)


def _choose(cast: Cast, at: datetime) -> None:
    election = Election.objects.get(contract=cast.contracts["thames"])
    choose(election=election, choice="shift", by=cast.owners["thames"], now=at)


def _propose(cast: Cast, at: datetime) -> None:
    ready = PrepaidPeriod.objects.filter(contract__in=[cast.contracts[firm] for firm in WAITING]).values("contract")
    made = prepare_withdrawal(
        title="End of loss-based credits, second part",
        why="The insurance that stood behind these credits ends this quarter.",
        contracts=Contract.objects.filter(pk__in=ready),
        by=cast.manager,
        now=at,
    )
    propose_withdrawal(withdrawal=made, by=cast.manager, now=at)


def _propose_correction(cast: Cast, at: datetime) -> None:
    contract = cast.contracts["prairie"]
    propose_terms_correction(
        contract=contract,
        first=contract.first_day,
        reason="The order form has the Standard terms; they were typed in as Enterprise.",
        document=f"Order form {contract.order_form}, page 2",
        by=cast.manager,
        now=at,
    )
