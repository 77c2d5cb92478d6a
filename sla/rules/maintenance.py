"""S3: which maintenance cuts an outage, and how far the month's allowance goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from entitlements.rules.days import add_months, first_of_month
from entitlements.rules.spans import Span, intersection, total, union
from entitlements.rules.working import Step
from sla.rules.terms import EnterpriseTerms


class Ground(StrEnum):
    """S3 (a): on what a maintenance period is excused."""

    NOTICED = "noticed"
    NORMAL_HOURS = "normal_hours"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """A maintenance period as it concerns one customer.

    `ran` is what really happened (UTC). `ground` is what was found under S15 and S3: properly noticed to that customer,
    wholly inside a window of the normal hours, or an emergency; None if none of them. `announced` is the window of a
    properly noticed one. `reason` and `reason_recorded` belong to an emergency. `repairs_outage`: it was begun because
    the service was already down.
    """

    key: str
    ran: Span
    ground: Ground | None
    announced: Span | None = None
    reason: str = ""
    reason_recorded: datetime | None = None
    repairs_outage: bool = False

    def __post_init__(self) -> None:
        if self.ground is Ground.NOTICED and self.announced is None:
            raise ValueError(f"{self.key}: a noticed maintenance needs the window that was announced")

    @property
    def working(self) -> Step:
        return Step(
            "maintenance period",
            "S3",
            self.ran,
            inputs=(
                ("key", self.key),
                ("ground", self.ground and self.ground.value),
                ("announced", self.announced),
                ("reason", self.reason),
                ("reason_recorded", self.reason_recorded),
                ("repairs_outage", self.repairs_outage),
            ),
        )


def excused_part(period: Maintenance, terms: EnterpriseTerms) -> Span | None:
    """S3 (a): the part of a period that is excused, before the allowance is looked at; None if no part is.

    Noticed: only inside the announced window. Emergency: all of it, if its reason stands on record within the edition's
    hours of its start (exactly then is within). **Reading** in the vendor's favour: the recorded reason shows
    that notice was not practicable; `outages.emergency_reading` shows what would hold otherwise.
    """
    match period.ground:
        case Ground.NOTICED:
            return period.announced and period.ran & period.announced
        case Ground.NORMAL_HOURS:
            return period.ran
        case Ground.EMERGENCY:
            return period.ran if _reason_in_time(period, terms) else None
    return None


def reason_recorded_by(start: datetime, terms: EnterpriseTerms) -> datetime:
    """S3: the last instant (UTC) at which the reason of an emergency that began at `start` is recorded in time."""
    return start + terms.emergency_reason_time


def _reason_in_time(period: Maintenance, terms: EnterpriseTerms) -> bool:
    if not period.reason.strip() or period.reason_recorded is None:
        return False
    return period.reason_recorded <= reason_recorded_by(period.ran.start, terms)


@dataclass(frozen=True, slots=True)
class MonthOfMaintenance:
    """S3 (b): one calendar month (UTC): the time under maintenance, what of it is within the allowance, and what is left."""

    month: date
    ran: tuple[Span, ...]
    within: tuple[Span, ...]
    left: timedelta

    @property
    def used_up_at(self) -> datetime | None:
        """The instant at which the allowance was full; None while something is left of it."""
        return self.within[-1].end if self.within and not self.left else None

    @property
    def working(self) -> Step:
        return Step(
            "allowance of the month",
            "S3",
            self.within,
            inputs=(("month", self.month), ("ran", self.ran), ("left", self.left), ("used_up_at", self.used_up_at)),
        )


@dataclass(frozen=True, slots=True)
class MaintenanceAccount:
    """S3: all maintenance periods of one customer with the months that they used."""

    periods: tuple[Maintenance, ...]
    months: tuple[MonthOfMaintenance, ...]
    terms: EnterpriseTerms

    def cutting(self, periods: Iterable[Maintenance] | None = None) -> tuple[Span, ...]:
        """What cuts: excused by one of `periods`, and within the allowance that all used. Split at the month's midnight.

        Without `periods`: those that were not begun to repair an outage. Which outage such a one repairs is known
        only beside the logs (`outages.cuts_of`); on its own, doubt goes to the customer and it cuts nothing.
        """
        if periods is None:
            periods = [period for period in self.periods if not period.repairs_outage]
        excused = union(part for period in periods if (part := excused_part(period, self.terms)))
        return tuple(part for month in self.months for part in intersection(excused, month.within))

    def left(self, month: date) -> timedelta:
        """What is left of the allowance of the calendar month (UTC) in which the day `month` lies, never below zero."""
        first = first_of_month(month)
        return next((one.left for one in self.months if one.month == first), self.terms.maintenance_allowance)

    @property
    def working(self) -> Step:
        return Step(
            "maintenance",
            "S3",
            self.cutting(),
            inputs=(
                ("allowance_minutes", self.terms.maintenance_minutes_a_month),
                ("emergency_reason_hours", self.terms.emergency_reason_hours),
            ),
            steps=(*(period.working for period in self.periods), *(month.working for month in self.months)),
        )


def maintenance_account(periods: Iterable[Maintenance], terms: EnterpriseTerms) -> MaintenanceAccount:
    """S3: the allowance of each UTC month, used up in order of time by the minutes that really ran, excused or not.

    A minute under several periods uses the allowance once; midnight of the month's end splits a period.
    """
    kept = tuple(sorted(periods, key=lambda period: (period.ran, period.key)))
    by_month = _split_by_month(union(period.ran for period in kept))
    months = tuple(_month_of(month, tuple(ran), terms) for month, ran in by_month.items())
    return MaintenanceAccount(kept, months, terms)


def beside(periods: Iterable[Maintenance], others: Iterable[Span]) -> tuple[Maintenance, ...]:
    """S3: the periods as they concern one outage, beside the time of `others`: what was begun in one of those, to repair that, is no
    repair of this one."""
    elsewhere = tuple(others)
    return tuple(
        replace(one, repairs_outage=False) if any(other.contains(one.ran.start) for other in elsewhere) else one
        for one in periods
    )


def first_of(spans: Iterable[Span], length: timedelta) -> tuple[Span, ...]:
    """S3: the first part of the union of `spans`, in order of time, that is `length` long in all (all of it if it is shorter)."""
    taken: list[Span] = []
    for span in union(spans):
        if length <= timedelta():
            break
        taken.append(Span(span.start, min(span.end, span.start + length)))
        length -= taken[-1].length
    return tuple(taken)


def _month_of(month: date, ran: tuple[Span, ...], terms: EnterpriseTerms) -> MonthOfMaintenance:
    left = max(terms.maintenance_allowance - total(ran), timedelta())
    return MonthOfMaintenance(month, ran, first_of(ran, terms.maintenance_allowance), left)


def _split_by_month(spans: Iterable[Span]) -> dict[date, list[Span]]:
    months: dict[date, list[Span]] = {}
    for span in spans:
        start = span.start
        while start < span.end:
            month = first_of_month(start.astimezone(UTC).date())
            end = min(span.end, datetime.combine(add_months(month, 1), time(), UTC))
            months.setdefault(month, []).append(Span(start, end))
            start = end
    return months
