"""Papers of a claim as PDF: the receipt, and the decision with the same working that page and letter print.

The same claim gives the same bytes, whenever it is asked for: only what cannot change any more goes in, and the time in the file is
the receipt's or the decision's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from entitlements import pdf
from entitlements.letters import link
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
from sla.models import Claim, Evidence, Failure, LostTransaction, Proposal
from sla.wording import BOUNDS, NEXT, SOLE_REMEDY


def receipt(claim: Claim) -> bytes:
    """S13: what was received and when: every answer, and the SHA-256 of every document that came with it."""
    assert claim.received_at is not None
    zone, contract, sent = claim.contract.tz, claim.contract, receipt_of(claim)
    facts = [
        ("Reference", claim.reference),
        ("Customer", contract.customer.name),
        ("Order form", contract.order_form),
        ("Received", moment_in_words(claim.received_at, zone)),
        ("Sent by", f"{claim.submitted_by}{', by itself' if claim.received_by_the_clock else ''}"),
        ("Time to claim ended", deadline_in_short(claim.closes_at, zone)),
    ]
    return _paper(
        title=f"Receipt of claim {claim.reference}",
        claim=claim,
        at=claim.received_at,
        facts=facts,
        sections=[
            *(section(f"Failure {failure.reference}", facts=_failure(failure, zone)) for failure in sent["failures"]),
            section(f"Lost transactions, in {contract.currency}", table=_lines(sent["lines"], zone)),
            section("Documents", hashes=[_document(file, zone) for file in sent["files"]]),
            section("Contact and declaration", facts=_signed(claim, zone)),
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
                f"The working, sums in {currency}", working=_step(Step.from_json(proposal.working).shortened(), zone)
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


def _failure(failure: Failure, zone: ZoneInfo) -> Facts:
    ended = moment_in_words(failure.ended_at, zone, seconds=False) if failure.ended_at else "not stated"
    by, on_record = ("by our logs", "Put on record") if failure.found_by_us else ("as you stated", "Reported")
    return [
        ("What", failure.get_kind_display()),
        (f"Began, {by}", moment_in_words(failure.began_at, zone, seconds=False)),
        (f"Ended, {by}", ended),
        (on_record, moment_in_words(failure.reported_at, zone)),
        *([("In your words", failure.description)] if failure.description else []),
    ]


def _lines(lines: Iterable[LostTransaction], zone: ZoneInfo) -> dict[str, Any]:
    rows, sums = [], [Fraction()] * 3
    for line in lines:
        money = [exact(line.revenue), exact(line.expenses), line.profit]
        sums = [before + one for before, one in zip(sums, money, strict=True)]
        rows.append([str(line.line), moment_in_short(line.attempted_at, zone), line.what, *map(money_in_words, money)])
    rows.append(["", "", "Sum", *map(money_in_words, sums)])
    columns = ["Line", "Attempted", "What", "Revenue", "Expenses", "Profit"]
    return table(columns, rows, wide=2, right=(3, 4, 5))


def _document(file: Evidence, zone: ZoneInfo) -> tuple[str, str]:
    kept = f"{file.label}: {file.original_name}, {file.size:,} bytes, {moment_in_short(file.uploaded_at, zone, seconds=True)}"
    return f"{kept}. {file.flag}".strip(), f"SHA-256 {file.sha256}"


def _signed(claim: Claim, zone: ZoneInfo) -> Facts:
    return [
        ("Contact", ", ".join(filter(None, [claim.contact_name, claim.contact_email, claim.contact_phone]))),
        ("Audit", "You agreed that the records may be audited." if claim.audit_consent_at else "No consent given."),
        ("Declared", f"{claim.declared_by}, {moment_in_words(claim.declared_at, zone)}" if claim.declared_at else "no"),
    ]


def _step(step: Step, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "name": label_in_words(step.name),
        "clause": step.clause,
        "result": figure_in_words(step.result, zone),
        "inputs": [(label_in_words(label), figure_in_words(value, zone)) for label, value in step.inputs],
        "note": step.note,
        "steps": [_step(below, zone) for below in step.steps],
    }


def _paper(*, title: str, claim: Claim, at: datetime, facts: Facts, sections: list[dict[str, Any]]) -> bytes:
    address = link("claim", claim.reference)
    return pdf.paper(title=title, reference=claim.reference, address=address, at=at, facts=facts, sections=sections)
