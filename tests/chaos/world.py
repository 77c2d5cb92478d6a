"""The ground of every scenario, made once by the product's own actions, from a seed: what is due, what can be sent, what waits.

History lies in the past of the true clock: whatever is due fell due days ago, so that no clock has to be moved for it to be done, and
what is done as of a deadline can be compared to the microsecond.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
WINDOW = 15 * DAY
"""Whatever occurred longer ago than this and two days has no window any more; what occurred within these days has one."""


@dataclass(frozen=True)
class Size:
    due: int = 200
    by_themselves: int = 10
    reports: int = 20
    complete: int = 40
    proposals: int = 3
    postings: int = 3
    requests: int = 3
    contracts: int = 20

    def __str__(self) -> str:
        return (
            f"{self.due} drafts and {self.reports} reports whose windows have ended, {self.by_themselves} drafts that send themselves, "
            f"{self.complete} complete drafts to be sent, {self.proposals} decisions and {self.postings} lines of the ledger that wait "
            f"for a second person, {self.requests} requests to be scheduled, {self.contracts} contracts"
        )


FULL = Size()
SHORT = Size(due=5, by_themselves=1, reports=2, complete=3, proposals=1, postings=1, requests=1, contracts=2)


@dataclass
class World:
    """Names of what is there, the same in every copy: references, and keys of rows."""

    database: str
    base: datetime
    """When history ends and a scenario begins, UTC."""
    size: Size
    drafts: list[str] = field(default_factory=list)
    """Complete, and to be sent by hand: references of claims, whose windows are open."""
    due: list[str] = field(default_factory=list)
    proposals: list[int] = field(default_factory=list)
    postings: list[int] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    contracts: list[int] = field(default_factory=list)
    engineer: int = 0
    manager: int = 0
    approver: int = 0


def build(*, seed: int, size: Size, base: datetime, database: str) -> World:
    """Make it in the database that Django is pointed at; everything is committed, and all letters so far have been sent."""
    from entitlements.actions.legal_contacts import add_legal_contact, confirm_legal_contact
    from entitlements.models import Contract
    from tests import factories as make

    dice = Random(seed)
    world = World(database, base, size)
    first, last = (base - 200 * DAY).date().replace(day=1), (base + 500 * DAY).date().replace(day=1) - DAY
    early = base - 60 * DAY
    with fast_and_quiet(base):
        world.manager, world.approver = make.manager().pk, make.approver().pk
        world.engineer = make.engineer(name="Ada Booked").pk
        contracts = [make.contract(first=first, last=last, now=early) for _ in range(size.contracts)]
        world.contracts = [one.pk for one in contracts]
        for contract in contracts:
            owner = make.one_of(contract.customer)
            second = add_legal_contact(
                customer=contract.customer,
                name="Legal",
                email=f"legal{contract.pk}@customer.example",
                by=owner,
                now=early,
            )
            confirm_legal_contact(contact=second, by=None, now=early)
        lot = Lot(dice, contracts, base)
        for n in range(size.due):
            world.due.append(lot.draft(n, lot.long_ago(n)).reference)
        for n in range(size.by_themselves):
            lot.draft(n, lot.long_ago(n + 1000), complete=True)
        for n in range(size.reports):
            lot.report(n, lot.long_ago(n + 2000))
        for n in range(size.complete):
            world.drafts.append(lot.draft(n, lot.lately(n), complete=True, sends_itself=False).reference)
        for n in range(size.proposals + size.postings):
            lot.decided(n, world, post=n >= size.proposals)
        for n in range(size.requests):
            contract = contracts[n % len(contracts)]
            day = (base + (30 + n) * DAY).date()
            world.requests.append(make.request(contract=contract, day=day, now=base - DAY).reference)
    assert Contract.objects.exists()
    return world


def more_drafts(world: World, *, seed: int, n: int) -> list[str]:
    """So many more complete drafts, to be sent by hand, in the copy of the ground that Django is pointed at: their references."""
    from entitlements.models import Contract

    with fast_and_quiet(world.base):
        lot = Lot(Random(seed), list(Contract.objects.filter(pk__in=world.contracts).order_by("pk")), world.base)
        begun = (lot.lately(world.size.complete + 60 + one) for one in range(n))
        return [lot.draft(one, when, complete=True, sends_itself=False).reference for one, when in enumerate(begun)]


@dataclass
class Lot:
    """Each matter at a time of its own, by the dice; none of one cause with another, but where it says so."""

    dice: Random
    contracts: list
    base: datetime

    def long_ago(self, n: int) -> datetime:
        """So that its window has ended by now, by a day at least."""
        return self.base - WINDOW - 3 * DAY - self.dice.randint(0, 8) * DAY - n * MINUTE

    def lately(self, n: int) -> datetime:
        """So that its window is open, and none of its reminders falls into the hours for which a run's clock goes on."""
        return self.base - 3 * DAY - self.dice.randint(0, 4) * DAY - n * MINUTE

    def report(self, n: int, began: datetime):
        from tests import factories as make

        contract = self.contracts[n % len(self.contracts)]
        return make.failure(contract=contract, began=began, minutes=75, logged=False, now=began + 2 * HOUR)

    def draft(self, n: int, began: datetime, **how: bool):
        from tests import factories as make

        return make.draft(failure=self.report(n, began), now=began + 3 * HOUR, **how)

    def decided(self, n: int, world: World, *, post: bool):
        """A proposal that waits for the second person; or a credit, granted, of which an application waits for one."""
        from entitlements.models import User
        from sla.models import Credit
        from tests import credit_factories as ledger
        from tests import factories as make

        people = User.objects.in_bulk([world.manager, world.approver])
        contract = self.contracts[n % len(self.contracts)]
        began = self.base - (10 + n) * DAY
        failure = make.failure(contract=contract, began=began, minutes=95, now=began + 2 * HOUR)
        draft = make.draft(failure=failure, complete=True, now=began + 3 * HOUR)
        claim = make.sent_claim(draft=draft, received_at=began + 4 * HOUR)
        proposal = make.proposal(claim=claim, by=people[world.manager], now=began + DAY)
        if not post:
            world.proposals.append(proposal.pk)
            return
        make.decided(proposal=proposal, by=people[world.approver], now=began + 2 * DAY)
        credit = Credit.objects.get(claim=claim)
        line = ledger.application(of=credit, by=people[world.manager], now=began + 3 * DAY, invoice=f"INV-{n}")
        world.postings.append(line.pk)


@contextmanager
def fast_and_quiet(base: datetime) -> Iterator[None]:
    """Passwords are hashed once over; what was written meanwhile has been sent, at the time."""
    from django.test import override_settings

    from entitlements import notices

    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        ALLOWED_HOSTS=["*"],
    ):
        yield
        while notices.send_all(clock=lambda: base - HOUR):
            pass


def now() -> datetime:
    """The true clock, as the ground takes it for its base."""
    return datetime.now(UTC).replace(microsecond=0)
