"""Maintenance for tests: keyword-only, by the product's own actions. The vendor is on Pacific Time; June 19, 2026 is a holiday."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from entitlements.models import Customer, Letter, User
from entitlements.rules.spans import Span
from sla.actions import business_days
from sla.actions import maintenance as actions
from sla.actions import maintenance_runs as runs
from sla.actions.maintenance_records import Told
from sla.models import CalendarCheck, MaintenancePeriod, NormalHours, Outage, VendorYear
from tests import factories as make

HOLIDAYS = {date(2026, 6, 19): "Juneteenth", date(2026, 7, 3): "Independence Day, observed"}
SATURDAY, SUNDAY = 5, 6


def year(
    *,
    year: int = 2026,
    weekend: Sequence[int] = (SATURDAY, SUNDAY),
    holidays: Mapping[date, str] = HOLIDAYS,
    by: User | None = None,
) -> VendorYear:
    """S15: the days without business of a year, on record."""
    return business_days.record_year(
        year=year, weekend=weekend, holidays=holidays, by=by or make.manager(), now=make.NOW
    )


def normal_hours(
    *,
    weekday: int = SUNDAY,
    begins: time = time(1),
    ends: time = time(5),
    first: date = make.FIRST,
    last: date | None = None,
) -> NormalHours:
    """S3: Sundays from one to five in the morning, by the vendor's clock."""
    return business_days.record_normal_hours(
        weekday=weekday, begins=begins, ends=ends, first=first, last=last, by=make.manager(), now=make.NOW
    )


def check(*, year: int = 2026, now: datetime = make.NOW) -> CalendarCheck:
    """S15: the check of a year's calendar, asked for by the clock."""
    business_days.ask_for_checks(now=now)
    return CalendarCheck.objects.get(year=year)


def planned(
    *,
    start: datetime,
    minutes: int = 60,
    customers: Sequence[Customer] | None = None,
    title: str = "Database upgrade",
    effect: str = "Alerts may come late.",
    reason: str = "",
    by: User | None = None,
    now: datetime = make.NOW,
) -> MaintenancePeriod:
    """S15: announced maintenance; `customers` None: all of them. With a reason, an emergency."""
    return actions.plan_maintenance(
        told=Told(title=title, effect=effect, customers=None if customers is None else tuple(customers)),
        window=Span(start, start + timedelta(minutes=minutes)),
        emergency_reason=reason,
        by=by or make.manager(),
        now=now,
    )


def ran(
    *,
    period: MaintenancePeriod,
    start: datetime | None = None,
    minutes: int | None = None,
    by: User | None = None,
    now: datetime | None = None,
) -> MaintenancePeriod:
    """S3: it really ran so; without times, as announced."""
    start = start or period.announced.lower
    end = start + timedelta(minutes=minutes) if minutes else period.announced.upper
    by, now = by or make.manager(), now or end
    begun = runs.start_maintenance(period=period, started_at=start, by=by, now=now)
    return runs.end_maintenance(period=begun, ended_at=end, by=by, now=now)


def emergency(
    *,
    start: datetime,
    minutes: int | None = 60,
    customers: Sequence[Customer] | None = None,
    repairs: Outage | None = None,
    by: User | None = None,
    now: datetime = make.NOW,
) -> MaintenancePeriod:
    """S3: an emergency that began at once; `minutes` None: it runs."""
    return runs.record_maintenance(
        told=Told(title="Failing disk replaced", customers=None if customers is None else tuple(customers)),
        started_at=start,
        ended_at=None if minutes is None else start + timedelta(minutes=minutes),
        emergency_reason="The disk would have been lost within the hour.",
        repairs=repairs,
        by=by or make.manager(),
        now=now,
    )


def accepted(*, period: MaintenancePeriod, at: datetime, customer: Customer | None = None) -> None:
    """S15: the mail server took the letters of the period's last announcement at this moment."""
    letters = Letter.objects.filter(matter=period.reference, point__startswith=f"version {period.version}/")
    if customer:
        letters = letters.filter(customer=customer)
    letters.update(state="accepted", accepted_at=at)
