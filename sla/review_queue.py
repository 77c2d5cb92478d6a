"""The reviewers' queue (M5.1, S19): every claim that waits for the desk, what is next to be done with it, and by when. One question."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable

from entitlements.models import User
from entitlements.models.worded import Worded
from sla.models import (
    TO_DECIDE,
    Audit,
    Claim,
    ClaimState,
    InformationRequest,
    Proposal,
    SecondLook,
    Waiver,
)

DECIDE_WITHIN = timedelta(days=14)
"""A figure of ours, not of the terms: from the receipt to a decision, and from a second look or a waiver to its answer."""

NEXT = {
    "take": "Take it",
    "decide": "Propose a decision",
    "approve": "Approve or return, a second person",
    "second_look": "Answer the second look",
    "waiver": "Waive lateness or not, a second person",
    "answer": "Wait for the customer’s answer",
    "audit": "Wait for the audit",
    "aside": "Put aside until then",
}
OURS = ("take", "decide", "approve", "second_look", "waiver")


def queue(now: datetime) -> Any:
    """The claims that wait, each with `next` (a key of `NEXT`) and `due` (UTC), the earliest first."""
    looks, waivers = SecondLook.objects.filter(settled_at__isnull=True), Waiver.objects.waiting().order_by()
    rows: Any = Claim.objects.filter(pk__in=_waiting(looks, waivers))
    rows = rows.annotate(looked=_of(looks, "asked_at"), waiver=_of(waivers, "proposed_at"))
    return rows.annotate(next=_next(now), due=_due(now)).order_by("due", "pk")


def of_whom(rows: Any, who: str, reader: User) -> Any:
    """`me`: those that the reader has taken; `nobody`: those that nobody has; otherwise all."""
    if who == "me":
        return rows.filter(taken_by=reader)
    return rows.filter(taken_by__isnull=True) if who == "nobody" else rows


def after(claim: Claim, now: datetime) -> str | None:
    """The reference of the next one in the queue that waits for us, other than this."""
    found: str | None = _AFTER.one(claim.pk, now)
    return found


_AFTER = Worded(
    lambda claim, now: queue(now).filter(next__in=OURS).exclude(pk=claim).values_list("reference", flat=True)[:1]
)


def _of(rows: QuerySet[Any], moment: str) -> Subquery:
    return Subquery(rows.filter(claim=OuterRef("pk")).values(moment)[:1])


def _waiting(looks: QuerySet[SecondLook], waivers: QuerySet[Waiver]) -> Any:
    """The keys of the claims that wait, each kind by its own index: of those that are closed, and they are most, none is read."""
    claims = Claim.objects.order_by().values("pk")
    denied = claims.filter(state=ClaimState.DENIED, pk__in=looks.values("claim"))
    late = claims.filter(state=ClaimState.LAPSED, pk__in=waivers.values("claim"))
    return claims.filter(state__in=TO_DECIDE).union(denied, late, all=True)


def _proposed() -> Exists:
    return Exists(Proposal.objects.order_by().waiting().filter(claim=OuterRef("pk")))


def _next(now: datetime) -> Case:
    return Case(
        When(waiver__isnull=False, then=Value("waiver")),
        When(state=ClaimState.DENIED, then=Value("second_look")),
        When(state=ClaimState.INFORMATION_REQUESTED, then=Value("answer")),
        When(state=ClaimState.IN_AUDIT, then=Value("audit")),
        When(_proposed(), then=Value("approve")),
        When(aside_until__gt=now, then=Value("aside")),
        When(state=ClaimState.SUBMITTED, then=Value("take")),
        default=Value("decide"),
        output_field=CharField(),
    )


def _due(now: datetime) -> Case:
    """By what is next, told once more: to name it here would ask all of it again at each line."""

    def within(moment: str) -> Combinable:
        return F(moment) + Value(DECIDE_WITHIN)

    return Case(
        When(waiver__isnull=False, then=within("waiver")),
        When(state=ClaimState.DENIED, then=within("looked")),
        When(
            state=ClaimState.INFORMATION_REQUESTED, then=_of(InformationRequest.objects.order_by().open(), "answer_by")
        ),
        When(state=ClaimState.IN_AUDIT, then=_of(Audit.objects.order_by().open(), "answer_by")),
        When(Q(aside_until__gt=now) & ~_proposed(), then=F("aside_until")),
        default=within("received_at"),
        output_field=DateTimeField(),
    )
