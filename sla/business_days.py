"""The vendor's calendar as it is on record: business days (S15) and the normal maintenance hours (S3), in the vendor's zone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span
from sla.models import NormalHours, VendorHoliday, VendorYear
from sla.rules.maintenance_notice import NoticeDeadline, inside_normal_hours, notice_deadline
from sla.rules.terms import EnterpriseTerms

_DAY = timedelta(days=1)


def vendor_zone() -> ZoneInfo:
    """The zone of business days and normal maintenance hours."""
    return ZoneInfo(settings.VENDOR_ZONE)


@dataclass(frozen=True, slots=True)
class BusinessDays:
    """S15: the years on record around a day. `off` are the days without business that a plain week does not have."""

    years: frozenset[int]
    weekend: frozenset[int]
    off: dict[date, str]

    @classmethod
    def around(cls, day: date) -> BusinessDays:
        """Those of the day's year and of the one before, into which a notice may reach back."""
        years = list(VendorYear.objects.filter(year__in=[day.year - 1, day.year]))
        holidays = VendorHoliday.objects.filter(year__in=[one.year for one in years])
        common = frozenset.intersection(*(frozenset(one.weekend) for one in years)) if years else frozenset()
        off = {one: "weekend" for year in years for one in _weekends(year, frozenset(year.weekend) - common)}
        return cls(frozenset(one.year for one in years), common, off | {one.day: one.name for one in holidays})

    def deadline(self, start: datetime, terms: EnterpriseTerms) -> NoticeDeadline:
        """S15: the last moment at which the notice of maintenance that starts at `start` (UTC) is in time."""
        return notice_deadline(start, vendor_zone(), self.off, self.weekend, terms)

    def refusal(self, notice: NoticeDeadline) -> Refusal | None:
        """Why the moment cannot be told: a year that it reaches into is not on record."""
        first, last = local_day(notice.deadline, vendor_zone()), local_day(notice.start, vendor_zone())
        missing = sorted({first.year, last.year} - self.years)
        if not missing:
            return None
        return Refusal(
            "S15",
            "no_business_days",
            f"The vendor's holidays of {' and '.join(map(str, missing))} are not on record.",
            "Record them first: they decide until when a notice is in time.",
        )

    def why_off(self, day: date) -> str:
        """Why a day is no business day."""
        return self.off.get(day, "weekend")


def _weekends(year: VendorYear, weekdays: frozenset[int]) -> list[date]:
    first = date(year.year, 1, 1)
    days = (first + n * _DAY for n in range(366))
    return [day for day in days if day.year == year.year and day.weekday() in weekdays]


class NormalWindows:
    """S3: the windows of the normal hours that hold around a time, read once."""

    def __init__(self, spans: Iterable[Span]) -> None:
        days = [local_day(at, vendor_zone()) for span in spans for at in (span.start, span.end)]
        self._hours = list(NormalHours.objects.around(min(days), max(days))) if days else []

    def cover(self, span: Span) -> bool:
        """Whether the time lies wholly inside one window that holds on the day on which it opens."""
        first = local_day(span.start, vendor_zone())
        holding = [one.facts() for one in self._hours if one.opens_on(first) or one.opens_on(first - _DAY)]
        return inside_normal_hours(span, holding, vendor_zone())
