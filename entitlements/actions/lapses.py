"""Requests that lapse with their contract year (E5): those of many years by a few statements.

Each lapses as by `lapse_engagement`, down to its lines in log and ledger; a test compares them. The years come locked by the caller,
in whose transaction it happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F

from entitlements.actions.engagements import NOT_SCHEDULED_IN_TIME
from entitlements.actions.log import record_each
from entitlements.models import ContractYear, Engagement, EngagementState, UsageEntry, many


def lapse_requests(years: Sequence[ContractYear], now: datetime) -> Sequence[Engagement]:
    """E5: whatever still waits to be scheduled in years that are over lapses as of their ends. What did, with `fell_due`."""
    waiting = (
        Engagement.objects.waiting()
        .filter(year__in=many.keys(year.pk for year in years), year__ends_at__lte=now)
        .order_by("pk")
    )
    requests = list(waiting.annotate(fell_due=F("year__ends_at")).select_for_update(of=("self",), no_key=True))
    if not requests:
        return []
    record_each("engagement.lapsed", {one.reference: one.fell_due for one in requests})
    Engagement.objects.filter(pk__in=many.keys(one.pk for one in requests)).update(state=EngagementState.LAPSED)
    UsageEntry.objects.bulk_create(_given_back(one) for one in requests if one.counts)
    return requests


def _given_back(request: Any) -> UsageEntry:
    return UsageEntry(
        year_id=request.year_id,
        engagement=request,
        kind=UsageEntry.Kind.LAPSE,
        places=-1,
        day=request.day,
        happened_at=request.fell_due,
        reason=NOT_SCHEDULED_IN_TIME,
    )
