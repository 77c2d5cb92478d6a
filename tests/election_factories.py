"""Withdrawals and elections for tests: keyword-only, by the product's own actions, where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.models import Contract, Letter, Role, User
from sla import uploads
from sla.actions.election_effects import decide_election
from sla.actions.elections import choose
from sla.actions.prices import enter_prepaid, enter_price
from sla.actions.withdrawals import prepare_withdrawal, propose_withdrawal, release_withdrawal
from sla.models import Election, ListPrice, PrepaidPeriod, Withdrawal
from tests import accounts
from tests import factories as make
from tests.factories import DAY, HOUR, NOW

ARRIVED = NOW + HOUR
"""Wednesday, June 10, 2026, eleven in the morning in New York: the seven days end with June 17."""

PRICES = {"Digital Operations": "59.00", "Business": "41.00", "Professional": "21.00"}


def prices(*, currency: str = "USD", by: User | None = None) -> list[ListPrice]:
    """Three plans by the month, on sale since 2020."""
    by = by or make.manager()
    return [
        enter_price(
            plan=plan, billing_period="month", currency=currency, price=Decimal(price), rank=rank,
            first=date(2020, 1, 1), last=None, offered=True, by=by, now=NOW,
        )
        for rank, (plan, price) in enumerate(PRICES.items())
    ]  # fmt: skip


def prepaid(
    *,
    contract: Contract,
    amount: str = "59040.00",
    fee: str = "41.00",
    first: date = make.FIRST,
    last: date = date(2026, 12, 31),
    by: User | None = None,
) -> PrepaidPeriod:
    """What was paid ahead: 120 seats at 41.00 for the twelve months of 2026."""
    return enter_prepaid(
        contract=contract, billing_period="month", fee=Decimal(fee), amount=Decimal(amount), first=first, last=last,
        document="Invoice 4711", by=by or make.manager(), now=NOW,
    )  # fmt: skip


def ready(*, contract: Contract | None = None, contacts: int = 1, paid: bool = True, **order: object) -> Contract:
    """A contract with confirmed contacts for legal notices, and what it paid ahead."""
    contract = contract or make.contract(**order)  # type: ignore[arg-type]
    for n in range(contacts):
        accounts.contact(customer=contract.customer, email=f"legal{n}@c{contract.pk}.example", confirmed=True)
    if paid:
        prepaid(contract=contract)
    return contract


def prepared(
    *, contracts: Sequence[Contract] | None = None, by: User | None = None, now: datetime = NOW, **fields: str
) -> Withdrawal:
    """A withdrawal in preparation; with prices on record if there are none."""
    if not ListPrice.objects.exists():
        prices()
    told = {"title": "End of loss-based credits", "why": "The insurance behind them ends.", **fields}
    return prepare_withdrawal(contracts=contracts or [ready()], by=by or make.manager(), now=now, **told)


def proposed(
    *, withdrawal: Withdrawal | None = None, by: User | None = None, now: datetime = NOW, **more: object
) -> Withdrawal:
    withdrawal = withdrawal or prepared(now=now, **more)  # type: ignore[arg-type]
    return propose_withdrawal(withdrawal=withdrawal, by=by or make.manager(), now=now)


def released(*, withdrawal: Withdrawal | None = None, now: datetime = NOW, **more: object) -> Withdrawal:
    """Released by two people; its notices wait to be sent."""
    waiting = (
        withdrawal
        if withdrawal and withdrawal.state == "proposed"
        else proposed(withdrawal=withdrawal, now=now, **more)
    )
    return release_withdrawal(withdrawal=waiting, by=make.approver(), now=now)


def election(*, now: datetime = NOW, **more: object) -> Election:
    """The one of a withdrawal that was released for one contract."""
    return fresh(released(now=now, **more).elections.get())


def shifted(*, contract: Contract, now: datetime = NOW) -> Election:
    """One that took effect by a choice of the customer's, with the memo of its credit; the clock did nothing else."""
    one = election(contracts=[ready(contract=contract)], now=now)
    accepted(one, at=now)
    made = choose(election=one, choice="shift", by=make.one_of(contract.customer, Role.SIGNATORY), now=now + DAY)
    decide_election(election=made.election, now=now + 9 * DAY)
    return fresh(one)


def accepted(election: Election, *, at: datetime, contact: int = 0) -> Letter:
    """The mail server took the last notice to one of the contacts at this moment."""
    letter = notices(election)[contact]
    Letter.objects.filter(pk=letter.pk).update(state="accepted", accepted_at=at, subject="…", text="…")
    letter.refresh_from_db()
    return letter


def notices(election: Election) -> list[Letter]:
    """The letters of its last notice to contacts."""
    found = Letter.objects.filter(kind="election_notice", matter=election.reference, person__isnull=True)
    return list(found.filter(point=f"notice {fresh(election).notice}").order_by("pk"))


def fresh(election: Election) -> Election:
    """As it is in the database now."""
    return Election.objects.select_related("contract__customer", "withdrawal", "terms").get(pk=election.pk)


def document(name: str = "choice.csv") -> uploads.CheckedFile:
    return uploads.check(SimpleUploadedFile(name, b"we,choose\n1,2\n"))


def days(first: date, last: date) -> DateRange:
    return DateRange(first, last + DAY)
