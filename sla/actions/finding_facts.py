"""S19: a finding of cause that comes or goes reaches every claim that it concerns, visibly; a decided one stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from django.db.models import Q, QuerySet

from entitlements.actions.log import record
from entitlements.models import User
from entitlements.references import new_reference
from entitlements.rules.spans import Span
from sla.actions.maintenance_facts import OPEN, reopen_and_widen
from sla.actions.publishing import hold_openings
from sla.actions.recomputing import alerts_waiting, recomputed
from sla.models import Claim, Downtime, Failure, Outage


class Reach(Protocol):
    """What says whom and what a finding concerns, on record or about to be."""

    @property
    def span(self) -> Span: ...
    @property
    def outage(self) -> Outage | None: ...
    @property
    def channel(self) -> str: ...
    @property
    def incident(self) -> str: ...
    def keys(self) -> list[int] | None:
        """The customers whom it concerns, by key; None: everybody."""
        ...


@contextmanager
def judged_anew(reaches: Sequence[Reach], *, because: str, by: User, now: datetime, matter: str = "") -> Iterator[str]:
    """S13, S19: around whatever changes which findings stand. Gives the reference of what is changed, `matter` or a new one.

    The clock looks again at published outages, windows that end later by it are widened, and each open claim that it may touch has a
    line that says so; what it did to figures is kept beside open and decided claims.
    """
    matter = matter or new_reference("FND")
    claims, hit = claims_touched(*reaches), downtimes_touched(*reaches)
    hold_openings(hit.values("customer"))
    with recomputed(claims, because=because, matter=matter, by=by, now=now):
        yield matter
        reopen_and_widen(hit, by, now)
    for claim in claims.filter(state__in=OPEN).order_by("pk"):
        record("claim.exclusion_changed", matter=claim.reference, by=by, now=now, note=matter)


def claims_touched(*reaches: Reach) -> QuerySet[Claim]:
    """S6: the claims that may be judged otherwise: upon an outage that reaches into the time, or upon a late alert around it."""
    failed = Q(pk__in=[])
    for reach in reaches:
        hit = downtimes_touched(reach)
        of_causes = Q(outage__cause__in=hit.values("outage__cause"), contract__customer__in=hit.values("customer"))
        failed |= of_causes | _of_alerts(reach)
    return Claim.objects.filter(failures__in=Failure.objects.filter(failed).values("pk")).distinct()


def _of_alerts(reach: Reach) -> Q:
    near = alerts_waiting(reach.span.start, reach.span.end)
    if reach.incident:
        near &= Q(incident__iexact=reach.incident)
    if reach.outage:
        near &= Q(contract__customer__in=downtimes_touched(reach).values("customer"))
    return near & _whose("contract__customer", reach)


def downtimes_touched(*reaches: Reach) -> QuerySet[Downtime]:
    """S2: the intervals of the logs that these findings may cut."""
    found = Q(pk__in=[])
    for reach in reaches:
        if not (reach.channel or reach.incident):
            one = Q(during__overlap=(reach.span.start, reach.span.end)) & _whose("customer", reach)
            found |= one & Q(outage=reach.outage) if reach.outage else one
    return Downtime.objects.that_count().filter(found)


def _whose(customer: str, reach: Reach) -> Q:
    keys = reach.keys()
    return Q() if keys is None else Q(**{f"{customer}__in": keys})
