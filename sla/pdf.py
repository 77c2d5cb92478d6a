"""Papers of a claim as PDF: the receipt, and the decision with the same working that page and letter print.

The same claim gives the same bytes, whenever it is asked for: only what cannot change any more goes in, and the time in the file is
the receipt's or the decision's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from entitlements import pdf
from entitlements.links import link
from entitlements.pdf import Facts, section, table
from entitlements.rules.money import exact
from entitlements.rules.working import Step
from entitlements.wording import (
    deadline_in_short,
    figure_in_words,
    label_in_words,
    moment_in_short,
    moment_in_words,
    money_in_words,
)
from sla.claims import receipt_of
from sla.drafts import Sums, sums_of
from sla.models import Claim, Evidence, LostTransaction, Proposal, RateBasis
from sla.receipts import FailureReceived, Received
from sla.wording import BOUNDS, NEXT, SOLE_REMEDY

MOST_LINES = 1_000
"""On paper. A longer list is kept with the claim, and as a file on its page."""


def receipt(claim: Claim) -> bytes:
    """S13: what was received and when: every answer, and the SHA-256 of every document that came with it."""
    assert claim.received_at is not None
    sent = receipt_of(claim)
    received: Received = sent["received"]
    zone = received.tz
    facts = [
        ("Reference", claim.reference),
        ("Customer", received.customer),
        ("Order form", received.order_form),
        ("Received", moment_in_words(claim.received_at, zone)),
        ("Sent by", received.sent_by),
        ("Time to claim ended", deadline_in_short(claim.closes_at, zone)),
    ]
    return _paper(
        title=f"Receipt of claim {claim.reference}",
        claim=claim,
        at=claim.received_at,
        facts=facts,
        sections=[
            *(section(f"Failure {failure.reference}", facts=_failure(failure, zone)) for failure in received.failures),
            _loss(claim, sent["lines"], received),
            section("Expenses", facts=_expenses(claim)),
            section("Documents", hashes=[_document(file, zone) for file in sent["files"]]),
            section("Contact and declaration", facts=_signed(claim, received)),
            section("What happens next", text=[NEXT, SOLE_REMEDY]),
        ],
    )


def decision(proposal: Proposal) -> bytes:
    """S19: the decision with its four figures and the working as it was frozen."""
    assert proposal.approved_at is not None
    claim, zone = proposal.claim, proposal.claim.contract.tz
    currency = claim.contract.currency
    facts = [
        ("Reference", claim.reference),
        ("Customer", claim.contract.customer.name),
        ("Decided", moment_in_words(proposal.approved_at, zone)),
        ("Decision", "Approved" if proposal.outcome == Proposal.Outcome.APPROVE else "Denied"),
        *figures_of(proposal, currency),
        ("Terms", proposal.edition.name),
    ]
    return _paper(
        title=f"Decision on claim {claim.reference}",
        claim=claim,
        at=proposal.approved_at,
        facts=facts,
        sections=[
            section("Why", text=[proposal.grounds]),
            section(
                f"The working, sums in {currency}",
                working=step_as_printed(Step.from_json(proposal.working).shortened(), zone),
            ),
            section("If you disagree", text=["Answer our letter, or write to us, and say why.", SOLE_REMEDY]),
        ],
    )


def figures_of(proposal: Proposal, currency: str) -> Facts:
    """S19: claimed, assessed, capped and credited stay four figures."""
    named = ("claimed", "assessed", "capped", "credited")
    shown = [(name.capitalize(), getattr(proposal, name)) for name in named]
    rows = [(name, "none" if sum_ is None else money_in_words(sum_, currency)) for name, sum_ in shown]
    return [*rows, *([("Bound by", BOUNDS[proposal.bound])] if proposal.bound else [])]


def _failure(failure: FailureReceived, zone: ZoneInfo) -> Facts:
    ended = moment_in_words(failure.ended_at, zone, seconds=False) if failure.ended_at else "not stated"
    by, on_record = ("by our logs", "Put on record") if failure.found_by_us else ("as you stated", "Reported")
    return [
        ("What", failure.kind),
        (f"Began, {by}", moment_in_words(failure.began_at, zone, seconds=False)),
        (f"Ended, {by}", ended),
        (on_record, moment_in_words(failure.reported_at, zone)),
        *([("In your words", failure.description)] if failure.description else []),
    ]


def _loss(claim: Claim, lines: QuerySet[LostTransaction], received: Received) -> dict[str, Any]:
    """S9, S10: what was lost, by the one method or the other."""
    currency = received.currency
    if claim.method == Claim.Method.RATE:
        return section(f"Loss by the rate of the months before, in {currency}", facts=_rates(claim.rate_basis))
    more = lines.count() - MOST_LINES
    said = [f"The first {MOST_LINES:,} are printed. The other {more:,} are kept with the claim."] if more > 0 else []
    heading = f"Lost transactions, in {currency}"
    return section(heading, text=said, table=_lines(lines[:MOST_LINES], sums_of(claim), received.tz))


def _rates(stated: RateBasis) -> Facts:
    covered = f"{stated.first_day} to {stated.last_day}" if stated.first_day else "all of these months"
    money = {
        "Months before: revenue": stated.revenue,
        "Months before: expenses": stated.expenses,
        "Completed in the period: revenue": stated.completed_revenue,
        "Completed in the period: expenses": stated.completed_expenses,
    }
    sums = [(name, money_in_words(amount)) for name, amount in money.items()]
    return [("Why there are no records of attempts", stated.reason), ("Records cover", covered), *sums]


def _expenses(claim: Claim) -> Facts:
    said = {True: "Yes", False: "No", None: "not said"}
    return [
        ("How they were worked out", claim.expenses_basis or "not said"),
        ("All through the affected systems", said[claim.affected_systems]),
        ("Some needed a system that was down anyway", said[claim.other_system_down]),
        ("Some of it is a cost of repair or replacement", said[claim.repair_costs]),
    ]


def _lines(lines: Iterable[LostTransaction], sums: Sums, zone: ZoneInfo) -> dict[str, Any]:
    rows = [
        [
            str(line.line),
            moment_in_short(line.attempted_at, zone),
            line.what,
            *(money_in_words(exact(amount)) for amount in (line.revenue, line.expenses, line.profit)),
        ]
        for line in lines
    ]
    rows.append(["", "", f"All {sums.count:,}", *map(money_in_words, (sums.revenue, sums.expenses, sums.profit))])
    columns = ["Line", "Attempted", "What", "Revenue", "Expenses", "Profit"]
    return table(columns, rows, wide=2, right=(3, 4, 5))


def _document(file: Evidence, zone: ZoneInfo) -> tuple[str, str]:
    kept = f"{file.label}: {file.original_name}, {file.size:,} bytes, {moment_in_short(file.uploaded_at, zone, seconds=True)}"
    return f"{kept}. {file.flag}".strip(), f"SHA-256 {file.sha256}"


def _signed(claim: Claim, received: Received) -> Facts:
    return [
        ("Contact", ", ".join(filter(None, [claim.contact_name, claim.contact_email, claim.contact_phone]))),
        ("Audit", "You agreed that the records may be audited." if claim.audit_consent_at else "No consent given."),
        (
            "Declared",
            f"{received.declared_by}, {moment_in_words(claim.declared_at, received.tz)}"
            if claim.declared_at
            else "not in the portal",
        ),
    ]


def step_as_printed(step: Step, zone: ZoneInfo) -> dict[str, Any]:
    """A working as a paper prints it, with all the steps below it."""
    return {
        "name": label_in_words(step.name),
        "clause": step.clause,
        "result": figure_in_words(step.result, zone),
        "inputs": [(label_in_words(label), figure_in_words(value, zone)) for label, value in step.inputs],
        "note": step.note,
        "steps": [step_as_printed(below, zone) for below in step.steps],
    }


def _paper(*, title: str, claim: Claim, at: datetime, facts: Facts, sections: list[dict[str, Any]]) -> bytes:
    address = link("claim", claim.reference)
    return pdf.paper(title=title, reference=claim.reference, address=address, at=at, facts=facts, sections=sections)
