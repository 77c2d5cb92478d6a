"""M9.6, S19: what changes when the rows of an import begin to count, or no longer do, is put on record: for customers and for claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from entitlements.models import User
from entitlements.rules.spans import Span
from sla.actions.recomputing import hold, recomputed_when_done
from sla.alerts.effects import claims_about, customers_in
from sla.evidence.circumstances import circumstances_of
from sla.evidence.questions import NOTHING_LATE, Late, late_by_customer
from sla.models import AlertEffect, AlertImport

_MICROSECOND = timedelta(microseconds=1)


@contextmanager
def rows_begin_to_count(source: AlertImport, *, by: User, now: datetime) -> Iterator[None]:
    """Around it: the late alerts of each customer before and after, and the figures of claims that rest on them. In the caller's
    transaction."""
    customers = customers_in(source)
    because = f"{source.reference} was imported"
    with recomputed_when_done(
        claims_about(source, customers), because=because, matter=source.reference, by=by, now=now
    ):
        before = _late(source, customers, now)
        yield
        after = _late(source, customers, now)
    pairs = ((one, before.get(one, NOTHING_LATE), after.get(one, NOTHING_LATE)) for one in customers)
    AlertEffect.objects.bulk_create(
        AlertEffect(
            source=source,
            customer_id=customer,
            late_before=was.late,
            late_after=becomes.late,
            failures_before=was.failures,
            failures_after=becomes.failures,
            remedy_before=was.remedy,
            remedy_after=becomes.remedy,
        )
        for customer, was, becomes in pairs
        if (was.late, was.failures, was.remedy) != (becomes.late, becomes.failures, becomes.remedy)
    )


@contextmanager
def rows_count_no_more(source: AlertImport, *, by: User, now: datetime) -> Iterator[None]:
    """Around the undoing of an import: the figures of claims that rested on it, as above. They are held before its tables go: whoever
    decides one holds it while they read, and reads while the tables are there."""
    because, claims = f"{source.reference} was undone", claims_about(source, customers_in(source))
    with recomputed_when_done(claims, because=because, matter=source.reference, by=by, now=now):
        hold(claims)
        yield


def _late(source: AlertImport, customers: list[int], now: datetime) -> Mapping[int, Late]:
    if not customers or source.first_received is None or source.last_received is None:
        return {}
    during = Span(source.first_received, source.last_received + _MICROSECOND)
    return late_by_customer(circumstances_of(customers, during, now))
