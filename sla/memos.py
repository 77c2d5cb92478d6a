"""The memo of a line that changes what is granted: a paper with a number (S11, S12, S18), the same bytes whenever it is asked for.

Only what cannot change any more goes in: the line, the frozen decision, the customer's name of that day.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from entitlements import pdf
from entitlements.links import link
from entitlements.pdf import Facts, section
from entitlements.wording import moment_in_words, money_in_words
from sla.models import CreditEntry, Proposal
from sla.pdf import figures_of
from sla.wording import SOLE_REMEDY, line_of_ledger


def with_all_of_it(lines: QuerySet[CreditEntry]) -> QuerySet[CreditEntry]:
    """The lines with what their memos print."""
    return lines.select_related(
        "credit__claim__contract", "credit__proposal__edition", "credit__proposal__cause", "corrects"
    )


def paper_of(entry: CreditEntry) -> bytes:
    """The memo as PDF. The line has a number."""
    return pdf.paper(
        title=title_of(entry),
        reference=entry.memo_number,
        address=link("credit", entry.credit.reference),
        at=entry.posted_at,
        facts=facts_of(entry),
        sections=[
            section("How the credit came about", facts=_decided(entry.credit.proposal, entry.currency)),
            section("What it is for", text=[SOLE_REMEDY]),
        ],
    )


def shown(entry: CreditEntry) -> dict[str, Any]:
    """The same for a page."""
    return {
        "title": title_of(entry),
        "entry": entry,
        "credit": entry.credit,
        "reference": entry.memo_number,
        "facts": facts_of(entry),
        "decided": _decided(entry.credit.proposal, entry.currency),
        "sole_remedy": SOLE_REMEDY,
    }


def title_of(entry: CreditEntry) -> str:
    """'Credit memo CM-000012'."""
    return f"Credit memo {entry.memo_number}"


def facts_of(entry: CreditEntry) -> Facts:
    """What page and paper say of it."""
    claim = entry.credit.claim
    zone = claim.contract.tz_at(entry.posted_at)
    first = (
        f"{entry.corrects.memo_number}, of {money_in_words(entry.corrects.amount, entry.currency)}"
        if entry.corrects
        else ""
    )
    corrected = entry.corrects.kind if entry.corrects else ""
    facts = {
        "Number": entry.memo_number,
        "To": entry.made_out_to,
        "What": line_of_ledger(entry.kind, entry.amount, entry.currency, corrected),
        "Sum": money_in_words(entry.amount, entry.currency),
        "About memo": first,
        "Why": entry.note,
        "Credit": entry.credit.reference,
        "Claim": claim.reference,
        "Posted": moment_in_words(entry.posted_at, zone),
    }
    return [(name, value) for name, value in facts.items() if value]


def _decided(proposal: Proposal, currency: str) -> Facts:
    cause = [("Cause", proposal.cause.reference)] if proposal.cause else []
    return [*figures_of(proposal, currency), *cause, ("Terms", proposal.edition.name)]
