"""Random sequences of reports, claims, findings, merges of causes, decisions, reversals, waivers and jumps of the clock, played by the
product and by a book that follows CLAUSES.md (S8, S9, S11, S12, S13, S19, P20): after each act both say the same.

Each sequence has a number; a failure names it and what was done up to there. `SEQUENCES=400` plays more of them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from entitlements.actions.fees import record_fees
from entitlements.actions.refused import Refused
from entitlements.models import Membership
from entitlements.rules.money import cents
from sla.actions import aside, causes, claims, decisions, failures, lines, postings, waivers
from sla.models import Cause, Claim, Credit, CreditEntry, Outage, Posting, Proposal, Waiver
from sla.proofs import prove
from sla.sweep import sweep
from tests import factories as make
from tests import finding_factories as findings
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared
from tests.sla import credits_by_the_register as book

pytestmark = pytest.mark.django_db

SEQUENCES, ACTS = int(os.environ.get("SEQUENCES", "3")), 40
FEES_OF = {"small": 5 * 12 * 120 * 41, "other": 5 * 12 * 120 * 41, "large": 5 * 12 * 1000 * 90}
"""S11: five times the annual fees, in dollars; those of the large contract are more than the cap."""
CUSTOMER_OF = {"small": "one", "other": "one", "large": "two"}
SECOND = {"ann", "bob", "own"}


def world() -> SimpleNamespace:
    """Two customers, one with two contracts; who works here: three who may approve, of whom one was of the first customer, and one
    who may not."""
    small = make.contract()
    other, large = make.contract(customer=small.customer), make.contract(fees=False)
    months = {date(2026, month, 1): (Decimal(90), 1000) for month in range(1, 7)}
    record_fees(contract=large, months=months, by=make.manager(), now=NOW)
    staff = {"ann": make.approver(), "bob": make.approver(), "own": make.approver(), "max": make.manager()}
    Membership.objects.create(
        user=staff["own"], customer=small.customer, roles=["claims"], left_at=NOW, left_by=staff["max"]
    )
    contracts = {"small": small, "other": other, "large": large}
    claimants = {name: make.one_of(one.customer, "claims") for name, one in contracts.items()}
    return SimpleNamespace(contracts=contracts, staff=staff, claimants=claimants)


class Sequence:
    """One run of acts, each done by the product and in the book."""

    def __init__(self, world: SimpleNamespace) -> None:
        self.world, self.draw = world, Random(0)
        self.book = book.Book(NOW, {"one": {"own"}, "two": set()}, SECOND)
        self.keys: dict[object, int] = {}
        self.done: list[str] = []
        self.seen: Counter[tuple[str, bool]] = Counter()
        self.alone = False

    def begins(self, seed: int, *, alone: bool) -> Sequence:
        """The same beginning, and from here on another course."""
        one = deepcopy(self)
        one.draw, one.done, one.alone = Random(seed), [*self.done, f"sequence {seed}"], alone
        return one

    # --- How an act is played

    def play(self, acts: int, weights: dict[str, int]) -> None:
        names = [name for name, weight in weights.items() for _ in range(weight)]
        while acts:
            name = self.draw.choice(names)
            self.tick()
            if getattr(self, name)() is not False:
                acts -= 1
                self.look()

    def tick(self) -> None:
        self.book.now += timedelta(minutes=self.draw.randint(1, 90))

    def both(self, act: str, may: bool, do: Callable[[], Any], about: str = "") -> Any:
        """What the product did, or None where it refused; the book has to say the same."""
        self.done.append(f"{self.book.now:%d %H:%M} {act} {about}: {'done' if may else 'refused'}")
        did, codes = None, []
        try:
            with transaction.atomic():
                did = do()
        except Refused as refused:
            codes = [one.code for one in refused.refusals]
        assert may is not bool(codes), self.told(f"refused: {codes}" if codes else "it was done")
        self.seen[act, may] += 1
        return did

    def told(self, what: str) -> str:
        return "\n".join([*self.done, what])

    def one_of(self, among: list[Any]) -> Any:
        return self.draw.choice(among) if among else None

    def first(self) -> str:
        return self.draw.choice(["max", "max", "ann", "own"])

    def second(self, between: book.TwoPeople) -> str:
        """Now and then whoever proposed it; always, where everybody tries it alone."""
        return between.by if self.alone else self.draw.choice(["bob", "bob", "ann", "max", "own", between.by])

    def given(self, by: str) -> dict[str, Any]:
        return {"by": self.world.staff[by], "now": self.book.now}

    def row(self, model: type[Any], of: object) -> Any:
        return model.objects.get(pk=self.keys[of])

    def keep(self, of: object, row: Any) -> None:
        self.keys[of] = row.pk

    # --- The acts

    def outage(self) -> bool | None:
        if len(self.book.outages) == 4:
            return False
        day = self.book.now.replace(hour=14, minute=0) - (len(self.book.outages) < 2) * DAY * (
            3 - len(self.book.outages)
        )
        start = day if day + 3 * HOUR < self.book.now else day - DAY
        if any(one.start == start for one in self.book.outages):
            return False
        told = book.Outage(start, self.draw.choice([95, 60, 45]), book.Cause())
        customers = {one.customer for one in self.world.contracts.values()}
        row = make.outage(customers=list(customers), start=start, minutes=told.down, now=self.book.now)
        self.book.outages.append(told)
        self.book.causes.append(told.cause)
        self.keep(told, row)
        self.keep(told.cause, row.cause)
        return self.claim(told) if len(self.book.outages) > 2 else None

    def claim(self, told: book.Outage | None = None) -> bool | None:
        """A report, and the claim for it, mostly filled in at once."""
        told = told or self.one_of([one for one in self.book.outages if one.counts])
        if told is None:
            return False
        name = self.draw.choice(list(CUSTOMER_OF))
        by, now = self.world.claimants[name], self.book.now
        stated = {"kind": "A", "began_at": told.start, "ended_at": told.start + told.down * book.MINUTE}
        failure = failures.report_failure(contract=self.world.contracts[name], by=by, now=now, **stated)
        begin = lambda: claims.start_claim(failure=failure, by=by, now=now)  # noqa: E731
        row = self.both("claim", self.book.may_claim(told), begin, name)
        if row is None:
            return None
        claim = self.book.claim(name, CUSTOMER_OF[name], FEES_OF[name], told)
        assert self.keys.setdefault(claim, row.pk) == row.pk, self.told("another draft")
        if self.draw.random() < 0.85:
            self.fill_in(claim)
        return None

    def fill_in(self, claim: book.Claim | None = None) -> bool | None:
        claim = claim or self.one_of([one for one in self.book.claims if not one.received])
        if claim is None:
            return False
        first, itself = claim.outages[-1], self.draw.random() < 0.6
        sums = self.draw.choices([1000, 90_000, 1_700_000, -400], [2, 2, 3, 1], k=self.draw.randint(1, 4))
        minutes = self.draw.sample(range(first.down + 10), k=len(sums))
        said = [book.Line(first.start + n * book.MINUTE, profit) for n, profit in zip(minutes, sums, strict=True)]
        may = self.book.may_fill_in(claim)
        if self.both("fill in", may, lambda: self._filled_in(claim, said, itself)):
            self.book.fill_in(claim, said, sends_itself=itself)
        return None

    def _filled_in(self, claim: book.Claim, said: list[book.Line], itself: bool) -> Claim:
        row, by = self.row(Claim, claim), self.world.claimants[claim.contract]
        told = {"claim": row, "by": by, "now": self.book.now}
        listed = [
            claims.TransactionLine(one.at, "An order", Decimal(max(one.profit, 0)), Decimal(max(-one.profit, 0)))
            for one in said
        ]
        claims.add_transactions(lines=listed, **told)
        if not row.evidence.exists():
            claims.add_evidence(file=make.document(), label="The list", **told)
        contact = {"name": by.name, "email": by.email, "phone": "", "audit_consent": True}
        row.transactions.update(document=row.evidence.get())
        claims.save_contact(sends_itself=itself, **contact, **told)
        return claims.declare(**told)

    def send(self) -> bool | None:
        claim = self.one_of([one for one in self.book.claims if one.state in ("draft", "lapsed")])
        if claim is None:
            return False
        given = {"by": self.world.claimants[claim.contract], "received_at": self.book.now}
        self.both("send", self.book.send(claim), lambda: claims.submit_claim(claim=self.row(Claim, claim), **given))
        return None

    def withdraw(self) -> bool | None:
        claim = self.one_of(self.book.claims)
        if claim is None:
            return False
        given = {"by": self.world.claimants[claim.contract], "now": self.book.now}
        self.both(
            "withdraw", self.book.withdraw(claim), lambda: claims.withdraw_claim(claim=self.row(Claim, claim), **given)
        )
        return None

    def jump(self) -> None:
        self.book.now += self.draw.choice([6 * HOUR, 2 * DAY, 9 * DAY, 20 * DAY])
        self.done.append(f"{self.book.now:%d %H:%M} the clock jumps")

    def to_the_deadline(self) -> bool | None:
        """To the very instant at which a window ends, or one of a draft's own sending, or a moment before."""
        instants = [one.window_ends for one in self.book.outages]
        instants += [one.sends_at for one in self.book.claims if one.sends_at]
        ahead = [one for one in instants if self.book.now < one]
        if not ahead:
            return False
        self.book.now = min(ahead) - self.draw.choice([timedelta(0), timedelta(seconds=1)])
        self.done.append(f"{self.book.now:%d %H:%M:%S} the clock jumps to a deadline")
        return self.send()

    def leave(self) -> bool | None:
        """A draft to itself, until it has sent itself, or has lapsed and is to be let in after all."""
        drafts = {one.sends_at or one.closes for one in self.book.claims if one.state == "draft"}
        ahead = sorted(moment for moment in drafts if self.book.now < moment)
        if not ahead:
            return False
        self.book.now = self.draw.choice(ahead) + self.draw.choice([6 * book.MINUTE, 2 * HOUR, DAY])
        self.done.append(f"{self.book.now:%d %H:%M} a draft is left to itself")
        self.turn()
        self.waive()
        return None

    def turn(self) -> None:
        self.done.append(f"{self.book.now:%d %H:%M} the clock's turn")
        self.book.turn()
        run = sweep(now=self.book.now, application_now=self.book.now)
        assert not run.alarm, self.told(run.alarm)

    def waive(self) -> bool | None:
        late = [one for one in self.book.claims if one.state == "lapsed" or (one.received and one.late)]
        claim, by = self.one_of(self.book.claims if self.draw.random() < 0.1 else late), self.first()
        if claim is None:
            return False
        may = self.book.propose_waiver(claim, by)
        ask = lambda: waivers.propose_waiver(claim=self.row(Claim, claim), reason="Goodwill.", **self.given(by))  # noqa: E731
        if row := self.both("waive", may, ask, by):
            self.keep(claim.waiver, row)
        return None

    def strike(self) -> bool | None:
        claim, by = self.one_of([one for one in self.book.claims if one.received and one.lines]), self.first()
        if claim is None:
            return False
        n, struck = self.draw.randrange(len(claim.lines)), self.draw.random() < 0.6
        row = self.row(Claim, claim)
        of = {"lines": row.transactions.filter(line=n + 1), "claim": row, "count": 1, "note": "Seen.", **self.given(by)}
        do = (lambda: lines.strike_lines(reason="other_cause", **of)) if struck else (lambda: lines.keep_lines(**of))
        self.both("strike", self.book.strike(claim, claim.lines[n], struck=struck, by=by), do, by)
        return None

    def find(self) -> bool | None:
        told, minutes = self.one_of(self.book.outages), self.draw.choice([5, 20, 50])
        if told.cut >= minutes:
            return False
        self.book.find(told, minutes)
        self.done.append(f"{self.book.now:%d %H:%M} another cause for the first {minutes} minutes")
        outage = self.row(Outage, told)
        findings.finding(start=told.start, minutes=minutes, outage=outage, **self.given("max"))
        return None

    def propose(self) -> bool | None:
        ready = [one for one in self.book.claims if one.received and one.state in book.OPEN]
        limited = [one for one in ready if one.credit < one.loss and not self.book.credit_of(one)]
        claim, by = self.one_of(limited if limited and self.draw.random() < 0.4 else ready), self.first()
        if claim is None:
            return False
        yes = self.draw.random() < 0.9
        told = {"outcome": "approve" if yes else "deny", "grounds": "S9: as it stands.", **self.given(by)}
        may = self.book.propose(claim, approve=yes, by=by)
        row = self.both("propose", may, lambda: decisions.propose_decision(claim=self.row(Claim, claim), **told), by)
        if row:
            self.keep(claim.proposal, row)
            if yes:
                assert row.credited == claim.credit, self.told(f"{row.credited} is not {claim.credit}")
        return None

    def settle(self) -> bool | None:
        """Whatever waits for a second person, and now and then what is settled already."""
        among = [
            *((one, one.proposal, self._approve) for one in self.book.claims if one.proposal),
            *((one, one.waiver, self._let_in) for one in self.book.claims if one.waiver),
            *((one, one.waiting, self._post) for one in self.book.credits if one.waiting),
        ]
        waiting = [one for one in among if not one[1].settled]
        found = self.one_of(waiting if waiting and self.draw.random() < 0.85 else among)
        if found is None:
            return False
        of, between, do = found
        do(of, between, self.second(between))
        return None

    def _approve(self, claim: book.Claim, proposal: book.TwoPeople, by: str) -> None:
        row = self.row(Proposal, proposal)
        if self.draw.random() < 0.1:
            may = claim.state == "in_review" and self.book.give_back(proposal)
            self.both("return", may, lambda: decisions.return_proposal(proposal=row, reason="No.", **self.given(by)))
            return
        may = self.book.approve(claim, by)
        if self.both("approve", may, lambda: decisions.approve_proposal(proposal=row, **self.given(by)), by) and may:
            for credit in self.book.credits:
                if credit.claim is claim and credit not in self.keys:
                    self.keep(credit, Credit.objects.get(proposal=row))
                    self.keep(credit.entries[0], CreditEntry.objects.get(credit__proposal=row, kind="grant"))

    def _let_in(self, claim: book.Claim, waiver: book.TwoPeople, by: str) -> None:
        may = self.book.approve_waiver(claim, by)
        row = self.row(Waiver, waiver)
        self.both("let in", may, lambda: waivers.approve_waiver(waiver=row, **self.given(by)), by)

    def _post(self, credit: book.Credit, waiting: book.TwoPeople, by: str) -> None:
        row = self.row(Posting, waiting)
        may = self.book.post(credit, by)
        if entry := self.both("post", may, lambda: postings.approve_posting(posting=row, **self.given(by)), by):
            self.keep(credit.entries[-1], entry)

    def cover(self) -> bool | None:
        claim, by = self.one_of([one for one in self.book.claims if one.received]), self.first()
        if claim is None:
            return False
        do = lambda: aside.cover_claim(claim=self.row(Claim, claim), **self.given(by))  # noqa: E731
        self.both("cover", self.book.cover(claim, by), do, by)
        return None

    def fix(self) -> None:
        cause = self.one_of([one for one in self.book.causes if not one.into])
        self.book.fix(cause)
        causes.record_fix(cause=self.row(Cause, cause), **self.given("max"))

    def merge(self) -> bool | None:
        kept, merged = (self.one_of(self.book.causes) for _ in range(2))
        rows = {"kept": self.row(Cause, kept), "merged": self.row(Cause, merged)}
        may = self.book.merge(kept, merged)
        self.both("merge", may, lambda: causes.merge_causes(reason="One.", **rows, **self.given("max")))
        return None

    def apply(self) -> bool | None:
        credit = self.one_of(self.book.credits)
        if credit is None:
            return False
        amount = self.draw.choice([credit.balance, credit.balance // 2, credit.balance + 1, 100])
        given = {"amount": Decimal(amount), "invoice": "INV-1"}
        return self._line(credit, book.Entry("application", -amount), None, postings.propose_application, given)

    def undo(self) -> bool | None:
        """Often of a credit by which another was set off: what both covered comes back with it."""
        keeps = [one.kept for one in self.book.credits if one.kept and not one.kept.void]
        credit = self.one_of(keeps if keeps and self.draw.random() < 0.5 else self.book.credits)
        if credit is None:
            return False
        about = self.draw.choice([credit.entries[0], *[one for one in credit.entries if one.about is None]])
        others = [one for one in self.book.credits if one.customer == credit.customer]
        sets_off = self.draw.choice(others) if self.draw.random() < 0.4 else None
        kept = self.row(Credit, sets_off) if sets_off else None
        given = {"reason": "Wrong.", "set_off_by": kept, "entry": self.row(CreditEntry, about)}
        line = book.Entry("reversal", -credit.left_of(about), about)
        return self._line(credit, line, sets_off, postings.propose_reversal, given)

    def correct(self) -> bool | None:
        credit = self.one_of(self.book.credits)
        if credit is None:
            return False
        about = self.draw.choice([one for one in credit.entries if one.about is None])
        amount = self.draw.choice([abs(about.amount), abs(about.amount) // 2, credit.bound + 1, 250]) or 1
        signed = amount if about.amount >= 0 else -amount
        given = {"reason": "Wrong.", "amount": Decimal(amount), "entry": self.row(CreditEntry, about)}
        line = book.Entry("correction", signed - credit.left_of(about), about)
        return self._line(credit, line, None, postings.propose_correction, given)

    def _line(
        self, credit: book.Credit, line: book.Entry, sets_off: book.Credit | None, propose: Any, given: dict[str, Any]
    ) -> None:
        by = self.first()
        may = self.book.propose_line(credit, line, sets_off=sets_off, by=by)
        of = {} if "entry" in given else {"credit": self.row(Credit, credit)}
        if row := self.both(line.kind, may, lambda: propose(**of, **given, **self.given(by)), by):
            self.keep(credit.waiting, row)

    # --- What holds whatever was done, asked of the tables alone

    def look(self) -> None:
        rows = {pk: found for pk, *found in Claim.objects.values_list("pk", "state", "received_at")}
        for claim in self.book.claims:
            self.book.catch_up(claim)
            state, received = rows[self.keys[claim]]
            unseen = claim.sends_at is not None and (state, claim.state) == ("draft", "submitted")
            assert unseen or (state, received) == (claim.state, claim.received), self.told(
                f"{claim}: {state}, {received}"
            )
        balances = dict(CreditEntry.objects.values_list("credit").annotate(sum=Sum("amount")).order_by())
        assert balances == {self.keys[one]: one.balance for one in self.book.credits}, self.told(f"{balances}")
        assert {name: count for name, count in _wrong().items() if count} == {}, self.told("")


def _wrong() -> dict[str, int]:
    """How many rows say what never may be."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT count(*) FROM (SELECT 1 FROM sla_credit WHERE voided_at IS NULL
                     GROUP BY customer_id, cause_id HAVING count(*) > 1) AS twice),
                   (SELECT count(*) FROM (SELECT 1 FROM sla_creditentry GROUP BY credit_id HAVING sum(amount) < 0) AS below),
                   (SELECT count(*) FROM (SELECT 1 FROM sla_creditentry AS e LEFT JOIN sla_creditentry AS c ON c.id = e.corrects_id
                     WHERE e.kind = 'grant' OR c.kind = 'grant' GROUP BY e.credit_id HAVING sum(e.amount) > 3000000) AS above),
                   (SELECT count(*) FROM sla_creditentry WHERE proposed_by_id = approved_by_id),
                   (SELECT count(*) FROM sla_claim AS claim WHERE received_at >= closes_at AND NOT EXISTS (
                     SELECT FROM sla_waiver WHERE claim_id = claim.id AND approved_by_id <> proposed_by_id))
            """
        )
        found = cursor.fetchone()
    return dict(
        zip(("credits of one cause", "below zero", "above the cap", "by one person", "late"), found, strict=True)
    )


WEIGHTS = {
    "claim": 2, "fill_in": 3, "send": 4, "withdraw": 1, "jump": 2, "to_the_deadline": 1, "leave": 2, "turn": 4, "waive": 6, "strike": 3, "find": 1,
    "propose": 9, "settle": 18, "cover": 1, "fix": 1, "merge": 3, "apply": 5, "undo": 5, "correct": 4, "outage": 2,
}  # fmt: skip

OF_WAIVERS = {"outage": 1, "claim": 4, "leave": 3, "waive": 6, "settle": 12}
"""Drafts lapse, and are let in or not: among everything else that is seldom."""

OF_KEPT = {
    "outage": 1,
    "claim": 1,
    "fill_in": 1,
    "send": 2,
    "propose": 4,
    "settle": 12,
    "undo": 10,
    "merge": 1,
    "correct": 1,
}
"""A credit is set off, and what was kept is undone before the causes are merged, or after."""


@shared
def beginning() -> Sequence:
    """Two outages on record, some claims for them, and what became of a few; the first window is about to end, and a day after it the
    second, so that the sequences meet what is sent by itself, what lapses, and what is let in late."""
    one = Sequence(world())
    for act in [one.outage] * 2 + [one.claim] * 7 + [one.send] * 5 + [one.propose] * 6 + [one.settle] * 8:
        one.tick()
        act()
    one.book.now = min(told.window_ends for told in one.book.outages) - 3 * HOUR
    return one


def sequences(
    beginning: Sequence, count: int, weights: dict[str, int] = WEIGHTS, *, alone: bool = False
) -> Iterator[Sequence]:
    for seed in range(count):
        with transaction.atomic():
            one = beginning.begins(seed, alone=alone)
            one.play(ACTS, weights)
            prove(now=datetime(2026, 12, 1, tzinfo=UTC))
            yield one
            transaction.set_rollback(True)


def test_both_say_the_same(beginning: Sequence) -> None:
    seen: Counter[tuple[str, bool]] = Counter()
    for one in sequences(beginning, SEQUENCES):
        seen += one.seen

    both = {act for act, done in seen if done} & {act for act, done in seen if not done}
    assert both >= {"propose", "approve", "merge", "application", "reversal", "correction", "post"}


def nothing(*given: Any, **told: Any) -> None:
    """In place of a guard."""


GUARDS: dict[str, tuple[str, Any]] = {
    "one credit for a cause": ("sla.actions.decisions.cause_is_credited", nothing),
    "the bounds of a credit": ("sla.rules.credits.Credit.amount", property(lambda self: cents(self.remedy_amount))),
    "the second person of a decision": ("sla.actions.decisions.reason_against_approver", nothing),
    "the second person of a line": ("sla.actions.postings.reason_against_approver", nothing),
    "the second person of a waiver": ("sla.actions.waivers.reason_against_approver", nothing),
    "no part in the claim": ("sla.actions.decisions.refuse_the_claimants_own", nothing),
    "no part in the credit": ("sla.actions.postings.refuse_the_claimants_own", nothing),
    "the facts of a decision": ("sla.actions.decisions._refuse_if_facts_changed", nothing),
    "the end of a window": ("sla.actions.claims.refuse_after_the_window", nothing),
    "what can be waived": ("sla.actions.waivers.reasons_against_waiver", lambda *given, **told: []),
    "what a credit bears": ("sla.rules.ledger.CreditLines._against_taking", nothing),
    "the bound of a correction": ("sla.rules.ledger.CreditLines.reason_against_correction", nothing),
    "undone once": ("sla.rules.ledger.CreditLines.reason_against_reversal", nothing),
    "posted once": ("sla.actions.postings._waiting", lambda posting: Posting.objects.get(pk=posting.pk)),
    "two that are one": ("sla.cause_merges._reason_against", nothing),
    "what a merge covers": ("sla.actions.causes._cover", nothing),
    "what a kept credit covers": ("sla.covered._causes_of", lambda credit: {credit.cause_id}),
    "whose place a kept credit has": (
        "sla.actions.decisions.kept_for",
        lambda credit: None if credit.voided_at else credit,
    ),
    "what was kept and is undone": ("sla.rules.causes.Merge.covers", property(lambda self: self.kept is not None)),
    "what counts of the lines": ("sla.rules.losses._strikes", lambda *given: ()),
    "its own sending": ("sla.actions.drafts.next_sending", nothing),
    "what waits while another does": ("sla.actions.decisions.refuse_while_a_proposal_waits", nothing),
}


@pytest.mark.skipif("SEQUENCES" not in os.environ, reason="Each needs many sequences: SEQUENCES=100 plays them.")
@pytest.mark.parametrize("guard", GUARDS)
def test_without_a_guard_they_do_not(guard: str, beginning: Sequence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*GUARDS[guard])
    weights = next((given for word, given in {"waive": OF_WAIVERS, "kept": OF_KEPT}.items() if word in guard), WEIGHTS)
    alone = guard.startswith("the second person")

    with pytest.raises((AssertionError, DatabaseError)):  # some of them the database holds too
        for _ in sequences(beginning, SEQUENCES, weights, alone=alone):
            pass
