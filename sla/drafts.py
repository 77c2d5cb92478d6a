"""A claim as its customer reads it while filling it in: the tasks, the lines with what stands against them, the live figures.

Nothing here writes, and nothing decides: the figures are the rules' answer to the customer's own entries (`as_stated`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Sum
from django.urls import reverse

from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla.assessment import ClaimAssessment, assess
from sla.completeness import what_is_missing
from sla.findings import not_counted
from sla.models import Claim, Failure, LostTransaction
from sla.rules.losses import RealizedLoss, Strike
from sla.transaction_files import RowTaken
from sla.wording import STEP_OF_WHAT_IS_MISSING

MOST_SHOWN = 100
"""So many lines of a claim stand on one page; all of them are a file away (X11)."""


@dataclass(frozen=True, slots=True)
class AttemptShown:
    """S9: a line as the customer stated it, and whether its attempt lies in the remedy period (None: not known, or
    not asked); `struck`: why the decision did not count it."""

    line: LostTransaction
    in_period: bool | None = None
    struck: str = ""

    @property
    def profit(self) -> Fraction:
        return self.line.profit


@dataclass(frozen=True, slots=True)
class Sums:
    """S9: how many lines a claim lists, and what they come to as the customer states them; in the contract's currency."""

    count: int
    revenue: Decimal
    expenses: Decimal

    @property
    def profit(self) -> Decimal:
        return self.revenue - self.expenses


@dataclass(frozen=True, slots=True)
class Missing:
    """What a claim lacks, and where it is put right."""

    refusal: Refusal
    url: str


def tasks_of(claim: Claim) -> list[dict[str, str]]:
    """C6: the steps of a claim with their states, for `includes/task_list.html`."""
    lacks = {refusal.code for refusal in what_is_missing(claim)}
    ready = lacks <= {"declaration"}
    contact = "in_progress" if "contact" in lacks else "completed"
    consent = "" if claim.audit_consent_at else "You have not agreed to an audit."
    wait = "" if ready else "When the steps above are done."
    return [
        _task(claim, "claim_what_happened", "What happened", "completed", "Taken from what is on record."),
        _task(claim, "claim_transactions", "Lost transactions", _state("transactions" in lacks)),
        _task(claim, "claim_evidence", "Evidence", _state("evidence" in lacks)),
        _task(claim, "claim_contact", "Contact and audit", contact, consent),
        _task(claim, "claim_check", "Check and send", "not_started" if ready else "cannot_start", wait),
    ]


def what_is_missing_but_the_declaration(claim: Claim) -> list[Missing]:
    """S13: what has to be there before the declaration can be made; each with its step."""
    lacking = [refusal for refusal in what_is_missing(claim) if refusal.code != "declaration"]
    return [Missing(one, reverse(STEP_OF_WHAT_IS_MISSING[one.code], args=[claim.reference])) for one in lacking]


def answers(claim: Claim, now: datetime) -> dict[str, Any]:
    """Everything that was entered, with the figures that follow from it at this moment."""
    figures = assess(claim, now=now, as_stated=True)
    return {**entered(claim), "figures": figures, "lines": _shown(claim.transactions.all()[:MOST_SHOWN], figures)}


def entered(claim: Claim, *, decision: dict[str, Any] | None = None) -> dict[str, Any]:
    """Everything that was entered; what the review found of a line is the vendor's own until it is decided.

    `decision` is the frozen working of the decision, if there is one.
    """
    found = not_counted(decision)
    first = claim.transactions.all()[:MOST_SHOWN]
    return {
        "failures": claim.failures.select_related("outage", "contract"),
        "lines": [AttemptShown(line, struck=found.get(str(line.line), "")) for line in first],
        "sums": sums_of(claim),
        "files": claim.evidence.filter(removed_at__isnull=True).select_related("uploaded_by"),
    }


def attempts_of(claim: Claim, lines: Iterable[LostTransaction], now: datetime) -> list[AttemptShown]:
    """These lines of a draft, each with whether it lies in the remedy period; outside it is shown, never refused."""
    there = list(lines)
    return _shown(there, assess(claim, now=now, as_stated=True, lines=there))


def outside_the_period(claim: Claim, rows: Iterable[RowTaken], now: datetime) -> int | None:
    """S8: how many of these rows of a file lie outside the remedy period; None while there is none."""
    spans = assess(claim, now=now, as_stated=True, lines=()).union.counted.spans
    if not spans:
        return None
    return sum(not any(span.contains(row.attempted_at) for span in spans) for row in rows)


def sums_of(claim: Claim) -> Sums:
    """What all its lines come to."""
    money = {name: Sum(name, default=Decimal(0)) for name in ("revenue", "expenses")}
    return Sums(**claim.transactions.aggregate(count=Count("pk"), **money))


def first_failure(claim: Claim) -> Failure:
    return claim.failures.earliest("began_at")


def signs(person: User, claim: Claim) -> str:
    """S13: who declares for whom, in the words of the tick."""
    return f"I, {person.name}, declare for {claim.contract.customer.name} that these answers and documents are true and complete."


def _shown(lines: Iterable[LostTransaction], figures: ClaimAssessment) -> list[AttemptShown]:
    loss = figures.figures.loss if figures.figures else None
    struck = loss.struck if isinstance(loss, RealizedLoss) else {}
    return [
        AttemptShown(
            line,
            Strike.OUTSIDE_REMEDY_PERIOD not in struck.get(str(line.line), ()) if loss else None,
        )
        for line in lines
    ]


def _task(claim: Claim, name: str, title: str, state: str, hint: str = "") -> dict[str, str]:
    return {"title": title, "url": reverse(name, args=[claim.reference]), "state": state, "hint": hint}


def _state(lacking: bool) -> str:
    return "not_started" if lacking else "completed"
