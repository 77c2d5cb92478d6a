"""Are the alert logs kept up? When a file came in last, and whether one waits for the worker: a sign of health (M1.3, X10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Min, Q, QuerySet
from django.db.models.functions import Coalesce

from entitlements import wording
from entitlements.health import Sign, in_one_row
from entitlements.models.worded import Worded
from sla.business_days import vendor_zone
from sla.models import AlertImport, AlertImportState
from sla.models.alerts import UNDER_WAY

LATE = timedelta(minutes=15)
"""The worker is rung every quarter of a minute, and one that dies leaves a lease of five minutes."""


def _imports(now: datetime) -> QuerySet[Any]:
    imported = Q(state=AlertImportState.IMPORTED)
    return in_one_row(
        AlertImport.objects.all(),
        last=Max("imported_at", filter=imported),
        through=Max("last_received", filter=imported),
        waits_since=Min(Coalesce("lease_until", "begun_at", "uploaded_at"), filter=UNDER_WAY),
        worked_until=Max("lease_until", filter=UNDER_WAY),
    )


IMPORTS = Worded(_imports)


def sign(found: Mapping[str, datetime | None], now: datetime) -> Sign | None:
    """The last import, and up to which receipt alerts are on record; an alarm where nobody works at a file that is handed in, nor at one
    before it."""
    words = "No file has been imported yet."
    if found["last"]:
        words = f"The last file was imported {wording.roughly_in_words(now - found['last'])} ago"
        words += (
            f", with alerts through {wording.moment_in_short(found['through'], vendor_zone())}."
            if found["through"]
            else "."
        )
    waits_since = max(filter(None, (found["waits_since"], found["worked_until"])), default=None)
    if waits_since is None or now - waits_since <= LATE:
        return Sign("alert_logs", "Alert logs", words)
    words = f"A file has waited {wording.roughly_in_words(now - waits_since)} for the worker. {words}"
    remedy = "Start worker and beat: they go on with it where they stopped."
    return Sign("alert_logs", "Alert logs", words, "a file of alert logs waits for the worker", waits_since, remedy)
