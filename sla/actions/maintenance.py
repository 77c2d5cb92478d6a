"""Maintenance is planned with its notice, changed and cancelled (S15). Instants are UTC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Customer, User
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span
from sla import maintenance_letters as letters
from sla.actions.maintenance_records import BEGUN, Told, as_range, locked, new_period, note_change, saved
from sla.business_days import BusinessDays, vendor_zone
from sla.maintenance import concerned, terms_of, told_of
from sla.models import (
    MaintenanceChange,
    MaintenanceNotice,
    MaintenancePeriod,
    MaintenanceState,
    Outage,
)
from sla.rules.maintenance_notice import NoticeDeadline, needs_new_notice


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
    period = new_period(told, by, now, emergency_reason, repairs)
    period.state, period.announced = MaintenanceState.PLANNED, as_range(window)
    record("maintenance.planned", matter=period.reference, by=by, now=now)
    customers = saved(period, told)
    _write_notices(period, customers, deadline.deadline, now)
    letters.announced(period, customers, now=now, deadline=deadline.deadline)
    return period


@transaction.atomic
def change_window(*, period: MaintenancePeriod, window: Span, why: str, by: User, now: datetime) -> MaintenancePeriod:
    """S15: another window. Moved or lengthened it needs a new notice, with a moment of its own; shortened inside it, none.

    Customers are told in either case, and the calendar file replaces the earlier one. Raises Refused once it has begun.
    """
    current = locked(period)
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
    current.announced, current.calendar_sequence = as_range(window), current.calendar_sequence + 1
    current.version += new_notice
    current.save()
    note_change(
        current, MaintenanceChange.What.WINDOW, as_range(before), current.announced, why, by, now, new_notice=new_notice
    )
    if new_notice:
        _write_notices(current, concerned(current), deadline.deadline, now)
    letters.changed(
        current,
        list(told_of(current)),
        before=before,
        why=why,
        new_notice=new_notice,
        now=now,
        deadline=deadline.deadline,
    )
    return current


@transaction.atomic
def cancel_maintenance(*, period: MaintenancePeriod, why: str, by: User, now: datetime) -> MaintenancePeriod:
    """S15: it does not happen; whoever was told is told, and the calendar file takes it out. Raises Refused once it has begun."""
    current = locked(period)
    if current.state != MaintenanceState.PLANNED:
        raise Refused(BEGUN)
    record("maintenance.cancelled", matter=current.reference, by=by, now=now, note=why)
    current.state, current.calendar_sequence = MaintenanceState.CANCELLED, current.calendar_sequence + 1
    current.cancelled_at, current.cancelled_by = now, by
    current.save()
    letters.cancelled(current, list(told_of(current)), why=why, now=now)
    return current


def _deadline(window: Span) -> NoticeDeadline:
    """S15: the last moment for the notice; Refused where it cannot be told."""
    business_days = BusinessDays.around(local_day(window.start, vendor_zone()))
    found = business_days.deadline(window.start, terms_of(window.start))
    if refusal := business_days.refusal(found):
        raise Refused(refusal)
    return found


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
