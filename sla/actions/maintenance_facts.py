"""S19: what is recorded or corrected about maintenance reaches every open claim that it concerns, visibly; a decided one stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from entitlements.actions.log import record
from entitlements.models import Letter, User
from entitlements.rules.spans import Span
from sla.actions.publishing import ask_again, hold_openings
from sla.actions.recomputing import alerts_waiting, recomputed
from sla.actions.windows import widen_windows
from sla.maintenance import may_be_excused, months_around
from sla.models import TO_DECIDE, Claim, ClaimState, Downtime, Failure, MaintenanceNotice, MaintenancePeriod, Outage

OPEN = (ClaimState.DRAFT, *TO_DECIDE)


@contextmanager
def facts_change(
    matter: str, customers: Collection[int] | QuerySet[Any], ran: Sequence[Any], *, by: User, now: datetime
) -> Iterator[None]:
    """S13, S19: around whatever changes what ran for these customers (keys). The clock looks again at published outages, windows
    that end later by it are widened, and each open claim that it may touch has a line that says so. What it did to figures is kept
    beside open and decided claims.

    `ran` are the times (ranges) before and after, as far as there are any.
    """
    around = _around([one for one in ran if one is not None], now)
    hit, claims = _downtimes(customers, around), _claims(customers, around)
    because = f"the records of maintenance {matter} changed"
    hold_openings(hit.values_list("customer", flat=True))
    with recomputed(claims, because=because, matter=matter, by=by, now=now):
        yield
        reopen_and_widen(hit, by, now)
    for claim in claims.filter(state__in=OPEN).order_by("pk"):
        record("claim.maintenance_changed", matter=claim.reference, by=by, now=now, note=matter)


@contextmanager
def notice_came_back(letter: Letter, now: datetime) -> Iterator[None]:
    """S15, S19: around the return of a letter. A notice that rested on its acceptance alone was not given, and what that changes is put
    on record as any change of the facts is, in the name of whoever answers for the period."""
    notices = MaintenanceNotice.objects.filter(period__reference=letter.matter, customer=letter.customer_id)
    mine = [one for one in notices.select_related("period__recorded_by") if one.point == letter.point]
    if not (mine and letter.accepted_at):
        yield
        return
    period = mine[0].period
    by = period.recorded_by
    with facts_change(period.reference, [mine[0].customer_id], [period.ran], by=by, now=now):
        record("maintenance.notice_came_back", matter=period.reference, by=None, now=now, note=letter.addressee)
        yield


def reopen_and_widen(hit: QuerySet[Downtime], by: User, now: datetime) -> None:
    """S13: for all outages together, openings first and then contracts, as every other verb locks them."""
    outages = list(Outage.objects.filter(pk__in=hit.values("outage")).select_related("cause").order_by("pk"))
    for outage in outages:
        if outage.published_at:
            ask_again(outage.cause, hit.filter(outage=outage).values_list("customer", flat=True), by=by, now=now)
    widen_windows(*outages, by=by, now=now)


def claims_touched(period: MaintenancePeriod, now: datetime) -> QuerySet[Claim]:
    """S3: the claims with a failure in the months in which it ran, of a customer whom the period concerns: the allowance is the
    month's, so that all of them may be judged otherwise."""
    return _claims(may_be_excused(period).values("pk"), _around([period.ran] if period.ran else [], now))


def _around(ran: Sequence[Any], now: datetime) -> Span | None:
    """S3: the months of these times (ranges); None where there are none."""
    return months_around(min(one.lower for one in ran), max(one.upper or now for one in ran)) if ran else None


def _claims(customers: Collection[int] | QuerySet[Any], around: Span | None) -> QuerySet[Claim]:
    if around is None:
        return Claim.objects.none()
    hit = _downtimes(customers, around)
    of_outages = Q(outage__in=hit.values("outage"), contract__customer__in=hit.values("customer"))
    of_alerts = alerts_waiting(around.start, around.end) & Q(contract__customer__in=customers)
    return Claim.objects.filter(failures__in=Failure.objects.filter(of_outages | of_alerts).values("pk")).distinct()


def _downtimes(customers: Collection[int] | QuerySet[Any], around: Span | None) -> QuerySet[Downtime]:
    if around is None:
        return Downtime.objects.none()
    return Downtime.objects.filter(customer__in=customers, during__overlap=(around.start, around.end))
