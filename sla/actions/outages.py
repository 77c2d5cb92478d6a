"""What the vendor's records say of outages and their causes (S2, S12)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from entitlements.actions.log import record
from entitlements.models import Customer, User
from entitlements.references import new_reference
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
def record_fix(*, cause: Cause, by: User, now: datetime) -> Cause:
    """S12: a cause is closed when its fix is recorded; a recurrence after that is a new cause."""
    record("cause.fixed", matter=cause.reference, by=by, now=now)
    cause.fixed_at, cause.fixed_by = now, by
    cause.save()
    return cause
