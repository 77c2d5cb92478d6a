"""What whoever handed in a file of alert logs, or asked for its undoing, is told when the background is done with it (M9.5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from entitlements import notices
from entitlements.links import page
from entitlements.models import User
from sla.digest_letters import zone_of
from sla.models import AlertImport

KIND = "alert_import"


def checked(source: AlertImport, *, now: datetime) -> None:
    """The check is done: somebody has to decide."""
    _write(source, "checked", "Decide what comes in", now)


def imported(source: AlertImport, *, now: datetime) -> None:
    """The file stands."""
    _write(source, "imported", "Look at the import", now)


def failed(source: AlertImport, *, now: datetime) -> None:
    """It could not be done."""
    _write(source, "failed", "Look at the file", now)


def stays(source: AlertImport, *, now: datetime) -> None:
    """It could not be undone: for whoever asked for that."""
    _write(source, "stays", "Look at the import", now, to=source.undo_asked_by)


def _write(source: AlertImport, outcome: str, label: str, now: datetime, *, to: User | None = None) -> None:
    reader = to or source.uploaded_by
    counts = {name: getattr(source, name) for name in ("rows", "good", "refused", "known")}
    said: dict[str, Any] = {"outcome": outcome, "name": source.name, "reference": source.reference, **counts}
    said |= {"trouble": source.trouble, "first": source.first_received, "last": source.last_received}
    said |= {"zone": zone_of(reader).key, "as_of": now}
    said |= {"action_url": page("admin:alert_import", source.reference), "action_label": label}
    notices.write(KIND, matter=source.reference, to=[reader], now=now, deadline=now, point=outcome[:8], context=said)
