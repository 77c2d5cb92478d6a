"""Which kinds of facts there are that may bear on some customers' alerts: asked at once, since most spans of most customers have none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

from entitlements.rules.spans import Span

# Whatever the questions of circumstances.py find is among it; not all that is among it is found by them.
ANY = """
SELECT EXISTS (SELECT FROM sla_maintenanceperiod WHERE ran && tstzrange(%(months_begin)s, %(months_end)s)),
       EXISTS (SELECT FROM sla_finding WHERE withdrawn_at IS NULL AND during && tstzrange(%(since)s, %(until)s)),
       EXISTS (SELECT FROM sla_downtime WHERE customer_id = ANY(%(customers)s) AND during && tstzrange(%(since)s, NULL)),
       EXISTS (SELECT FROM sla_foundotherwise WHERE withdrawn_at IS NULL AND customer_id = ANY(%(customers)s))"""


@dataclass(frozen=True, slots=True)
class OnRecord:
    """Whether there may be any: maintenance that ran (S3), findings of cause (S6), intervals of the logs (S2), findings against a
    presumed cause (S8)."""

    maintenance: bool
    findings: bool
    downtime: bool
    otherwise: bool


def on_record(customers: Collection[int], asked: Span, months: Span) -> OnRecord:
    """Of these customers (by key) in a span, and of maintenance in its whole months."""
    given: dict[str, Any] = {
        "customers": list(customers),
        "since": asked.start,
        "until": asked.end,
        "months_begin": months.start,
        "months_end": months.end,
    }
    with connection.cursor() as cursor:
        cursor.execute(ANY, given)
        return OnRecord(*cursor.fetchone())
