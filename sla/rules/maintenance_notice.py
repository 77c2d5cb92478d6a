"""S15: the notice of planned maintenance, and the normal hours that need none."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from entitlements.rules.days import at_local_time, local_day
from entitlements.rules.spans import Span, cut, span_or_none, total
from entitlements.rules.working import Step
from sla.rules.maintenance import Ground, Maintenance, maintenance_account
from sla.rules.terms import EnterpriseTerms

SATURDAY_AND_SUNDAY = frozenset({5, 6})
_DAYS_OF_THE_WEEK = frozenset(range(7))
_DAY = timedelta(days=1)

Window = tuple[int, timedelta, timedelta]
"""Weekday (0 = Monday), and local clock time of its beginning and end, counted from midnight. An end that is not after the
beginning lies on the next day."""


@dataclass(frozen=True, slots=True)
class NoticeDeadline:
    """S15: the last instant (UTC) at which the customer's mail server may accept the notice, and how it was found."""

    deadline: datetime
    start: datetime
    zone: str
    business_days: int
    skipped: tuple[date, ...]

    def is_in_time(self, accepted: datetime | None) -> bool:
        """Accepted at the deadline is in time; not accepted is not."""
        return notice_in_time(accepted, self.deadline)

    @property
    def working(self) -> Step:
        return Step(
            "notice of maintenance",
            "S15",
            self.deadline,
            inputs=(
                ("start", self.start),
                ("zone", self.zone),
                ("business_days", self.business_days),
                ("skipped", self.skipped),
            ),
        )


def notice_deadline(
    start: datetime, zone: ZoneInfo, holidays: Collection[date], weekend: Collection[int], terms: EnterpriseTerms
) -> NoticeDeadline:
    """S15: the same local time on the last business day before the day of `start`, in the vendor's zone.

    `holidays` are the vendor's, `weekend` its weekdays without business (0 = Monday). A clock time that the
    business day lacks moves forward by the gap; one that it has twice is the first. Raises ValueError if no weekday is left.
    """
    if set(weekend) >= _DAYS_OF_THE_WEEK:
        raise ValueError("a week without a business day has no deadline for notices")
    local = start.astimezone(zone).replace(tzinfo=None)
    day, skipped = local.date(), []
    for _ in range(terms.notice_business_days):
        day -= _DAY
        while day.weekday() in weekend or day in holidays:
            skipped.append(day)
            day -= _DAY
    deadline = at_local_time(datetime.combine(day, local.time()), zone)
    return NoticeDeadline(deadline, start, zone.key, terms.notice_business_days, tuple(skipped))


def notice_in_time(accepted: datetime | None, deadline: datetime) -> bool:
    """S15: the acceptance by the customer's mail server (UTC) counts; exactly at the deadline is in time, never accepted is not."""
    return accepted is not None and accepted <= deadline


def inside_normal_hours(ran: Span, windows: Iterable[Window], zone: ZoneInfo) -> bool:
    """S3, S15: whether a period lies wholly inside *one* window of the normal hours, in the vendor's zone.

    Two windows that touch are still two. Without windows on record nothing is inside.
    """
    first = local_day(ran.start, zone)
    days = (first - _DAY, first)
    return any(
        opened is not None and opened.covers(ran)
        for window in windows
        for day in days
        if day.weekday() == window[0] and (opened := _opened(window, day, zone)) is not None
    )


def _opened(window: Window, day: date, zone: ZoneInfo) -> Span | None:
    _, begins, ends = window
    midnight = datetime.combine(day, time())
    ends += _DAY if ends <= begins else timedelta()
    return span_or_none(at_local_time(midnight + begins, zone), at_local_time(midnight + ends, zone))


def needs_new_notice(announced: Span, planned: Span) -> bool:
    """S15: moved or lengthened beyond the announced window needs a new notice; shortened inside it needs none."""
    return not announced.covers(planned)


def ground_of(*, in_normal_hours: bool, noticed_in_time: bool, emergency: bool) -> Ground | None:
    """S3 (a): the ground that excuses most: normal hours excuse all of a period and need no notice; a notice that was
    given in time shows that it was practicable, so it comes before an emergency."""
    if in_normal_hours:
        return Ground.NORMAL_HOURS
    if noticed_in_time:
        return Ground.NOTICED
    return Ground.EMERGENCY if emergency else None


@dataclass(frozen=True, slots=True)
class CostOfNoNotice:
    """S15: what a planned period loses if its notice comes too late: time that then does not cut, allowance used all the same."""

    planned: Span
    no_longer_cut: tuple[Span, ...]
    allowance_used: timedelta

    @property
    def minutes_lost(self) -> timedelta:
        return total(self.no_longer_cut)

    @property
    def working(self) -> Step:
        return Step(
            "cost of a late notice",
            "S15",
            self.minutes_lost,
            inputs=(
                ("planned", self.planned),
                ("no_longer_cut", self.no_longer_cut),
                ("allowance_used", self.allowance_used),
            ),
        )


def cost_of_no_notice(planned: Span, others: Iterable[Maintenance], terms: EnterpriseTerms) -> CostOfNoNotice:
    """S15, S3: what it costs to run `planned` without notice in time, beside the `others` on record."""
    known = tuple(others)
    noticed = Maintenance(key="planned", ran=planned, ground=Ground.NOTICED, announced=planned)
    unnoticed = Maintenance(key="planned", ran=planned, ground=None)
    with_notice = maintenance_account((*known, noticed), terms)
    without = maintenance_account((*known, unnoticed), terms)
    used = total(within for month in without.months for within in month.within)
    before = total(within for month in maintenance_account(known, terms).months for within in month.within)
    return CostOfNoNotice(planned, cut(with_notice.cutting(), without.cutting()), used - before)
