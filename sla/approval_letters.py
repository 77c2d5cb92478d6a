"""What waits for a second person is told to whoever may approve it, and what became of it to whoever proposed it (N28, S19)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from entitlements import notices, wording
from entitlements.links import Page, page
from entitlements.models import User
from sla.digest_letters import zone_of
from sla.models import Claim, Posting, Proposal, Waiver

Waiting = Proposal | Posting | Waiver
MOST_TOLD = 50
"""So many people who may approve are told. A figure of ours."""


def wanted(waiting: Waiting, *, now: datetime) -> None:
    """To everybody who may approve it: not to whoever proposed it, nor to one who is or was one of the customer's people."""
    claim = _claim(waiting)
    may = User.objects.filter(is_active=True, is_staff=True, may_approve=True).exclude(pk=waiting.proposed_by_id)
    for person in may.exclude(memberships__customer=claim.contract.customer_id).order_by("pk")[:MOST_TOLD]:
        _write("approval_wanted", waiting, person, waiting.proposed_at, now)


def settled(waiting: Waiting, *, now: datetime) -> None:
    """To whoever proposed it, unless they took it back themselves or work here no more."""
    by, person = waiting.approved_by or waiting.returned_by, waiting.proposed_by
    if by == person or not person.is_active:
        return
    told = {"approved": waiting.approved_by_id is not None, "by": by and by.name, "reason": waiting.return_reason}
    _write("approval_decided", waiting, person, now, now, **told)


def _write(kind: str, waiting: Waiting, person: User, at: datetime, now: datetime, **told: Any) -> None:
    claim = _claim(waiting)
    known: dict[str, Any] = {
        "reference": claim.reference,
        "customer": claim.contract.customer.name,
        "what": in_words(waiting),
        "proposer": waiting.proposed_by.name,
        "proposed_at": waiting.proposed_at,
        "zone": zone_of(person).key,
        "action_url": _page_of(waiting),
        "action_label": "Review it" if kind == "approval_wanted" else "See it",
    }
    point = f"{waiting._meta.model_name}/{waiting.pk}"
    notices.write(
        kind, matter=claim.reference, to=[person], now=now, deadline=at, point=point[:20], context=known | told
    )


def in_words(waiting: Waiting) -> str:
    """What would be done, with its sum."""
    currency = _claim(waiting).contract.currency
    if isinstance(waiting, Waiver):
        return "the waiver of lateness"
    if isinstance(waiting, Proposal):
        credited = waiting.credited
        return "the denial" if credited is None else f"a credit of {wording.money_in_words(credited, currency)}"
    amount = wording.money_in_words(abs(waiting.amount), currency)
    into = f" into invoice {waiting.invoice}" if waiting.invoice else ""
    return f"{waiting.get_kind_display().lower()}, {amount}{into}"


def _claim(waiting: Waiting) -> Claim:
    return waiting.credit.claim if isinstance(waiting, Posting) else waiting.claim


def _page_of(waiting: Waiting) -> Page:
    if isinstance(waiting, Waiver):
        return page("admin:claim", waiting.claim.reference)
    return page("admin:posting" if isinstance(waiting, Posting) else "admin:proposal", waiting.pk)
