"""The story, played with the product: its own actions, its sender, its clock, each at the instant at which it happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random

from django.db import transaction
from django.test import override_settings

from entitlements import notices
from entitlements.actions.legal_contacts import add_legal_contact, confirm_legal_contact
from entitlements.actions.refused import Refused
from entitlements.actions.reports import note_report
from entitlements.delivery_reports import Report
from entitlements.models import Contract, Role, User
from sla.actions.elections import choose, enter_written_choice, open_notice, send_notice_again
from sla.actions.prices import enter_prepaid, enter_price
from sla.actions.withdrawals import (
    prepare_withdrawal,
    propose_withdrawal,
    record_vendor_choice,
    release_withdrawal,
)
from sla.admin.withdrawal_standing import rows_of
from sla.elections import comes_too_late
from sla.models import Election
from sla.sweep import sweep
from tests import election_factories as elect
from tests import factories as make
from tests.withdrawal_story.replay import World, seven_days_after
from tests.withdrawal_story.servers import Backend, Post
from tests.withdrawal_story.told import DAY, HOUR, PRICES, TICK, Contact, Deed, Told, Wave, stopped

MAIL = f"{Backend.__module__}.{Backend.__qualname__}"


class Stage:
    """All that is in the story, and what is still to happen, in order of time."""

    def __init__(self, told: Sequence[Told], waves: Sequence[Wave], *, turns_apart: timedelta) -> None:
        self.told, self.waves, self.turns_apart = list(told), tuple(waves), turns_apart
        self.manager, self.approver = make.manager(), make.approver()
        self.worlds: dict[str, World] = {}
        self.elections: dict[str, Election] = {}
        self.signers: dict[str, User] = {}
        self.counted: Counter[str] = Counter()
        self.refused: set[str] = set()
        self._ahead: list[tuple[datetime, int, Callable[[datetime], object]]] = []
        self._number = count()
        self._turns = self._turned = 0
        self._contacts = {one.address: one for told in self.told for one in told.contacts}
        self._of_address: dict[str, str] = {}
        self._renewed: Counter[str] = Counter()
        self.post = Post(
            now=self.waves[0].released,
            is_down=lambda at: stopped("mail server", at, self.waves),
            answer=self._answer,
            took=self._took,
        )

    # --- what is played

    def play(self, tell: Callable[[int, int], None] = lambda done, of: None) -> None:
        """From the release of the first withdrawal until a month after that of the last. `tell` is told of each turn of the clock: which
        it is, and of how many."""
        _prices(self.manager)
        for wave in self.waves:
            contracts = {one: self._contract(one) for one in self.told if one.wave is wave}
            if contracts:
                self._at(wave.released, partial(self._release, wave, contracts))
        with self._mail():
            for at, happens in self._in_order_of_time():
                self.post.now = at
                happens(at)
                if happens == self._turn:
                    self._turned += 1
                    tell(self._turned, self._turns)

    def _in_order_of_time(self) -> Iterator[tuple[datetime, Callable[[datetime], object]]]:
        for wave in self.waves:
            for at in _moments(wave, self.turns_apart):
                self._at(at, self._turn)
                self._turns += 1
            for day in range(1, 28):
                self._at(wave.released + day * DAY - HOUR, self._look_at_the_desk)
        while self._ahead:
            at, _, happens = heappop(self._ahead)
            yield at, happens

    def _at(self, at: datetime, happens: Callable[[datetime], object]) -> None:
        heappush(self._ahead, (at, next(self._number), happens))

    @contextmanager
    def _mail(self) -> Iterator[None]:
        Backend.post = self.post
        with override_settings(EMAIL_BACKEND=MAIL):
            yield

    # --- the desk

    @transaction.atomic
    def _contract(self, told: Told) -> Contract:
        contract = make.contract(
            first=told.first, last=told.last, zone=told.zone, plan=told.plan, products=["im"], fees=False,
            by=self.manager, now=told.wave.released - DAY,
        )  # fmt: skip
        Contract.objects.filter(pk=contract.pk).update(discount_percent=told.discount)
        contract.plans.update(discount_percent=told.discount)
        enter_prepaid(
            contract=contract, billing_period="month", fee=told.fee, amount=told.prepaid, first=told.paid[0],
            last=told.paid[1], document="Invoice", by=self.manager, now=told.wave.released - DAY,
        )  # fmt: skip
        signer = make.member(customer=contract.customer, roles=[Role.OWNER, Role.SIGNATORY])
        for contact in told.contacts:
            self._confirmed(contract, contact.address, signer, told.wave.released - DAY)
        self.signers[contract.order_form] = signer
        return contract

    def _confirmed(self, contract: Contract, address: str, by: User, at: datetime) -> None:
        contact = add_legal_contact(customer=contract.customer, name="Legal", email=address, by=by, now=at)
        confirm_legal_contact(contact=contact, by=None, now=at)

    def _release(self, wave: Wave, contracts: dict[Told, Contract], at: datetime) -> None:
        why = "It is the plainer one." if wave.silence else ""
        made = prepare_withdrawal(
            title="The end of it", why="The insurance ends.", contracts=contracts.values(),
            vendor_choice=wave.silence, vendor_choice_why=why, by=self.manager, now=at,
        )  # fmt: skip
        told_of = {contract.pk: told for told, contract in contracts.items()}
        for election in made.elections.select_related("contract", "withdrawal"):
            told = told_of[election.contract_id]
            lowest = told.plan == "Professional"
            if told.own_silence and not (lowest and told.own_silence == "shift"):
                record_vendor_choice(
                    election=election, choice=told.own_silence, why="So agreed.", by=self.manager, now=at
                )
            self._enter(told, election)
        propose_withdrawal(withdrawal=made, by=self.manager, now=at)
        release_withdrawal(withdrawal=made, by=self.approver, now=at)

    def _enter(self, told: Told, election: Election) -> None:
        reference = election.reference
        self.worlds[reference], self.elections[reference] = World(told), election
        for address in (*(one.address for one in told.contacts), told.spare):
            self._of_address[address] = reference
        if told.opens is not None:
            self._at(told.wave.released + told.opens, partial(self._open, reference))

    def _look_at_the_desk(self, at: datetime) -> None:
        """A manager writes again where the list says that a notice was not given, to somebody else if nobody else is left."""
        running = Election.objects.running().select_related("contract__customer", "withdrawal", "terms")
        for row in rows_of(list(running), at):
            election = row.election
            if row.state != "notice_not_given" or self._renewed[election.reference] > 5:
                continue
            if comes_too_late(election, at):
                continue  # the page offers no other notice: the contract ends first
            told = self.worlds[election.reference].told
            if not self._renewed[election.reference]:
                signer = self.signers[election.contract.order_form]
                self._confirmed(election.contract, told.spare, signer, at)
            self._renewed[election.reference] += 1
            send_notice_again(election=election, by=self.manager, now=at)
            self.counted["notices written again"] += 1

    # --- the clock, and the post

    def _turn(self, at: datetime) -> None:
        """The worker's: it sends, and does what is due."""
        if stopped("worker", at, self.waves):
            self.counted["turns that were missed"] += 1
            return
        notices.send_all(clock=lambda: at)
        run = sweep(now=at, application_now=at, budget=DAY)
        assert not run.alarm, run.alarm
        notices.send_all(clock=lambda: at)
        self.counted["turns of the clock"] += 1

    def _answer(self, to: str, at: datetime) -> int:
        contact = self._contacts.get(to)
        if contact is None or not self._of_address.get(to):
            return 250
        if contact.refuses:
            return 550
        released = self.worlds[self._of_address[to]].told.wave.released
        return 451 if at < released + contact.busy else 250

    def _took(self, to: str, subject: str, number: str, at: datetime) -> None:
        self.counted["letters taken"] += 1
        reference = self._of_address.get(to, "")
        if not subject.startswith(f"[{reference}] Your choice is needed: "):
            return
        world = self.worlds[reference]
        world.happened.append(("taken", at, number))
        self.counted["notices taken"] += 1
        self._plan(reference, at)
        contact = self._contacts.get(to)
        if contact and contact.comes_back:
            at += contact.comes_back
            self._at(at + contact.heard, partial(self._come_back, reference, contact, number, at))

    def _come_back(self, reference: str, contact: Contact, number: str, came_back: datetime, at: datetime) -> None:
        self.worlds[reference].happened.append(("came back", came_back, number))
        self.counted["notices that came back"] += 1
        report = Report(
            kind="bounced", message_id=number, came_back_to=(), recipient=contact.address, host="mx.example",
            diagnostic="5.1.1 no such user", at=came_back, source=f"report of {number}",
        )  # fmt: skip
        note_report(report=report, by=None, now=at)

    # --- the customer

    def _plan(self, reference: str, arrived: datetime) -> None:
        """What it does is planned by the deadline that follows from each arrival, whether or not that is the one that counts."""
        told = self.worlds[reference].told
        deadline = seven_days_after(arrived, told.zone)
        for deed in told.habits:
            if deadline - deed.before > arrived:
                self._at(deadline - deed.before, partial(self._choose, reference, deed))

    def _open(self, reference: str, at: datetime) -> None:
        election = self.elections[reference]
        try:
            open_notice(election=election, by=self.signers[election.contract.order_form], now=at)
        except Refused:
            self.counted["came too late, or too early"] += 1
            return
        self.worlds[reference].happened.append(("opened", at, ""))
        self._plan(reference, at)

    def _choose(self, reference: str, deed: Deed, at: datetime) -> None:
        election = self.elections[reference]
        by = self.signers[election.contract.order_form]
        self.worlds[reference].happened.append(("written" if deed.on_paper else "chosen", at, deed.choice))
        try:
            if deed.on_paper:
                enter_written_choice(
                    election=election, choice=deed.choice, signer="J. Legal", received_at=at, file=elect.document(),
                    by=self.manager, now=at + TICK,
                )  # fmt: skip
            else:
                choose(election=election, choice=deed.choice, by=by, now=at)
            self.counted["choices received"] += 1
        except Refused as refused:
            self.refused.add(refused.refusals[0].code)
            self.counted["came too late, or too early"] += 1


def _moments(wave: Wave, apart: timedelta) -> Iterator[datetime]:
    """When the clock turns: at odd moments, so many in a day, for four weeks."""
    at, end, lot = wave.released, wave.released + 28 * DAY, Random(str(wave.released))
    while at < end:
        at += apart * (0.5 + lot.random())
        yield at


def _prices(by: User) -> None:
    for rank, (plan, price) in enumerate(PRICES.items()):
        enter_price(
            plan=plan, billing_period="month", currency="USD", price=Decimal(price), rank=rank,
            first=make.FIRST.replace(year=2020), last=None, offered=True, by=by, now=make.NOW,
        )  # fmt: skip
