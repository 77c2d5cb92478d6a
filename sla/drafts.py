"""A claim as its customer reads it while filling it in: the tasks, the lines with what stands against them, the live figures.

Nothing here writes, and nothing decides: the figures are the rules' answer to the customer's own entries (`as_stated`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.urls import reverse

from entitlements.models import User
from entitlements.models.worded import Worded, rows_of
from entitlements.rules.refusals import Refusal
from sla.assessment import assess, read_what_judges, what_counts
from sla.checklists import applied_in_words
from sla.completeness import what_is_missing
from sla.findings import not_counted
from sla.live_figures import MOST_WORKED, in_brief, working_of_loss
from sla.models import Claim, ClaimState, Evidence, Failure, LostTransaction, RateBasis, TransactionFile
from sla.rules.remedy import RemedyUnion
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


def tasks_of(claim: Claim, missing: list[Refusal]) -> list[dict[str, str]]:
    """C6: the steps of a claim with their states, for `includes/task_list.html`."""
    lacks = {refusal.code for refusal in missing}
    ready = lacks <= {"declaration"}
    contact = "in_progress" if "contact" in lacks else "completed"
    consent = "" if claim.audit_consent_at else "You have not agreed to an audit."
    wait = "" if ready else "When the steps above are done."
    expenses = _answered(claim)
    open_still = "" if expenses == "completed" else "You can send without; we may ask then."
    return [
        _task(claim, "claim_what_happened", "What happened", "completed", "Taken from what is on record."),
        _loss(claim, "transactions" in lacks),
        _task(claim, "claim_expenses", "Expenses", expenses, open_still),
        _task(claim, "claim_evidence", "Evidence", _state("evidence" in lacks)),
        _task(claim, "claim_contact", "Contact and audit", contact, consent),
        _task(claim, "claim_check", "Check and send", "not_started" if ready else "cannot_start", wait),
    ]


def tasks_and_figures(claim: Claim, now: datetime) -> dict[str, Any]:
    """C6: the steps, what is missing, and what the answers come to so far."""
    failures = claim.read_failures()
    read_what_judges(claim.contract)
    brief = in_brief(assess(claim, now=now, as_stated=True, in_sums=True, failures=failures))
    missing = what_is_missing(claim)
    return {
        "failures": failures,
        "tasks": tasks_of(claim, missing),
        "missing": but_the_declaration(claim, missing),
        "brief": brief,
    }


def but_the_declaration(claim: Claim, missing: list[Refusal]) -> list[Missing]:
    """S13: of what is missing, what has to be there before the declaration can be made; each with its step."""
    lacking = [refusal for refusal in missing if refusal.code != "declaration"]
    return [Missing(one, reverse(STEP_OF_WHAT_IS_MISSING[one.code], args=[claim.reference])) for one in lacking]


def answers(claim: Claim, now: datetime) -> dict[str, Any]:
    """Everything that was entered, with what is missing of it, and the figures that follow from it at this moment."""
    stated = entered(claim)
    has = bool(stated["sums"].count), any(one.counts for one in stated["files"])
    read_what_judges(claim.contract)
    figures = assess(claim, now=now, as_stated=True, in_sums=True, failures=stated["failures"])
    lines = [one.line for one in stated["lines"][:MOST_WORKED]]
    return {
        **stated,
        "missing": but_the_declaration(claim, what_is_missing(claim, has)),
        "figures": figures,
        "brief": in_brief(figures),
        "loss_working": working_of_loss(figures, lines, of=stated["sums"].count),
        "lines": _shown(lines, figures.union.counted),
        "applied": applied_in_words(figures.working),
    }


def entered(
    claim: Claim, *, decision: dict[str, Any] | None = None, failures: list[Failure] | None = None
) -> dict[str, Any]:
    """Everything that was entered; what the review found of a line is the vendor's own until it is decided.

    `decision` is the frozen working of the decision, if there is one. `failures`: its own, where they are read.
    """
    found = not_counted(decision)
    first = first_lines(claim)
    return {
        "failures": claim.read_failures() if failures is None else failures,
        "lines": [AttemptShown(line, struck=found.get(str(line.line), "")) for line in first],
        "sums": sums_of(claim, first),
        "rates": rates_of(claim),
        "files": _DOCUMENTS(claim.pk),
    }


_DOCUMENTS = Worded(
    lambda claim: Evidence.objects.filter(claim=claim, removed_at__isnull=True).select_related("uploaded_by")
)


def first_lines(claim: Claim) -> list[LostTransaction]:
    """The lines of its list that a page shows first."""
    return _FIRST_LINES(claim.pk)


_FIRST_LINES = Worded(lambda claim: LostTransaction.objects.filter(claim=claim)[:MOST_SHOWN])


def files_of(claim: Claim) -> list[TransactionFile]:
    """S9: the files by which lost transactions were brought, the newest first."""
    return rows_of(claim, "transaction_files")


def attempts_of(
    claim: Claim, failures: Sequence[Failure], lines: Iterable[LostTransaction], now: datetime
) -> list[AttemptShown]:
    """These lines of a draft, each with whether it lies in the remedy period; outside it is shown, never refused."""
    read_what_judges(claim.contract)
    return _shown(lines, what_counts(claim, now=now, as_stated=True, failures=failures).union.counted)


def rates_of(claim: Claim) -> RateBasis | None:
    """S10: what is stated in place of a list, where the claim is by it."""
    return claim.rate_basis if claim.method == Claim.Method.RATE else None


def sums_of(claim: Claim, first: Sequence[LostTransaction] | None = None) -> Sums:
    """What all its lines come to. `first`: the `first_lines`, where they are read; mostly they are all."""
    if first is not None and len(first) < MOST_SHOWN:
        return Sums(
            len(first),
            sum((one.revenue for one in first), Decimal(0)),
            sum((one.expenses for one in first), Decimal(0)),
        )
    count, revenue, expenses = _SUMS.one(claim.pk) or (0, Decimal(0), Decimal(0))
    return Sums(count=count, revenue=revenue, expenses=expenses)


def _sums(claim: int) -> Any:
    of_it = LostTransaction.objects.filter(claim=claim).order_by().values("claim")
    return of_it.annotate(count=Count("pk"), gained=Sum("revenue"), spent=Sum("expenses")).values_list(
        "count", "gained", "spent"
    )


_SUMS = Worded(_sums)


def of_the_same_cause(failure: Failure) -> QuerySet[Claim]:
    """S12, C6.12: the customer's other claims for the cause of a reported failure that may still bring its one credit, or have."""
    own = Claim.objects.filter(
        contract__customer=failure.contract.customer, cause=failure.cause_id, cause__isnull=False
    )
    over = (ClaimState.WITHDRAWN, ClaimState.LAPSED, ClaimState.DENIED)
    return own.exclude(state__in=over).exclude(failures=failure)


def signs(person: User, claim: Claim) -> str:
    """S13: who declares for whom, in the words of the tick."""
    return f"I, {person.name}, declare for {claim.contract.customer.name} that these answers and documents are true and complete."


def _shown(lines: Iterable[LostTransaction], counted: RemedyUnion) -> list[AttemptShown]:
    if not counted.failures:
        return [AttemptShown(line) for line in lines]
    return [AttemptShown(line, any(span.contains(line.attempted_at) for span in counted.spans)) for line in lines]


def _loss(claim: Claim, lacking: bool) -> dict[str, str]:
    """S9, S10: the step of the method by which it is claimed."""
    if claim.method == Claim.Method.RATE:
        return _task(claim, "claim_rates", "Loss by the rate of the months before", "completed")
    return _task(claim, "claim_transactions", "Lost transactions", _state(lacking))


def _answered(claim: Claim) -> str:
    """S9: how far the questions about expenses are answered."""
    open_ones = [claim.affected_systems, claim.other_system_down, claim.repair_costs].count(None)
    if open_ones == 3 and not claim.expenses_basis:
        return "not_started"
    return "in_progress" if open_ones else "completed"


def _task(claim: Claim, name: str, title: str, state: str, hint: str = "") -> dict[str, str]:
    return {"title": title, "url": reverse(name, args=[claim.reference]), "state": state, "hint": hint}


def _state(lacking: bool) -> str:
    return "not_started" if lacking else "completed"
