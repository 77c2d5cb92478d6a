"""What a decision is made on, as a tree that is frozen with it (S19): the logs, the terms, the fees, the lines, the documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from entitlements.models import Contract
from entitlements.rules.working import Figure, Step
from sla.assessment import ClaimAssessment
from sla.models import Claim, DecisionInputs, Proposal


def freeze(proposal: Proposal, assessment: ClaimAssessment, *, now: datetime) -> DecisionInputs:
    """S19: keep what the proposal was computed from, in the transaction that proposes it."""
    facts = facts_of(proposal.claim, assessment).as_json()
    return DecisionInputs.objects.create(proposal=proposal, facts=facts, sha256=hash_of(facts), frozen_at=now)


def hash_of(facts: dict[str, Any]) -> str:
    """SHA-256 of the facts, written in one way."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def says_the_same(working: dict[str, Any], other: dict[str, Any]) -> bool:
    """S11, S19: whether two workings of a claim come to the same. What other causes were credited may have become more: it counts
    only where another reading of the cap, whose figure is a step of its own, comes to another sum."""
    return _but_for_other_causes(working) == _but_for_other_causes(other)


def _but_for_other_causes(tree: dict[str, Any]) -> dict[str, Any]:
    if tree["name"] not in ("claim", "assessment of the claim", "credit"):
        return tree
    inputs = [[label, figure] for label, figure in tree["inputs"] if label != "credited_before"]
    return {**tree, "inputs": inputs, "steps": [_but_for_other_causes(step) for step in tree["steps"]]}


def facts_of(claim: Claim, assessment: ClaimAssessment) -> Step:
    """Every fact on record that the assessment read, none of them computed from another."""
    steps = (
        *_contract(claim.contract),
        *_caps(claim),
        *_failures(claim),
        *_logs(assessment),
        *_lines(claim),
        *_documents(claim),
    )
    edition = (("edition", assessment.edition.name), ("valid from", assessment.edition.valid_from))
    return Step("facts", "S19", claim.reference, inputs=(("received", claim.received_at), *edition), steps=steps)


def _contract(contract: Contract) -> Iterator[Step]:
    """S1, S11."""
    term: tuple[tuple[str, Figure], ...] = (
        ("first day", contract.first_day),
        ("last day", contract.last_day),
        ("zone", contract.zone),
        ("currency", contract.currency),
        ("status", contract.status),
    )
    yield Step("contract", "S1", contract.order_form, inputs=term)
    for period in contract.terms_periods.order_by("days"):
        yield Step("terms period", "S1", period.terms, inputs=(("from", period.days.lower), ("to", period.days.upper)))
    for one in contract.suspensions.order_by("days"):
        yield Step("suspension", "S1", None, inputs=(("from", one.first_day), ("to", one.last_day)))
    for row in contract.fee_months.order_by("month", "pk"):
        paid = (("cost per seat", row.cost_per_seat), ("paid seats", row.paid_seats))
        yield Step("fees", "S11", row.month, inputs=(*paid, ("from", row.first_day), ("to", row.last_day)))


def _caps(claim: Claim) -> Iterator[Step]:
    """S11: in a contract that is not in the cap's own currency."""
    for one in claim.recorded_caps.order_by("recorded_at", "pk"):
        by = (("currency", one.currency), ("rate", one.rate), ("day", one.day), ("source", one.source))
        yield Step("recorded cap", "S11", one.amount, inputs=by)


def _failures(claim: Claim) -> Iterator[Step]:
    """S5, S13: as they were reported."""
    for one in claim.own_failures().select_related("outage", "cause").order_by("pk"):
        stated = ("kind", "began_at", "ended_at", "occurred_at", "reported_at", "closes_at", "incident", "channel")
        known: tuple[tuple[str, Figure], ...] = (
            ("outage", one.outage.reference if one.outage else None),
            ("cause", one.cause.reference if one.cause else None),
        )
        yield Step("failure", "S5", one.reference, inputs=(*((name, getattr(one, name)) for name in stated), *known))


def _logs(assessment: ClaimAssessment) -> Iterator[Step]:
    """S2, S3, S4, S6: the intervals, maintenance and findings of outages; each late alert with the times of its logs."""
    for failure, logs in assessment.logs:
        yield Step("logs of an outage", "S2", failure.reference, steps=logs.source.working)
    for matched in assessment.alerts:
        deliveries = tuple(one.delivery.working for one in matched.found)
        yield Step("logs of an alert", "S4", matched.failure.reference, steps=deliveries, note=matched.why_none)


def _lines(claim: Claim) -> Iterator[Step]:
    """S9, S10: what was stated of the loss, and what was found of it."""
    for line in claim.transactions.order_by("line"):
        stated = (("attempted", line.attempted_at), ("revenue", line.revenue), ("expenses", line.expenses))
        found = (("struck", line.struck), ("why", line.struck_note))
        yield Step("line", "S9", line.line, inputs=(*stated, *found))
    if claim.method == Claim.Method.RATE:
        names = ("revenue", "expenses", "completed_revenue", "completed_expenses", "first_day", "last_day", "reason")
        basis = claim.rate_basis
        yield Step("rate of the months before", "S10", None, inputs=tuple((one, getattr(basis, one)) for one in names))


def _documents(claim: Claim) -> Iterator[Step]:
    for file in claim.evidence.filter(removed_at__isnull=True).order_by("pk"):
        kept = (("size", file.size), ("uploaded", file.uploaded_at), ("later", file.later))
        yield Step("document", "S13", file.sha256, inputs=(("label", file.label), *kept))
