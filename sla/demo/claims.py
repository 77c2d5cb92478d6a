"""What failed, what was claimed, and what became of it: one line an outage, one line a claim."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from django.db.models import QuerySet

from entitlements.models import Contract, User
from sla.actions import (
    causes,
    claims,
    corrections,
    decisions,
    drafts,
    evidence,
    failures,
    lines,
    outages,
    publishing,
)
from sla.demo.cast import Cast
from sla.demo.claim_papers import ask_for_the_ledger, bring_in_orders
from sla.demo.scene import Scene, moment
from sla.models import Claim, Failure, LostTransaction, Outage, Proposal
from sla.uploads import CheckedFile


class ToldOutage(NamedTuple):
    """An outage: so many days ago at a clock time (UTC), or begun just now; `minutes` None: still going on."""

    key: str
    title: str
    days_ago: int
    clock: time | None
    minutes: int | None
    firms: tuple[str, ...]
    fixed: bool

    def start(self, now: datetime) -> datetime:
        return moment(now, self.days_ago, self.clock) if self.clock else now - timedelta(minutes=50)

    def end(self, now: datetime) -> datetime | None:
        return self.start(now) + timedelta(minutes=self.minutes) if self.minutes else None


class ToldClaim(NamedTuple):
    """What a firm made of an outage, and how far it has come today."""

    firm: str
    outage: str
    end: str


class Order(NamedTuple):
    """A transaction that failed, so many minutes into the outage."""

    minute: int
    what: str
    revenue: str
    expenses: str


OUTAGES = (
    ToldOutage(
        "delivery", "Notifications were not sent", 38, time(14, 0), 52, ("northwind", "maple", "thames", "kiwi"), True
    ),
    ToldOutage("queue", "Incident queue stopped", 13, time(9, 20), 75, ("alpenbahn", "sagar", "lakeside"), True),
    ToldOutage("storage", "Event storage not reachable", 5, time(18, 5), 41, ("outfitters", "copper", "maple"), True),
    ToldOutage("login", "Short loss of the event API", 3, time(6, 30), 22, ("orchid",), True),
    ToldOutage("yesterday", "Incident tracking was down", 1, time(15, 0), 47, ("northwind",), False),
    ToldOutage("now", "Alerting is slow to answer", 0, None, None, ("lakeside", "prairie"), False),
)

ORDERS = (
    Order(12, "Order 48-1207, Tern Logistics", "18400.00", "6120.00"),
    Order(17, "Order 48-1211, Quill & Sons", "9250.50", "2980.25"),
    Order(26, "Order 48-1219, Marigold Hotels", "31200.00", "11800.00"),
    Order(34, "Order 48-1223, Fenwick Marine", "4100.00", "1275.40"),
    Order(55, "Order 48-1240, Oakridge Foods", "7600.00", "2410.00"),
)

MANY = tuple(
    Order(
        10 + n // 2, f"Payment 7{n:03} through gateway {'B' if n % 8 == 0 else 'A'}", f"{140 + n % 9 * 35}.00", "38.50"
    )
    for n in range(1, 121)
)
"""What one firm lost by the minute: a list that a reviewer goes through by a filter."""

CLAIMS = (
    ToldClaim("northwind", "delivery", "credited"),
    ToldClaim("maple", "delivery", "denied"),
    ToldClaim("kiwi", "delivery", "lapsed"),
    ToldClaim("thames", "delivery", "reported"),
    ToldClaim("alpenbahn", "queue", "proposed"),
    ToldClaim("sagar", "queue", "in_review"),
    ToldClaim("lakeside", "queue", "draft"),
    ToldClaim("outfitters", "storage", "reported"),
    ToldClaim("copper", "storage", "complete"),
    ToldClaim("maple", "storage", "asked"),
    ToldClaim("orchid", "login", "reported"),
)

REACHED = {
    "reported": 1,
    "draft": 2,
    "complete": 2,
    "lapsed": 2,
    "in_review": 4,
    "asked": 4,
    "proposed": 5,
    "credited": 6,
    "denied": 6,
}
PAUSES = (1, 24, 24, 24, 3, 20)  # hours before each step


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    recorded: dict[str, Outage] = {}
    by_key = {told.key: told for told in OUTAGES}
    for told in OUTAGES:
        yield from _outage(cast, now, told, recorded)
    for claim in CLAIMS:
        yield from _Story(cast, now, claim, by_key[claim.outage]).scenes()


def _outage(cast: Cast, now: datetime, told: ToldOutage, recorded: dict[str, Outage]) -> Iterator[Scene]:
    start, end = told.start(now), told.end(now)
    at = min((end or start) + timedelta(minutes=20), now)

    def record_it() -> None:
        intervals = [outages.LoggedInterval(cast.contracts[firm].customer, start, end) for firm in told.firms]
        source = f"api-{told.key}.log, lines 1 to 214"
        recorded[told.key] = outages.record_outage(
            title=told.title, intervals=intervals, source=source, by=cast.manager, now=at
        )

    yield Scene(at, record_it)
    if told.key == "yesterday":
        yield Scene(at, lambda: publishing.publish_outage(outage=recorded[told.key], by=cast.manager, now=at))
    if told.key == "login":
        yield Scene(at, lambda: _correct(recorded[told.key], cast, at))
    if told.fixed:
        mended = min(at + timedelta(hours=5), now)
        yield Scene(mended, lambda: causes.record_fix(cause=recorded[told.key].cause, by=cast.manager, now=mended))


def _correct(outage: Outage, cast: Cast, at: datetime) -> None:
    """The log of the other site had it a minute longer; twenty-three are not thirty either."""
    for log in outage.downtimes.all():
        corrections.correct_downtime(
            downtime=log,
            start=log.start,
            end=log.end and log.end + timedelta(minutes=1),
            reason="The log of the other site has the recovery a minute later.",
            by=cast.manager,
            now=at,
        )


@dataclass
class _Story:
    cast: Cast
    now: datetime
    told: ToldClaim
    outage: ToldOutage
    failure: Failure | None = None
    claim: Claim | None = None
    proposal: Proposal | None = None

    def scenes(self) -> Iterator[Scene]:
        steps = (self.report, self.begin, self.send, self.review, self.propose, self.approve)
        at = self.outage.end(self.now) or self.now
        for hours, act in list(zip(PAUSES, steps, strict=True))[: REACHED[self.told.end]]:
            at = min(at + timedelta(hours=hours), self.now)
            yield Scene(at, partial(act, at))

    @property
    def person(self) -> User:
        return self.cast.claimants[self.told.firm]

    @property
    def contract(self) -> Contract:
        return self.cast.contracts[self.told.firm]

    def report(self, at: datetime) -> None:
        self.failure = failures.report_failure(
            contract=self.contract,
            kind=Failure.Kind.OUTAGE,
            began_at=self.outage.start(self.now),
            ended_at=self.outage.end(self.now),
            description="No incident reached our people; orders failed at the till.",
            by=self.person,
            now=at,
        )

    def begin(self, at: datetime) -> None:
        assert self.failure is not None
        self.claim = claims.start_claim(failure=self.failure, by=self.person, now=at)
        orders = {"draft": ORDERS[:2], "in_review": (*ORDERS, *MANY)}.get(self.told.end, ORDERS)
        drafts.add_transactions(claim=self.claim, lines=self._lines(orders), by=self.person, now=at)
        if self.told.end == "draft":
            bring_in_orders(self.claim, self.outage.start(self.now), self.person, at)
        else:
            self._fill_in(at)

    def _fill_in(self, at: datetime) -> None:
        assert self.claim is not None
        evidence.add_evidence(claim=self.claim, file=_export(), label="Export of failed orders", by=self.person, now=at)
        drafts.save_contact(
            claim=self.claim,
            name=self.person.name,
            email=self.person.email,
            phone="",
            audit_consent=True,
            sends_itself=True,
            by=self.person,
            now=at,
        )
        if self.told.end != "lapsed":
            drafts.declare(claim=self.claim, by=self.person, now=at)

    def send(self, at: datetime) -> None:
        assert self.claim is not None
        claims.submit_claim(claim=self.claim, by=self.person, received_at=at)

    def review(self, at: datetime) -> None:
        assert self.claim is not None
        claim = decisions.take_claim(claim=self.claim, by=self.cast.manager, now=at)
        for line in claim.transactions.filter(what__contains="Fenwick"):
            note = "The order was placed again an hour later and went through."
            decisions.strike_line(line=line, reason="completed", note=note, by=self.cast.manager, now=at)

        if self.told.end == "in_review":
            self._go_through_many(claim, at)
        if self.told.end == "asked":
            ask_for_the_ledger(claim, self.cast.manager, at)
        else:
            self._documented(claim, claim.transactions.all(), at)

    def _go_through_many(self, claim: Claim, at: datetime) -> None:
        """S9: what went through a gateway that was down for reasons of its own is struck; for a part the document is named."""
        meant: dict[str, Any] = {"claim": claim, "by": self.cast.manager, "now": at}
        through_b, exported = (
            claim.transactions.filter(what__endswith="gateway B"),
            claim.transactions.filter(line__lte=5),
        )
        note = "Gateway B was down for its operator's own work from before the outage until the evening."
        lines.strike_lines(lines=through_b, count=through_b.count(), reason="ii_other_system_down", note=note, **meant)
        self._documented(claim, exported, at)

    def _documented(self, claim: Claim, shown: QuerySet[LostTransaction], at: datetime) -> None:
        """S9: the export shows these lines."""
        meant: dict[str, Any] = {"claim": claim, "by": self.cast.manager, "now": at}
        lines.document_lines(lines=shown, count=shown.count(), document=claim.evidence.get(), **meant)

    def propose(self, at: datetime) -> None:
        assert self.claim is not None
        claim = Claim.objects.get(pk=self.claim.pk)
        outcome, grounds = "approve", "The outage and the failed orders are documented (S2, S9)."
        if self.told.end == "denied":
            outcome = "deny"
            grounds = "S9: every transaction was completed later the same day, as your own export shows."
        self.proposal = decisions.propose_decision(
            claim=claim, outcome=outcome, grounds=grounds, by=self.cast.manager, now=at
        )

    def approve(self, at: datetime) -> None:
        assert self.proposal is not None
        decisions.approve_proposal(proposal=self.proposal, by=self.cast.approver, now=at)

    def _lines(self, orders: tuple[Order, ...]) -> list[drafts.TransactionLine]:
        start = self.outage.start(self.now)
        return [
            drafts.TransactionLine(
                start + timedelta(minutes=order.minute), order.what, Decimal(order.revenue), Decimal(order.expenses)
            )
            for order in orders
        ]


def _export() -> CheckedFile:
    content = "order,minute,amount\n" + "".join(f"{one.what},{one.minute},{one.revenue}\n" for one in ORDERS)
    return CheckedFile("failed-orders.csv", "csv", content.encode(), hashlib.sha256(content.encode()).hexdigest())
