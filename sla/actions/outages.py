"""What the vendor's records say of outages and their causes (S2, S12)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Customer, User
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from sla.models import Cause, Downtime, Outage


@dataclass(frozen=True, slots=True)
class LoggedInterval:
    """An interval of the server logs, for one customer; `end` None while it lasts. Instants in UTC."""

    customer: Customer
    start: datetime
    end: datetime | None


@transaction.atomic
def record_outage(
    *,
    title: str,
    intervals: Iterable[LoggedInterval],
    source: str,
    by: User,
    now: datetime,
    cause: Cause | None = None,
    source_sha256: str = "",
) -> Outage:
    """S2: put an outage on record from log intervals, under a cause that is known, or under one of its own (S12)."""
    reference = new_reference("OUT")
    record("outage.recorded", matter=reference, by=by, now=now)
    outage = Outage.objects.create(
        reference=reference,
        title=title,
        cause=cause or Cause.objects.create(reference=new_reference("CAU"), title=title, opened_at=now, opened_by=by),
        recorded_at=now,
        recorded_by=by,
    )
    Downtime.objects.bulk_create(
        Downtime(
            outage=outage,
            customer=interval.customer,
            during=DateTimeTZRange(interval.start, interval.end),
            source=source,
            source_sha256=source_sha256,
        )
        for interval in intervals
    )
    return outage


@transaction.atomic
def end_outage(*, outage: Outage, ended_at: datetime, by: User, now: datetime) -> Outage:
    """S2: the service is back: every interval of the outage that was still open ends at `ended_at` (UTC).

    Raises Refused when none is open, or the end lies ahead or not after the beginning.
    """
    still_down = list(outage.downtimes.filter(during__upper_inf=True).select_for_update())
    if not still_down:
        raise Refused(Refusal("S2", "ended", "This outage has ended already.", "Look at it again."))
    if ended_at > now:
        raise Refused(Refusal("S2", "not_yet", "It cannot have ended after now.", "Check the date and the time zone."))
    if any(ended_at <= downtime.during.lower for downtime in still_down):
        raise Refused(Refusal("S2", "ended_before", "It cannot have ended before it began.", "Check both times."))
    record("outage.ended", matter=outage.reference, by=by, now=now)
    for downtime in still_down:
        downtime.during = DateTimeTZRange(downtime.during.lower, ended_at)
        downtime.save()
    return outage


@transaction.atomic
def record_fix(*, cause: Cause, by: User, now: datetime) -> Cause:
    """S12: a cause is closed when its fix is recorded; a recurrence after that is a new cause. Recorded twice, the first stands."""
    current = Cause.objects.select_for_update(of=("self",)).get(pk=cause.pk)
    if current.fixed_at:
        return current
    record("cause.fixed", matter=current.reference, by=by, now=now)
    current.fixed_at, current.fixed_by = now, by
    current.save()
    return current
