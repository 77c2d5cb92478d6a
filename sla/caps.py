"""PL8: each customer's credits against their two caps, cause by cause, with the figures as the decision froze them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from entitlements.models import Customer
from entitlements.rules.money import cents
from entitlements.rules.working import figure_from_json
from sla.models import CreditEntry, Proposal

MOST = 200
"""So many are shown, the latest first; the file has all."""


@dataclass(frozen=True, slots=True)
class AgainstCaps:
    """S11: one decision: what it granted and still stands, or what is proposed and waits; and its two caps, in its currency."""

    proposal: Proposal
    granted: Decimal
    proposed: Decimal
    left: Decimal
    fees_bound: Decimal | None
    cap: Decimal | None

    @property
    def least(self) -> Decimal | None:
        """The lesser of the two caps."""
        return min((one for one in (self.fees_bound, self.cap) if one is not None), default=None)

    @property
    def percent(self) -> int:
        """How much of the lesser cap is granted or proposed, in whole percent."""
        return int((self.granted + self.proposed) * 100 / self.least) if self.least else 0


def against_caps(customer: Customer | None = None) -> Iterator[AgainstCaps]:
    """S11: every approval that stands or waits, the latest first; of one customer, or of all."""
    found = Proposal.objects.filter(Q(approved_at__isnull=False) | Q(returned_at__isnull=True), outcome="approve")
    if customer is not None:
        found = found.filter(claim__contract__customer=customer)
    rows = found.select_related("claim__contract__customer", "cause", "credit").order_by("-id")
    lines = _lines(customer)
    for proposal in rows.iterator(100):
        yield _of(proposal, lines.get(proposal.pk, ()))


def _lines(customer: Customer | None) -> dict[int, list[tuple[Decimal, bool]]]:
    """By decision: each line of its credit, and whether it grants or changes what is granted."""
    entries = CreditEntry.objects.filter(customer=customer) if customer else CreditEntry.objects.all()
    found: dict[int, list[tuple[Decimal, bool]]] = {}
    for decision, amount, memo in entries.values_list("credit__proposal", "amount", "memo"):
        found.setdefault(decision, []).append((amount, memo is not None))
    return found


def _of(proposal: Proposal, lines: Iterable[tuple[Decimal, bool]]) -> AgainstCaps:
    figures = _bounds(proposal.working)
    lines = list(lines)
    zero = Decimal("0.00")
    return AgainstCaps(
        proposal=proposal,
        granted=sum((amount for amount, grants in lines if grants), zero),
        proposed=zero if proposal.approved_at else proposal.credited or zero,
        left=sum((amount for amount, _ in lines), zero),
        fees_bound=_rounded(figures.get("fees_bound")),
        cap=_rounded(figures.get("cap")),
    )


def _bounds(working: dict[str, Any]) -> dict[str, Any]:
    """The figures of the credit's own step; it is found by its place, since a working can have fifty thousand lines."""
    assessed = (one for step in working["steps"] if step["name"] == "assessment of the claim" for one in step["steps"])
    credit: dict[str, Any] = next((one for one in assessed if one["name"] == "credit"), {"inputs": []})
    return {label: figure_from_json(figure) for label, figure in credit["inputs"]}


def _rounded(figure: Any) -> Decimal | None:
    return None if figure is None else cents(figure)
