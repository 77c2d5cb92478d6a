"""The reviewers' queue (M5.1, S19): every claim that waits for the desk, what is next to be done with it, and by when. One question."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.expressions import Combinable

from entitlements.models import many
from entitlements.models.worded import Worded
from sla.models import (
    Audit,
    Claim,
    ClaimState,
    InformationRequest,
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
    return _in_order(Claim.objects.to_decide().order_by().values("pk").union(*_ended(), all=True), now)


def wanted(who: str, next: str, now: datetime, reader: int, text: str = "") -> Any:
    """Of the queue at a moment what is asked for. `who`: `me`, what the reader has taken; `nobody`, what nobody has; otherwise all.
    `next`: a key of `NEXT`; empty, what waits for us; `all`. `text` stands in the customer's name or in the reference."""
    rows = queue(now)
    if who:
        rows = rows.filter(taken_by=reader if who == "me" else None)
    if next != "all":
        rows = rows.filter(next__in=[next] if next else OURS)
    if text:
        rows = rows.filter(Q(contract__customer__name__icontains=text) | Q(reference__icontains=text))
    return rows


@cache
def first_wanted(who: str, next: str, most: int) -> Worded:
    """The keys of the first of `wanted`, each with how many there are in all."""

    def first(now: datetime, reader: int, *text: str) -> Any:
        rows = wanted(who, next, now, reader, *text).annotate(all=Window(Count("pk")))
        return rows.values_list("pk", "all")[:most]

    return Worded(first, planned_once=True)


def shown(keys: Iterable[int], now: datetime) -> list[Any]:
    """These claims in the order of the queue, each with `next` and `due`, its customer, and who has taken it."""
    return _SHOWN(many.array_of_keys(keys), now)


_SHOWN = Worded(
    lambda keys, now: _in_order(many.of_keys(keys), now).select_related("contract__customer", "taken_by"),
    planned_once=True,
)


def _in_order(keys: Any, now: datetime) -> Any:
    rows = _with_next(Claim.objects.filter(pk__in=keys), now)
    return rows.annotate(due=_due(now)).order_by("due", "pk")


def _with_next(rows: Any, now: datetime) -> Any:
    waits = {"waiver": _waits_in("waivers"), "proposal": _waits_in("proposals")}
    return rows.alias(**waits).annotate(next=_next(now))


def _waits_in(relation: str) -> FilteredRelation:
    """The one that waits for a second person: the database lets no claim have two."""
    settled = {f"{relation}__approved_at__isnull": True, f"{relation}__returned_at__isnull": True}
    return FilteredRelation(relation, condition=Q(**settled))


def after(claim: Claim, now: datetime) -> str | None:
    """The reference of the next one in the queue that waits for us, other than this."""
    found: str | None = _AFTER.one(claim.pk, now)
    return found


def _after(claim: int, now: datetime) -> Any:
    """Most are to be decided and wait for us without a waiver, by their receipt: of these only the first is looked at."""
    held = Claim.objects.to_decide().filter(pk__in=_waivers().values("claim")).order_by().values("pk")
    plain = Claim.objects.to_decide().exclude(pk__in=_waivers().values("claim")).exclude(pk=claim)
    first = _with_next(plain, now).filter(next__in=OURS).order_by("received_at", "pk").values("pk")[:1]
    keys = held.union(first, *_ended(), all=True)
    return _in_order(keys, now).filter(next__in=OURS).exclude(pk=claim).values_list("reference", flat=True)[:1]


_AFTER = Worded(_after, planned_once=True)


def _of(rows: QuerySet[Any], moment: str) -> Subquery:
    return Subquery(rows.filter(claim=OuterRef("pk")).values(moment)[:1])


def _looks() -> QuerySet[SecondLook]:
    return SecondLook.objects.filter(settled_at__isnull=True)


def _waivers() -> QuerySet[Waiver]:
    return Waiver.objects.waiting().order_by()


def _ended() -> list[Any]:
    """The keys of those that have ended and wait all the same, each kind by its own index: of the others, and they are most, none is
    read."""
    claims = Claim.objects.order_by().values("pk")
    denied = claims.filter(state=ClaimState.DENIED, pk__in=_looks().values("claim"))
    return [denied, claims.filter(state=ClaimState.LAPSED, pk__in=_waivers().values("claim"))]


def _next(now: datetime) -> Case:
    return Case(
        When(waiver__isnull=False, then=Value("waiver")),
        When(state=ClaimState.DENIED, then=Value("second_look")),
        When(state=ClaimState.INFORMATION_REQUESTED, then=Value("answer")),
        When(state=ClaimState.IN_AUDIT, then=Value("audit")),
        When(proposal__isnull=False, then=Value("approve")),
        When(aside_until__gt=now, then=Value("aside")),
        When(state=ClaimState.SUBMITTED, then=Value("take")),
        default=Value("decide"),
        output_field=CharField(),
    )


def _due(now: datetime) -> Case:
    """By what is next, told once more: to name it here would ask all of it again at each line."""

    def within(moment: Combinable) -> Combinable:
        return moment + Value(DECIDE_WITHIN)

    return Case(
        When(waiver__isnull=False, then=within(F("waiver__proposed_at"))),
        When(state=ClaimState.DENIED, then=within(_of(_looks(), "asked_at"))),
        When(
            state=ClaimState.INFORMATION_REQUESTED, then=_of(InformationRequest.objects.order_by().open(), "answer_by")
        ),
        When(state=ClaimState.IN_AUDIT, then=_of(Audit.objects.order_by().open(), "answer_by")),
        When(aside_until__gt=now, proposal__isnull=True, then=F("aside_until")),
        default=within(F("received_at")),
        output_field=DateTimeField(),
    )
