"""S3, S15: what the database refuses of maintenance, whoever writes: each constraint by its name, and the moves of its state."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from sla.models import (
    MAINTENANCE_MOVES,
    AffectedCustomer,
    MaintenanceChange,
    MaintenanceNotice,
    MaintenancePeriod,
    MaintenanceState,
    NormalHours,
    VendorHoliday,
    VendorYear,
)
from tests import factories as make
from tests import maintenance_factories as work
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db
EMPTY = DateTimeTZRange(NOW, NOW)


@shared
def records():
    """One planned period with a named customer, its notice and a change; normal hours; a year."""
    work.year()
    contract = make.contract()
    period = work.planned(start=NOW + 12 * DAY, customers=[contract.customer])
    MaintenanceChange.objects.create(
        period=period, what="window", why="A part is late.", changed_at=NOW, changed_by=make.manager()
    )
    return period, work.normal_hours(), contract.customer


def period(**values):
    return MaintenancePeriod.objects.update(**values)


def hours(**values):
    known = {"weekday": 6, "begins": time(1), "ends": time(5), "days": DateRange(make.LAST, None)}
    NormalHours.objects.create(**known | values, recorded_at=NOW, recorded_by=make.manager())


def notice_again():
    one = MaintenanceNotice.objects.get()
    one.pk = None
    one.save(force_insert=True)


REFUSED = {
    "maintenance_ran_as_its_state_says": lambda: period(state="running"),
    "an_announced_window_begins_and_ends": lambda: period(announced=DateTimeTZRange(NOW, None)),
    "planned_maintenance_is_announced": lambda: period(announced=None),
    "a_repair_names_its_outage": lambda: period(
        kind="repair", reason="It was down.", reason_recorded_at=NOW, reason_recorded_by=make.manager()
    ),
    "an_emergency_has_its_reason": lambda: period(kind="emergency"),
    "cancelled_maintenance_has_its_moment": lambda: period(state="cancelled"),
    "a_customer_is_affected_once_by_a_maintenance": lambda: AffectedCustomer.objects.create(
        period=MaintenancePeriod.objects.get(), customer=AffectedCustomer.objects.get().customer
    ),
    "a_change_of_maintenance_says_why": lambda: MaintenanceChange.objects.create(
        period=MaintenancePeriod.objects.get(), what="run", why="", changed_at=NOW, changed_by=make.manager()
    ),
    "one_notice_of_a_version_for_a_customer": notice_again,
    "a_notice_by_document_has_all_of_it": lambda: MaintenanceNotice.objects.update(document="A letter"),
    "normal_hours_hold_once_at_a_time": hours,
    "normal_hours_are_of_a_weekday": lambda: hours(weekday=7),
    "normal_hours_have_a_first_day": lambda: hours(weekday=0, days=DateRange(None, make.LAST)),
    "a_vendors_week_has_a_business_day": lambda: VendorYear.objects.update(weekend=list(range(7))),
    "a_holiday_lies_in_its_year": lambda: VendorHoliday.objects.filter(day="2026-07-03").update(day=date(2027, 7, 3)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses_by_name(records, name):
    with pytest.raises(IntegrityError, match=name):
        REFUSED[name]()


@pytest.mark.parametrize("start", MaintenanceState)
def test_its_state_moves_only_along_the_allowed_ways(records, start):
    ran = {"planned": None, "cancelled": None, "running": (NOW, None), "done": (NOW, NOW + HOUR)}
    by = make.manager()

    def values(state):
        cancelled = {"cancelled_at": NOW, "cancelled_by": by} if state == "cancelled" else {}
        return {"state": state, "ran": ran[state] and DateTimeTZRange(*ran[state]), **cancelled}

    if start != "planned":
        period(**values(start))
    for end in MaintenanceState:
        if end != start:
            assert lets_through(values(end)) == (end in MAINTENANCE_MOVES.get(start, ())), (start, end)


def lets_through(values):
    try:
        with transaction.atomic():
            period(**{"cancelled_at": None, "cancelled_by": None, **values})
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True


def test_a_change_is_only_ever_added(records):
    for act in (lambda: MaintenanceChange.objects.update(why="Another."), MaintenanceChange.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_a_notice_keeps_what_it_announced_and_until_when(records):
    for change in ({"deadline": NOW}, {"announced": EMPTY}, {"version": 2}):
        with pytest.raises(DatabaseError), transaction.atomic():
            MaintenanceNotice.objects.update(**change)
