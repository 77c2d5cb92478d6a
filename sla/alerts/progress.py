"""How far the background is with a file of alert logs, how long reading the rest will take, and whether anybody is at work."""

from __future__ import annotations

from datetime import datetime, timedelta

from entitlements import wording
from sla.alerts.work import COMPARE, held_since
from sla.models import AlertImport, AlertImportState

STANDS_FROM = timedelta(minutes=1)
"""So long after its last commit a worker may have been ended. A figure of ours: a batch takes some seconds."""


def remaining(source: AlertImport, now: datetime) -> timedelta | None:
    """How long reading will still take, going by what it took while somebody was at work; None while that says nothing."""
    if not 0 < source.share < 1 or source.begun_at is None or stood_still(source, now) >= STANDS_FROM:
        return None
    idle = stood_still(source, now)
    taken = now - idle - source.begun_at - source.waited
    left = taken * (1 - source.share) / source.share - idle
    return left if left > timedelta() else None


def stood_still(source: AlertImport, now: datetime) -> timedelta:
    """How long ago the worker that has it last committed anything; nothing while none has it."""
    return now - held_since(source.lease_until) if source.lease_until else timedelta()


def in_words(source: AlertImport, now: datetime) -> str:
    """'120,000 rows read, 40 %, about 3 minutes left.'"""
    if source.is_being_undone:
        rows = wording.counted(source.good, "row")
        return f"{rows} and the quarter hours that they count in are taken back, and claims are computed without them."
    if source.state == AlertImportState.IMPORTING:
        return f"{source.good:,} rows are counted, indexed and put with the others."
    return " ".join(filter(None, (_read(source, now), _standing(source, now))))


def _read(source: AlertImport, now: datetime) -> str:
    if source.phase == COMPARE:
        return f"All {source.rows:,} rows are read; they are indexed and compared with what is on record."
    said = [f"{source.rows:,} rows read", f"{source.share:.0%}"]
    if left := remaining(source, now):
        said.append(f"about {_in_words(left)} left")
    return ", ".join(said) + "."


def _standing(source: AlertImport, now: datetime) -> str:
    idle = stood_still(source, now)
    if source.lease_until is None or idle < STANDS_FROM:
        return ""
    when = f"in {_in_words(source.lease_until - now)}" if source.lease_until > now else "with its next turn"
    return f"Nothing moved for {_in_words(idle)}: if its worker was ended, another goes on from there {when}."


def _in_words(length: timedelta) -> str:
    return wording.duration_in_words(timedelta(seconds=max(round(length.total_seconds()), 1)))
