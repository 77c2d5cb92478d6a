"""How far the background is with a file of alert logs, and how long it will still take."""

from __future__ import annotations

from datetime import datetime, timedelta

from entitlements import wording
from sla.models import AlertImport, AlertImportState


def share(source: AlertImport) -> float | None:
    """How much of the file is read, 0 to 1; None where the size does not say it."""
    if source.state != AlertImportState.CHECKING or source.packed or source.kind == AlertImport.Kind.PARQUET:
        return None
    return min(source.position / source.size, 1.0)


def remaining(source: AlertImport, now: datetime) -> timedelta | None:
    """How long the check will still take, going by what it took so far; None while that says nothing."""
    done = share(source)
    if not done or source.begun_at is None or done >= 1:
        return None
    return (now - source.begun_at) * (1 - done) / done


def in_words(source: AlertImport, now: datetime) -> str:
    """'120,000 rows read, 40 %, about 3 minutes left.'"""
    if source.state == AlertImportState.IMPORTING:
        return f"{source.good:,} rows are counted, indexed and put with the others."
    said = [f"{source.rows:,} rows read"]
    if (done := share(source)) is not None:
        said.append(f"{done:.0%}")
    left = remaining(source, now)
    if left is not None:
        said.append(f"about {wording.duration_in_words(timedelta(seconds=max(round(left.total_seconds()), 1)))} left")
    return ", ".join(said) + "."
