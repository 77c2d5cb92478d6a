"""Maintenance is planned with its notice, changed, cancelled, and put on record as it really ran (S3, S15). Instants are UTC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Customer, User
from entitlements.references import new_reference
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span
from sla import maintenance_letters as letters
from sla.actions.maintenance_facts import facts_have_changed
from sla.business_days import BusinessDays, vendor_zone
from sla.maintenance import concerned, terms_of
from sla.models import (
    AffectedCustomer,
    MaintenanceChange,
    MaintenanceNotice,
    MaintenancePeriod,
    MaintenanceState,
    Outage,
)
from sla.rules.maintenance_notice import NoticeDeadline, needs_new_notice

BEGUN = Refusal("S15", "begun", "It has begun, or is over.", "Correct what really ran instead.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What customers read of a maintenance, and whom it concerns: `customers` by name, or None for everybody."""

    title: str
    effect: str = ""
    customers: tuple[Customer, ...] | None = None


@transaction.atomic
def plan_maintenance(
    *,
    told: Told,
    window: Span,
    by: User,
    now: datetime,
    emergency_reason: str = "",
    repairs: Outage | None = None,
) -> MaintenancePeriod:
    """S15: announce maintenance that lies ahead. Its notice is written with it, for every contact of every customer concerned.

    With `emergency_reason` it is an emergency whose reason is recorded now (S3), with `repairs` the repair of that outage.
    A notice that comes too late is allowed. Raises Refused where the window has begun, nobody is concerned, or the business
    days before it are not on record.
    """
    if window.start <= now:
        raise Refused(Refusal("S15", "past", "That time has begun already.", "Record what really ran instead."))
    deadline = _deadline(window)
    period = _new(told, by, now, emergency_reason, repairs)
    period.state, period.announced = MaintenanceState.PLANNED, _range(window)
    record("maintenance.planned", matter=period.reference, by=by, now=now)
    customers = _saved(period, told)
    _write_notices(period, customers, deadline.deadline, now)
    letters.announced(period, customers, now=now, deadline=deadline.deadline)
    return period


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
    _refuse_times(started_at, ended_at, now)
    period = _new(told, by, now, emergency_reason, repairs)
    period.ran = DateTimeTZRange(started_at, ended_at)
    period.state = MaintenanceState.DONE if ended_at else MaintenanceState.RUNNING
    record("maintenance.recorded", matter=period.reference, by=by, now=now)
    customers = _saved(period, told)
    if ended_at is None:
        letters.announced(period, customers, now=now, deadline=None)
    facts_have_changed(period, [period.ran], by=by, now=now)
    return period


@transaction.atomic
def change_window(*, period: MaintenancePeriod, window: Span, why: str, by: User, now: datetime) -> MaintenancePeriod:
    """S15: another window. Moved or lengthened it needs a new notice, with a moment of its own; shortened inside it, none.

    Customers are told in either case, and the calendar file replaces the earlier one. Raises Refused once it has begun.
    """
    current = _locked(period)
    before = current.window
    if current.state != MaintenanceState.PLANNED or before is None:
        raise Refused(BEGUN)
    if window.start <= now:
        raise Refused(Refusal("S15", "past", "That time has begun already.", "Choose a later one."))
    if window == before:
        raise Refused(
            Refusal("S15", "the_same", "That is the window that is announced already.", "Change it, or leave it.")
        )
    new_notice, deadline = needs_new_notice(before, window), _deadline(window)
    record("maintenance.changed", matter=current.reference, by=by, now=now, note=why)
    current.announced, current.calendar_sequence = _range(window), current.calendar_sequence + 1
    current.version += new_notice
    current.save()
    _note(
        current, MaintenanceChange.What.WINDOW, _range(before), current.announced, why, by, now, new_notice=new_notice
    )
    customers = list(concerned(current))
    if new_notice:
        _write_notices(current, customers, deadline.deadline, now)
    letters.changed(
        current, customers, before=before, why=why, new_notice=new_notice, now=now, deadline=deadline.deadline
    )
    return current


@transaction.atomic
def cancel_maintenance(*, period: MaintenancePeriod, why: str, by: User, now: datetime) -> MaintenancePeriod:
    """S15: it does not happen; whoever was told is told, and the calendar file takes it out. Raises Refused once it has begun."""
    current = _locked(period)
    if current.state != MaintenanceState.PLANNED:
        raise Refused(BEGUN)
    record("maintenance.cancelled", matter=current.reference, by=by, now=now, note=why)
    current.state, current.calendar_sequence = MaintenanceState.CANCELLED, current.calendar_sequence + 1
    current.cancelled_at, current.cancelled_by = now, by
    current.save()
    letters.cancelled(current, list(concerned(current)), why=why, now=now)
    return current


@transaction.atomic
def start_maintenance(*, period: MaintenancePeriod, started_at: datetime, by: User, now: datetime) -> MaintenancePeriod:
    """S3: it really began at `started_at`. Raises Refused where it was begun already or cancelled, or for a later time than now."""
    current = _locked(period)
    if current.state != MaintenanceState.PLANNED:
        raise Refused(BEGUN)
    _refuse_times(started_at, None, now)
    record("maintenance.started", matter=current.reference, by=by, now=now)
    current.state, current.ran = MaintenanceState.RUNNING, DateTimeTZRange(started_at, None)
    current.save()
    facts_have_changed(current, [current.ran], by=by, now=now)
    return current


@transaction.atomic
def end_maintenance(*, period: MaintenancePeriod, ended_at: datetime, by: User, now: datetime) -> MaintenancePeriod:
    """S3: it really ended at `ended_at`. Raises Refused where it does not run, or for a time before its beginning or after now."""
    current = _locked(period)
    if current.state != MaintenanceState.RUNNING or current.ran is None:
        raise Refused(Refusal("S3", "not_running", "It does not run.", "Look at it again."))
    _refuse_times(current.ran.lower, ended_at, now)
    record("maintenance.ended", matter=current.reference, by=by, now=now)
    before = current.ran
    current.state, current.ran = MaintenanceState.DONE, DateTimeTZRange(before.lower, ended_at)
    current.save()
    facts_have_changed(current, [before, current.ran], by=by, now=now)
    return current


@transaction.atomic
def correct_run(
    *, period: MaintenancePeriod, started_at: datetime, ended_at: datetime | None, why: str, by: User, now: datetime
) -> MaintenancePeriod:
    """S3, S19: what really ran is put right, with the old times kept; open claims are judged anew, decided ones stay.

    Raises Refused where nothing ran yet, for times ahead, and for one that is over and would run again.
    """
    current = _locked(period)
    if current.ran is None:
        raise Refused(Refusal("S3", "not_begun", "It has not begun.", "Record its beginning first."))
    if current.state == MaintenanceState.DONE and ended_at is None:
        raise Refused(Refusal("S3", "no_end", "It is over, so it has an end.", "Give the time at which it ended."))
    _refuse_times(started_at, ended_at, now)
    before, after = current.ran, DateTimeTZRange(started_at, ended_at)
    record("maintenance.corrected", matter=current.reference, by=by, now=now, note=why)
    current.ran = after
    current.state = MaintenanceState.DONE if ended_at else MaintenanceState.RUNNING
    current.save()
    _note(current, MaintenanceChange.What.RUN, before, after, why, by, now)
    facts_have_changed(current, [before, after], by=by, now=now)
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
    record("maintenance.notice_accepted", matter=current.period.reference, by=by, now=now, note=document)
    current.document, current.document_accepted_at = document, accepted_at
    current.entered_at, current.entered_by = now, by
    current.save()
    facts_have_changed(current.period, [current.period.ran], by=by, now=now)
    return current


def _deadline(window: Span) -> NoticeDeadline:
    """S15: the last moment for the notice; Refused where it cannot be told."""
    business_days = BusinessDays.around(local_day(window.start, vendor_zone()))
    found = business_days.deadline(window.start, terms_of(window.start))
    if refusal := business_days.refusal(found):
        raise Refused(refusal)
    return found


def _new(told: Told, by: User, now: datetime, reason: str, repairs: Outage | None) -> MaintenancePeriod:
    kinds = MaintenancePeriod.Kind
    recorded = {"reason_recorded_at": now, "reason_recorded_by": by} if reason else {}
    return MaintenancePeriod(
        reference=new_reference("MNT"),
        title=told.title,
        effect=told.effect,
        kind=kinds.REPAIR if repairs else kinds.EMERGENCY if reason else kinds.PLANNED,
        repairs=repairs,
        everybody=told.customers is None,
        reason=reason,
        recorded_at=now,
        recorded_by=by,
        **recorded,
    )


def _saved(period: MaintenancePeriod, told: Told) -> list[Customer]:
    """On record with whom it concerns."""
    period.save(force_insert=True)
    AffectedCustomer.objects.bulk_create(
        AffectedCustomer(period=period, customer=one) for one in dict.fromkeys(told.customers or ())
    )
    customers = list(concerned(period))
    if not customers:
        raise Refused(Refusal("S15", "nobody", "It concerns no customer.", "Name at least one, or all of them."))
    return customers


def _write_notices(period: MaintenancePeriod, customers: Iterable[Customer], deadline: datetime, now: datetime) -> None:
    MaintenanceNotice.objects.bulk_create(
        (
            MaintenanceNotice(
                period=period,
                version=period.version,
                customer=customer,
                announced=period.announced,
                deadline=deadline,
                written_at=now,
            )
            for customer in customers
        ),
        batch_size=1000,
    )


def _locked(period: MaintenancePeriod) -> MaintenancePeriod:
    return MaintenancePeriod.objects.select_for_update().get(pk=period.pk)


def _refuse_times(start: datetime, end: datetime | None, now: datetime) -> None:
    if max(start, end or start) > now:
        raise Refused(Refusal("S3", "not_yet", "What really ran lies behind us.", "Check the date and the time zone."))
    if end is not None and end <= start:
        raise Refused(Refusal("S3", "backwards", "It cannot have ended before it began.", "Check both times."))


def _range(span: Span) -> DateTimeTZRange:
    return DateTimeTZRange(span.start, span.end)


def _note(
    period: MaintenancePeriod,
    what: str,
    before: DateTimeTZRange,
    after: DateTimeTZRange,
    why: str,
    by: User,
    now: datetime,
    *,
    new_notice: bool = False,
) -> None:
    MaintenanceChange.objects.create(
        period=period,
        what=what,
        before=before,
        after=after,
        why=why,
        new_notice=new_notice,
        changed_at=now,
        changed_by=by,
    )
