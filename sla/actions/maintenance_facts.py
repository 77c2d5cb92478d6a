"""S19: what is corrected about maintenance reaches every open claim that it concerns, visibly, and never a decided one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from entitlements.actions.log import record
from entitlements.models import User
from sla.actions.windows import widen_windows
from sla.maintenance import concerned, months_around
from sla.models import TO_DECIDE, Claim, ClaimState, Downtime, MaintenancePeriod, Outage


def facts_have_changed(period: MaintenancePeriod, ran: Iterable[Any], *, by: User, now: datetime) -> None:
    """S13, S19: windows that end later by it are widened, and each open claim that it may touch has a line that says so.

    `ran` are the times (ranges) before and after. The allowance is the month's, so that all outages of these months may have
    changed. Call it last in the action: an open claim is judged anew by whoever looks at it.
    """
    times = [one for one in ran if one is not None]
    if not times:
        return
    span = months_around(min(one.lower for one in times), max(one.upper or now for one in times))
    hit = Downtime.objects.filter(customer__in=concerned(period).values("pk"), during__overlap=(span.start, span.end))
    for outage in Outage.objects.filter(pk__in=hit.values("outage")).order_by("pk"):
        widen_windows(outage, by=by, now=now)
    for claim in claims_touched(hit).order_by("pk"):
        record("claim.maintenance_changed", matter=claim.reference, by=by, now=now, note=period.reference)


def claims_touched(hit: QuerySet[Downtime]) -> QuerySet[Claim]:
    """The open claims with a failure of one of these outages, of the customer that it hit."""
    pairs = hit.values("outage")
    customers = hit.values("customer")
    open_ones = Q(state__in=[ClaimState.DRAFT, *TO_DECIDE])
    return Claim.objects.filter(open_ones, contract__customer__in=customers, failures__outage__in=pairs).distinct()
