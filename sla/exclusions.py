"""S6: what is on record of causes that exclude failures, as the rules read it. Nothing here writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from entitlements.models.worded import Worded
from entitlements.rules.spans import Span
from sla.models import FOUND_KINDS, Finding
from sla.rules import exclusions as rules
from sla.rules.exclusions import ExclusionKind, of_outage

KINDS = {kind.numeral: kind for kind in ExclusionKind}
Down = tuple[int, Span]
"""An interval of the logs in which an outage (by key) had a customer down."""


@dataclass(frozen=True, slots=True)
class Held:
    """A finding that stands: its facts for the rules, and whom and which outage (by key; None: not one) it concerns."""

    facts: rules.Finding
    everybody: bool
    customers: frozenset[int]
    outage: int | None

    def concerns(self, customer: int) -> bool:
        return self.everybody or customer in self.customers


def findings_in(customers: Collection[int], start: datetime, end: datetime) -> list[Held]:
    """S6: the findings that stand and reach into a time (UTC), of any of these customers (by key)."""
    found = _STANDING(start, end, *customers)
    return [
        Held(facts_of(one), one.everybody, frozenset(named.customer_id for named in one.named.all()), one.outage_id)
        for one in sorted(found, key=lambda one: (one.span, one.pk))
    ]


def _standing(start: datetime, end: datetime, *customers: int) -> Any:
    rows = Finding.objects.standing().touching(start, end).of_any(customers)
    return rows.select_related("document", "found_by").prefetch_related("named").order_by()


_STANDING = Worded(_standing)


def findings_of(held: Iterable[Held], customer: int, down: Iterable[Down]) -> tuple[rules.Finding, ...]:
    """S6, S8: as they hold for everything that a customer had; one upon an outage for the minutes in which it alone has it down."""
    logged, found = list(down), list[rules.Finding]()
    for one in held:
        if one.concerns(customer) and one.outage is None:
            found.append(one.facts)
        elif one.concerns(customer):
            own = [span for outage, span in logged if outage == one.outage]
            found += of_outage(one.facts, own, [span for outage, span in logged if outage != one.outage])
    return tuple(found)


def facts_of(finding: Finding) -> rules.Finding:
    """S6: a finding as the rules read it."""
    document = f"{finding.evidence} ({finding.document.name}, SHA-256 {finding.document.sha256})"
    duty = f" By {finding.rests_on}: {finding.state_then}" if finding.rests_on else ""
    return rules.Finding(
        kind=KINDS[finding.kind],
        span=finding.span,
        evidence=document,
        author=finding.found_by.name,
        statement=f"{finding.statement}{duty}",
        detail=finding.detail,
        key=finding.reference,
        channel=finding.channel,
        incident=finding.incident,
    )


def in_words(kind: ExclusionKind) -> str:
    """S6: an exclusion as people call it."""
    computed = {ExclusionKind.MAINTENANCE: "Properly noticed maintenance", ExclusionKind.VOLUME: "Alert volume"}
    return FOUND_KINDS.get(kind.numeral) or computed[kind]
