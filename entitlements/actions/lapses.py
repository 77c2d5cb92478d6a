"""Requests that lapse with their contract year (E5): those of many years by one statement.

Each lapses as by `lapse_engagement`, down to its lines in log and ledger; a test compares them. The years come locked by the caller,
in whose transaction it happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import F

from entitlements.models import ContractYear, Engagement


def lapse_requests(years: Sequence[ContractYear], now: datetime) -> Sequence[Engagement]:
    """E5: whatever still waits to be scheduled in years that are over lapses as of their ends. What did, with `fell_due`."""
    if not connection.in_atomic_block:
        raise RuntimeError("the years are locked by the caller")
    with connection.cursor() as cursor:
        cursor.execute("SELECT lapse_requests(%s, %s)", [[year.pk for year in years], now])
        done = [key for (key,) in cursor.fetchall()]
    return list(Engagement.objects.filter(pk__in=done).annotate(fell_due=F("year__ends_at")))
