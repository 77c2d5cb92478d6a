"""What a finding would change, before it is saved: claims, what outages can cost, late alerts. It is played, read, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from entitlements.models import Customer
from entitlements.rehearsals import taken_back
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span
from sla.actions.finding_facts import Reach, claims_touched, downtimes_touched
from sla.evidence.circumstances import circumstances_of
from sla.evidence.questions import NOTHING_LATE, Late, late_by_customer
from sla.exposure import opened_by, sums
from sla.models import Outage, Recomputation

MOST_OUTAGES = 5
BEFORE = timedelta(days=1)
"""Alerts are looked at that were received so long before the time of the finding, or in it. A figure of ours."""


class OfOutage(NamedTuple):
    """What publishing an outage opens and can cost at most, by currency."""

    outage: Outage
    opens: int
    costs: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class Effects:
    """Before and after. `claims`: those whose figures change; `looked_at`: all that are judged anew."""

    looked_at: int
    claims: tuple[Recomputation, ...]
    outages: tuple[tuple[OfOutage, OfOutage], ...]
    more_outages: int
    alerts: tuple[Late, Late]

    @property
    def changes_nothing(self) -> bool:
        same = all((was.opens, was.costs) == (becomes.opens, becomes.costs) for was, becomes in self.outages)
        return not self.claims and same and self.alerts[0] == self.alerts[1]


class _Measured(NamedTuple):
    outages: list[OfOutage]
    alerts: Late


def effects_of(
    play: Callable[[], Sequence[Refusal]], reaches: Sequence[Reach], now: datetime
) -> tuple[Sequence[Refusal], Effects | None]:
    """What `play` (the action, answering with what stands against it) would do to what these reach. Nothing is kept."""
    outages = list(Outage.objects.filter(pk__in=downtimes_touched(*reaches).values("outage")).order_by("pk"))
    shown = outages[:MOST_OUTAGES]
    looked_at = claims_touched(*reaches).count()
    before = _measure(shown, reaches, now)
    last = Recomputation.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def played() -> tuple[Sequence[Refusal], tuple[Recomputation, ...], _Measured]:
        refusals = play()
        changed = Recomputation.objects.filter(pk__gt=last).select_related("claim__contract__customer").order_by("pk")
        return refusals, tuple(changed), before if refusals else _measure(shown, reaches, now)

    refusals, claims, after = taken_back(played)
    if refusals:
        return refusals, None
    pairs = tuple(zip(before.outages, after.outages, strict=True))
    return (), Effects(looked_at, claims, pairs, len(outages) - len(shown), (before.alerts, after.alerts))


def _measure(outages: Sequence[Outage], reaches: Sequence[Reach], now: datetime) -> _Measured:
    return _Measured([_of_outage(one, now) for one in outages], _late(reaches, now))


def _of_outage(outage: Outage, now: datetime) -> OfOutage:
    found = opened_by(outage, now)
    return OfOutage(outage, sum(one.opens for one in found), dict(sums(found)))


def _late(reaches: Sequence[Reach], now: datetime) -> Late:
    """S5 (B): what the late alerts of all of them come to together; times of several customers are added."""
    keys = [reach.keys() for reach in reaches]
    everybody = any(one is None for one in keys)
    customers = (
        list(Customer.objects.values_list("pk", flat=True))
        if everybody
        else sorted({key for one in keys for key in one or ()})
    )
    during = Span(min(one.span.start for one in reaches) - BEFORE, max(one.span.end for one in reaches))
    found = late_by_customer(circumstances_of(customers, during, now)).values() if customers else []
    return _sum(list(found))


def _sum(found: Sequence[Late]) -> Late:
    if not found:
        return NOTHING_LATE
    return Late(
        late=sum(one.late for one in found),
        by_volume=sum(one.by_volume for one in found),
        by_cause=sum(one.by_cause for one in found),
        off_terms=sum(one.off_terms for one in found),
        failures=sum(one.failures for one in found),
        in_outage=sum(one.in_outage for one in found),
        open=sum(one.open for one in found),
        remedy=sum((one.remedy for one in found), timedelta()),
    )
