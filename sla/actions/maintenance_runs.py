"""Maintenance as it really ran: recorded at once, begun, ended, corrected; and a notice that a document shows (S3, S15)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla import maintenance_letters as letters
from sla.actions.maintenance_facts import facts_change
from sla.actions.maintenance_records import BEGUN, Told, locked, new_period, note_change, refuse_times, saved
from sla.maintenance import may_be_excused
from sla.models import MaintenanceChange, MaintenanceNotice, MaintenancePeriod, MaintenanceState, Outage


@transaction.atomic
def record_maintenance(
    *,
    told: Told,
    started_at: datetime,
    ended_at: datetime | None,
    emergency_reason: str,
    by: User,
    now: datetime,
    repairs: Outage | None = None,
) -> MaintenancePeriod:
    """S3: an emergency, or the repair of an outage, that had to begin at once; `ended_at` None while it runs.

    Its reason is recorded now, and counts within the edition's hours of the start. Customers are told while it runs.
    """
    refuse_times(started_at, ended_at, now)
    period = new_period(told, by, now, emergency_reason, repairs)
    period.ran = DateTimeTZRange(started_at, ended_at)
    period.state = MaintenanceState.DONE if ended_at else MaintenanceState.RUNNING
    with facts_change(period.reference, told.keys(), [period.ran], by=by, now=now):
        record("maintenance.recorded", matter=period.reference, by=by, now=now)
        concerning = saved(period, told)
        if ended_at is None:
            letters.announced(period, concerning, now=now, deadline=None)
    return period


@transaction.atomic
def start_maintenance(*, period: MaintenancePeriod, started_at: datetime, by: User, now: datetime) -> MaintenancePeriod:
    """S3: it really began at `started_at`. Raises Refused where it was begun already or cancelled, or for a later time than now."""
    current = locked(period)
    if current.state != MaintenanceState.PLANNED:
        raise Refused(BEGUN)
    refuse_times(started_at, None, now)
    ran = DateTimeTZRange(started_at, None)
    with _judged_anew(current, [ran], by, now):
        record("maintenance.started", matter=current.reference, by=by, now=now)
        current.state, current.ran = MaintenanceState.RUNNING, ran
        current.save()
    return current


@transaction.atomic
def end_maintenance(*, period: MaintenancePeriod, ended_at: datetime, by: User, now: datetime) -> MaintenancePeriod:
    """S3: it really ended at `ended_at`. Raises Refused where it does not run, or for a time before its beginning or after now."""
    current = locked(period)
    if current.state != MaintenanceState.RUNNING or current.ran is None:
        raise Refused(Refusal("S3", "not_running", "It does not run.", "Look at it again."))
    refuse_times(current.ran.lower, ended_at, now)
    with _judged_anew(current, [current.ran], by, now):
        record("maintenance.ended", matter=current.reference, by=by, now=now)
        current.state, current.ran = MaintenanceState.DONE, DateTimeTZRange(current.ran.lower, ended_at)
        current.save()
    return current


@transaction.atomic
def correct_run(
    *, period: MaintenancePeriod, started_at: datetime, ended_at: datetime | None, why: str, by: User, now: datetime
) -> MaintenancePeriod:
    """S3, S19: what really ran is put right, with the old times kept; open claims are judged anew, decided ones stay. Corrected to
    what it is already, nothing happens.

    Raises Refused where nothing ran yet, for times ahead, and for one that is over and would run again.
    """
    current = locked(period)
    if current.ran is None:
        raise Refused(Refusal("S3", "not_begun", "It has not begun.", "Record its beginning first."))
    if current.state == MaintenanceState.DONE and ended_at is None:
        raise Refused(Refusal("S3", "no_end", "It is over, so it has an end.", "Give the time at which it ended."))
    refuse_times(started_at, ended_at, now)
    before, after = current.ran, DateTimeTZRange(started_at, ended_at)
    if before == after:
        return current
    with _judged_anew(current, [before, after], by, now):
        record("maintenance.corrected", matter=current.reference, by=by, now=now, note=why)
        current.ran = after
        current.state = MaintenanceState.DONE if ended_at else MaintenanceState.RUNNING
        current.save()
        note_change(current, MaintenanceChange.What.RUN, before, after, why, by, now)
    return current


@transaction.atomic
def accept_by_document(
    *, notice: MaintenanceNotice, accepted_at: datetime, document: str, by: User, now: datetime
) -> MaintenanceNotice:
    """S15: the notice reached the customer in another way than by our letter, and a document shows when. Entered again, it is put right.

    Raises Refused for a moment before the notice was written, or after now.
    """
    if not notice.written_at <= accepted_at <= now:
        raise Refused(
            Refusal("S15", "when", "It was accepted between its writing and now.", "Check the date and the time zone.")
        )
    current = MaintenanceNotice.objects.select_for_update().select_related("period").get(pk=notice.pk)
    with facts_change(current.period.reference, [current.customer_id], [current.period.ran], by=by, now=now):
        record("maintenance.notice_accepted", matter=current.period.reference, by=by, now=now, note=document)
        current.document, current.document_accepted_at = document, accepted_at
        current.entered_at, current.entered_by = now, by
        current.save()
    return current


def _judged_anew(
    period: MaintenancePeriod, ran: Sequence[DateTimeTZRange], by: User, now: datetime
) -> AbstractContextManager[None]:
    """S19: around a change of what ran, for everyone whose outages the period may cut."""
    return facts_change(period.reference, may_be_excused(period).values("pk"), ran, by=by, now=now)
