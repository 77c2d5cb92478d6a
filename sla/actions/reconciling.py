"""T3: once a day, what the clock did is compared with what is worked out anew, and the result is kept."""

from __future__ import annotations

from datetime import UTC, datetime, time

from django.db import transaction

from entitlements.actions.log import record
from entitlements.models import Reconciliation
from sla.reconciliation import BACK, MOST_KEPT, compare

FROM = time(2, tzinfo=UTC)
"""Not before: at night in most zones of customers, and after the deadlines at the end of most of their days."""


def reconcile_once_a_day(*, now: datetime) -> Reconciliation | None:
    """T3: compare, if that was not done yet on this day (UTC). None if it was, is being done, or it is too early."""
    today = now.astimezone(UTC)
    if today.timetz() < FROM or Reconciliation.objects.filter(day=today.date()).exists():
        return None
    return reconcile(now=now)


@transaction.atomic
def reconcile(*, now: datetime) -> Reconciliation | None:
    """T3: compare what the clock did until `now` (UTC), and keep how much was compared and what differs. None if another did it."""
    found = compare(now)
    record("clock.compared", matter="clock", by=None, now=now)
    made = Reconciliation(
        day=now.astimezone(UTC).date(),
        done_at=now,
        since=now - BACK,
        compared=dict(found.counts),
        differing=len(found.differences),
        differences=found.differences[:MOST_KEPT],
    )
    Reconciliation.objects.bulk_create([made], ignore_conflicts=True)
    return Reconciliation.objects.get(day=made.day)
