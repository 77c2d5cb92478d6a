"""The vendor's calendar is put on record: normal maintenance hours (S3) and the days without business (S15)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.rules.days import first_instant, local_day
from entitlements.rules.refusals import Refusal
from sla.business_days import vendor_zone
from sla.models import CalendarCheck, NormalHours, VendorHoliday, VendorYear

HOURS, DAYS = "normal hours", "business days"
"""What the event log calls them."""
_DAY = timedelta(days=1)
NOVEMBER, DECEMBER = 11, 12
"""When the calendar of the year ahead is asked for, and before when it is to be checked."""


@transaction.atomic
def record_normal_hours(
    *, weekday: int, begins: time, ends: time, first: date, last: date | None, by: User, now: datetime
) -> NormalHours:
    """S3: a weekly window of the normal maintenance hours, by the vendor's clock (0 = Monday), from `first` to `last` (None: until
    further notice). Raises Refused where the same window holds on some of these days already, or the last is before the first.
    """
    if last is not None and last < first:
        raise Refused(Refusal("S3", "backwards", "The last day lies before the first.", "Check both days."))
    days = DateRange(first, last and last + _DAY)
    known = NormalHours.objects.select_for_update().filter(weekday=weekday, begins=begins, ends=ends)
    if known.filter(days__overlap=days).exists():
        raise Refused(
            Refusal(
                "S3", "twice", "This window holds on some of these days already.", "End it first, or choose other days."
            )
        )
    record("normal_hours.recorded", matter=HOURS, by=by, now=now)
    return NormalHours.objects.create(
        weekday=weekday, begins=begins, ends=ends, days=days, recorded_at=now, recorded_by=by
    )


@transaction.atomic
def end_normal_hours(*, hours: NormalHours, last: date, by: User, now: datetime) -> NormalHours:
    """S3: a window of the normal hours opens for the last time on `last`. Raises Refused for a day before its first."""
    current = NormalHours.objects.select_for_update().get(pk=hours.pk)
    if last < current.days.lower:
        raise Refused(Refusal("S3", "backwards", "The last day lies before the first.", "Check both days."))
    record("normal_hours.ended", matter=HOURS, by=by, now=now, note=str(current))
    current.days = DateRange(current.days.lower, last + _DAY)
    current.save()
    return current


@transaction.atomic
def record_year(
    *, year: int, weekend: Collection[int], holidays: Mapping[date, str], by: User, now: datetime
) -> VendorYear:
    """S15: a year's holidays and days of the week without business, in place of those on record for it. Deadlines of notices that
    were stored before stay. Raises Refused where no day of the week is left, or a holiday lies in another year.
    """
    if set(weekend) >= set(range(7)):
        raise Refused(Refusal("S15", "no_week", "A week needs a day of business.", "Leave at least one out."))
    if any(day.year != year for day in holidays):
        raise Refused(Refusal("S15", "another_year", f"A holiday lies outside {year}.", "Record each year by itself."))
    record("business_days.recorded", matter=DAYS, by=by, now=now, note=str(year))
    VendorHoliday.objects.filter(year=year).delete()
    recorded = {"weekend": sorted(set(weekend)), "recorded_at": now, "recorded_by": by}
    on_record, _ = VendorYear.objects.update_or_create(year=year, defaults=recorded)
    VendorHoliday.objects.bulk_create(
        VendorHoliday(year=on_record, day=day, name=name) for day, name in sorted(holidays.items())
    )
    return on_record


@transaction.atomic
def ask_for_checks(*, now: datetime) -> int:
    """S15: from November on somebody is to check the calendar of the year ahead, and at any time that of this one. Asked for once a year,
    however often or late the clock turns. How many were asked for now."""
    today = local_day(now, vendor_zone())
    years = [today.year, *([today.year + 1] if today.month >= NOVEMBER else [])]
    known = set(CalendarCheck.objects.filter(year__in=years).values_list("year", flat=True))
    missing = [year for year in years if year not in known]
    if missing:
        record("calendar.check_asked", matter=DAYS, by=None, now=now, note=", ".join(map(str, missing)))
    CalendarCheck.objects.bulk_create(
        (CalendarCheck(year=year, asked_at=now, due_at=_check_due(year)) for year in missing), ignore_conflicts=True
    )
    return len(missing)


@transaction.atomic
def check_calendar(*, check: CalendarCheck, compared_with: str, by: User, now: datetime) -> CalendarCheck:
    """S3, S15: holidays, weekend and normal hours of the year are right as they are on record. Raises Refused for a year that is not on
    record, and where it was checked already."""
    current = CalendarCheck.objects.select_for_update(of=("self",)).get(pk=check.pk)
    if current.checked_at is not None:
        raise Refused(Refusal("S15", "checked", f"{current} was checked already.", "What is changed since stays so."))
    if not VendorYear.objects.filter(year=current.year).exists():
        sentence = f"The days without business of {current.year} are not on record."
        raise Refused(Refusal("S15", "no_business_days", sentence, "Record them first, then check them."))
    record("calendar.checked", matter=DAYS, by=by, now=now, note=f"{current.year}: {compared_with}")
    current.checked_at, current.checked_by, current.compared_with = now, by, compared_with
    current.save()
    return current


def _check_due(year: int) -> datetime:
    return first_instant(date(year - 1, DECEMBER, 1), vendor_zone())
