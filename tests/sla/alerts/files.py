"""Files of alert logs, as an export would have them, and their way into the tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection

from sla.actions import alerts as actions
from sla.alerts.columns import guessed
from sla.alerts.keeping import MOST_BYTES, keep
from sla.alerts.work import work
from sla.models import AlertImport
from tests import factories as make
from tests.factories import NOW

CLOCK = (NOW + timedelta(microseconds=n) for n in count(1)).__next__
"""A tick each time it is looked at: what came between two looks is seen."""

T0 = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
HEADS = (
    "customer", "incident", "initial", "responder", "first_responder", "urgency", "channel", "registered", "located", "received_at",
    "delay", "provider_api_call_at", "push_attempt_at", "sms_sent_at", "email_sent_at", "delivery_receipt_at", "acknowledged_at",
    "resolved_at", "provider_reference", "occurred_at", "provider_at",
)  # fmt: skip
ROW = {
    "customer": "C-1", "incident": "INC-1", "initial": "true", "responder": "U1", "first_responder": "true", "urgency": "high",
    "channel": "sms", "registered": "US", "located": "US", "received_at": "2026-05-04T12:00:00.000Z", "delay": "1",
    "sms_sent_at": "2026-05-04T12:01:03.000Z", "acknowledged_at": "2026-05-04T12:04:00.000Z", "provider_reference": "SM1",
    "occurred_at": "2026-05-04T11:59:59.000Z",
}  # fmt: skip


def stamp(seconds: float) -> str:
    return (T0 + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")[:-6] + "Z"


def row(n: int = 1, **cells: str) -> dict[str, str]:
    """The nth row: an incident of its own, ten minutes after the one before."""
    at = 600 * (n - 1)
    own = {
        "incident": f"INC-{n}",
        "received_at": stamp(at),
        "sms_sent_at": stamp(at + 63),
        "acknowledged_at": stamp(at + 240),
    }
    return ROW | own | {"occurred_at": stamp(at - 1), "provider_reference": f"SM{n}"} | cells


def csv_of(*rows: Mapping[str, str], heads: Iterable[str] = HEADS, **options: Any) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(heads), restval="", lineterminator="\n", **options)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def handed_in(content: bytes, name: str = "alerts.csv", by: Any = None) -> AlertImport:
    kept = keep(ContentFile(content, name=name), name, most_bytes=MOST_BYTES)
    return actions.hand_in(file=kept, by=by or make.manager(), now=NOW)


def checked(content: bytes, name: str = "alerts.csv", columns: Any = None, **naming: Any) -> AlertImport:
    """The file, checked as it would be by the background."""
    source = handed_in(content, name)
    return check(source, columns or guessed(HEADS), **naming)


def check(source: AlertImport, columns: Any = None, **naming: Any) -> AlertImport:
    actions.check(
        source=source, naming=actions.Naming(columns or guessed(HEADS), **naming), by=source.uploaded_by, now=NOW
    )
    return worked(source)


def imported(content: bytes, *, without_refused: bool = False, **options: Any) -> AlertImport:
    return confirmed(checked(content, **options), without_refused=without_refused)


def confirmed(source: AlertImport, *, without_refused: bool = False) -> AlertImport:
    actions.confirm(source=source, without_refused=without_refused, by=source.uploaded_by, now=NOW)
    return worked(source)


def undone(source: AlertImport, by: Any = None) -> AlertImport:
    actions.undo(source=source, by=by or source.uploaded_by, now=NOW)
    return worked(source)


def worked(source: AlertImport) -> AlertImport:
    work(clock=CLOCK)
    return AlertImport.objects.get(pk=source.pk)


def told(source: AlertImport) -> list[tuple[int, str, str]]:
    return list(source.refusals.values_list("line", "column", "code"))


def counts(source: AlertImport) -> tuple[int, int, int, int]:
    return source.rows, source.good, source.refused, source.known


def stored(question: str = "SELECT * FROM sla_notification ORDER BY received_at, line") -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, found, strict=True)) for found in cursor.fetchall()]
