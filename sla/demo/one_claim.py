"""One claim from its report to the posted credit (S2–S14, S19): an outage with a late alert in it, three hundred payments, one system that
was down for reasons of its own, and an audit that changed the amount."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from entitlements.models import Contract, User
from sla.actions import audits, causes, claims, decisions, drafts, evidence, failures, lines, outages, postings
from sla.demo import alerts
from sla.demo.cast import Cast
from sla.demo.scene import Scene, moment
from sla.models import Audit, Claim, Credit, Outage
from sla.uploads import CheckedFile

FIRM = "lakeside"
MINUTE = timedelta(minutes=1)
LASTED = 62 * MINUTE
SYSTEMS = ("web shop", "pharmacy counter", "mail order")
EXCLUDED = SYSTEMS[2]


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    story = _Story(cast, now)
    logged, received = story.began + LASTED + 25 * MINUTE, moment(now, 7)
    for at, act in (
        (logged, story.log),
        (logged + 20 * MINUTE, story.report),
        (moment(now, 8), story.fill_in),
        (received, story.send),
        (moment(now, 6), story.go_through),
        (moment(now, 5), story.have_it_audited),
        (moment(now, 2), story.close_the_audit),
        (now - 95 * MINUTE, story.propose),
        (now - 70 * MINUTE, story.approve),
        (now - 40 * MINUTE, story.apply),
    ):
        yield Scene(at, partial(act, at))


class _Story:
    def __init__(self, cast: Cast, now: datetime) -> None:
        self.cast, self.alert = cast, alerts.late_one(FIRM, now)
        self.began = self.alert.received - 14 * MINUTE

    @property
    def contract(self) -> Contract:
        return self.cast.contracts[FIRM]

    @property
    def person(self) -> User:
        return self.cast.claimants[FIRM]

    @property
    def claim(self) -> Claim:
        return Claim.objects.get(contract=self.contract, cause__outages=self._outage)

    @property
    def _outage(self) -> Outage:
        return Outage.objects.get(title="Alert routing stood still")

    def _by(self, who: User, at: datetime) -> dict[str, Any]:
        return {"by": who, "now": at}

    def log(self, at: datetime) -> None:
        interval = outages.LoggedInterval(self.contract.customer, self.began, self.began + LASTED)
        told: dict[str, Any] = {"title": "Alert routing stood still", "source": "routing.log, lines 88 to 341"}
        made = outages.record_outage(intervals=[interval], **told, **self._by(self.cast.manager, at))
        causes.record_fix(cause=made.cause, **self._by(self.cast.manager, at + 3 * MINUTE))

    def report(self, at: datetime) -> None:
        told: dict[str, Any] = {"contract": self.contract, **self._by(self.person, at)}
        outage: dict[str, Any] = {"kind": "A", "began_at": self.began, "ended_at": self.began + LASTED}
        failures.report_failure(description="Payments failed in all shops.", **outage, **told)
        late: dict[str, Any] = {
            "kind": "B",
            "began_at": self.alert.received,
            "ended_at": self.alert.logged,
            "channel": self.alert.channel,
        }
        delay: dict[str, Any] = {"configured_delay_minutes": self.alert.delay, "responder_country": "US"}
        failures.report_failure(description="Nobody was called.", incident=self.alert.incident, **late, **delay, **told)

    def fill_in(self, at: datetime) -> None:
        by = self._by(self.person, at)
        reported = self.contract.failures.filter(began_at__gte=self.began, began_at__lt=self.began + LASTED)
        for failure in reported.order_by("began_at"):
            claims.start_claim(failure=failure, **by)
        claim = self.claim
        drafts.add_transactions(claim=claim, lines=[self._payment(n) for n in range(300)], **by)
        evidence.add_evidence(claim=claim, file=_document("payments.csv"), label="Payments that failed", **by)
        evidence.add_evidence(claim=claim, file=_document("terminals.csv"), label="Log of the terminals", **by)
        contact: dict[str, Any] = {"name": self.person.name, "email": self.person.email, "phone": ""}
        drafts.save_contact(claim=claim, audit_consent=True, sends_itself=True, **contact, **by)
        drafts.declare(claim=claim, **by)

    def _payment(self, n: int) -> drafts.TransactionLine:
        at = self.began + timedelta(seconds=630 + 11 * n)
        what = f"Payment P-{88000 + 7 * n}, {SYSTEMS[n % 5 % 3]}"
        return drafts.TransactionLine(at, what, Decimal(40 + n * 37 % 260), Decimal("12.50"))

    def send(self, at: datetime) -> None:
        claims.submit_claim(claim=self.claim, by=self.person, received_at=at)

    def go_through(self, at: datetime) -> None:
        """S9: what went through the one system is struck at once; of the others each line names what shows it."""
        claim, by = self.claim, self._by(self.cast.manager, at)
        decisions.take_claim(claim=claim, **by)
        down = claim.transactions.filter(what__endswith=EXCLUDED)
        note = "The mail order system was closed for its own release that whole afternoon, as the log of the terminals shows."
        told: dict[str, Any] = {"claim": claim, **by}
        lines.strike_lines(lines=down, count=down.count(), reason="ii_other_system_down", note=note, **told)
        payments, terminals = claim.evidence.order_by("pk")
        for shown, document in (
            (claim.transactions.filter(what__endswith=SYSTEMS[0]), payments),
            (claim.transactions.filter(what__endswith=SYSTEMS[1]), terminals),
        ):
            lines.document_lines(lines=shown, count=shown.count(), document=document, **told)

    def have_it_audited(self, at: datetime) -> None:
        auditor = audits.Auditor(
            side="independent", email="helena@brandt.example", name="Helena Brandt", firm="Brandt & Partner"
        )
        scope = "The payments of the pharmacy counter, against the settlement of the bank."
        audits.open_audit(
            claim=self.claim,
            auditor=auditor,
            scope=scope,
            answer_by=at + timedelta(days=4),
            **self._by(self.cast.manager, at),
        )

    def close_the_audit(self, at: datetime) -> None:
        claim, by = self.claim, self._by(self.cast.manager, at)
        settled = claim.transactions.filter(what__endswith=SYSTEMS[1], line__lte=40)
        note = "Settled by the bank the same evening (finding 2 of the audit)."
        lines.strike_lines(lines=settled, claim=claim, count=settled.count(), reason="completed", note=note, **by)
        same_evening = settled.count()
        findings = f"All payments are with third parties. {same_evening} of the counter were settled the same evening, the others not."
        audits.close_audit(audit=Audit.objects.get(claim=claim), findings=findings, refused=False, **by)

    def propose(self, at: datetime) -> None:
        grounds = "The outage, the late alert in it and the payments are documented (S2, S8, S9); the audit is taken into account (S14)."
        decisions.propose_decision(
            claim=self.claim, outcome="approve", grounds=grounds, **self._by(self.cast.manager, at)
        )

    def approve(self, at: datetime) -> None:
        decisions.approve_proposal(proposal=self.claim.proposals.get(), **self._by(self.cast.approver, at))

    def apply(self, at: datetime) -> None:
        """Half of it goes into an invoice."""
        credit = Credit.objects.get(claim=self.claim)
        half = (credit.balance / 2).quantize(Decimal("0.01"))
        told: dict[str, Any] = {"credit": credit, "amount": half, "invoice": "INV-2302"}
        posting = postings.propose_application(**told, **self._by(self.cast.manager, at))
        postings.approve_posting(posting=posting, **self._by(self.cast.approver, at + 12 * MINUTE))


def _document(name: str) -> CheckedFile:
    content = f"{name}: rows as they were exported on the day after\n".encode()
    return CheckedFile(name, "csv", content, hashlib.sha256(content).hexdigest())
