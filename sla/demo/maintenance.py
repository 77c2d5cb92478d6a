"""Maintenance of the last weeks and the next: noticed in time, too late, an emergency, a repair, one in the normal hours (S3, S15)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import NamedTuple

from entitlements.models import Customer
from entitlements.rules.days import at_local_time, local_day
from entitlements.rules.spans import Span
from sla.actions import business_days, maintenance, maintenance_runs
from sla.actions.maintenance_records import Told
from sla.business_days import vendor_zone
from sla.demo.cast import Cast
from sla.demo.scene import Scene, moment
from sla.models import CalendarCheck, MaintenancePeriod, Outage

SATURDAY, SUNDAY = 5, 6
EARLY = time(8, 0)
"""In UTC: about midnight where the vendor is."""


class Planned(NamedTuple):
    """Planned maintenance: so many days ago (below zero: ahead), announced so many hours before, for so many minutes."""

    title: str
    effect: str
    days_ago: int
    hours_before: int
    minutes: int
    firms: tuple[str, ...] | None


PLANNED = (
    Planned("Database upgrade", "Alerts may come some minutes late.", 19, 150, 90, ("northwind", "maple", "alpenbahn")),
    Planned("Message queue moved", "The event API answers slowly.", 9, 5, 60, ("outfitters", "copper", "maple")),
    Planned("Search index rebuilt", "Search is not available; alerts are.", -8, 190, 120, None),
)


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    first = now - timedelta(days=400)
    yield Scene(first, partial(_calendar, cast, first, now))
    yield from _checks(cast, first, now)
    for told in PLANNED:
        yield from _Story(cast, now, told).scenes()
    yield from _in_the_normal_hours(cast, now)
    yield from _at_once(cast, now)


def _calendar(cast: Cast, at: datetime, now: datetime) -> None:
    for year in range(at.year - 1, now.year + 2):
        holidays = {
            date(year, 1, 1): "New Year's Day",
            date(year, 7, 4): "Independence Day",
            date(year, 12, 25): "Christmas Day",
        }
        business_days.record_year(year=year, weekend=[SATURDAY, SUNDAY], holidays=holidays, by=cast.manager, now=at)
    business_days.record_normal_hours(
        weekday=SUNDAY, begins=time(1), ends=time(5), first=at.date(), last=None, by=cast.manager, now=at
    )


def _checks(cast: Cast, first: datetime, now: datetime) -> Iterator[Scene]:
    """S15: each November the calendar of the year ahead is asked for, and checked before December."""
    for year in range(first.year, now.year + 1):
        asked = datetime(year, 11, 3, 18, tzinfo=now.tzinfo)
        checked = asked + timedelta(days=25)
        if first < asked < now:
            yield Scene(asked, partial(business_days.ask_for_checks, now=asked))
        if first < checked < now:
            yield Scene(checked, partial(_check, cast, checked))


def _check(cast: Cast, at: datetime) -> None:
    for one in CalendarCheck.objects.open():
        told = f"The people team's list of {one.year}"
        business_days.check_calendar(check=one, compared_with=told, by=cast.manager, now=at)


class _Story:
    """A planned period, as announced, begun and ended; one that lies ahead is only announced."""

    def __init__(self, cast: Cast, now: datetime, told: Planned) -> None:
        self.cast, self.told = cast, told
        start = datetime.combine(now.date() - timedelta(days=told.days_ago), EARLY, now.tzinfo)
        self.window = Span(start, start + timedelta(minutes=told.minutes))
        self.announced_at = min(start - timedelta(hours=told.hours_before), now)
        self.period: MaintenancePeriod | None = None

    def scenes(self) -> Iterator[Scene]:
        yield Scene(self.announced_at, self._plan)
        if self.told.days_ago > 0:
            yield Scene(self.window.start, self._start)
            yield Scene(self.window.end, self._end)

    def _plan(self) -> None:
        told, firms = self.told, self.told.firms
        customers = tuple(self.cast.contracts[firm].customer for firm in firms) if firms else None
        self.period = maintenance.plan_maintenance(
            told=Told(title=told.title, effect=told.effect, customers=customers),
            window=self.window,
            by=self.cast.manager,
            now=self.announced_at,
        )

    def _start(self) -> None:
        assert self.period is not None
        at = self.window.start
        maintenance_runs.start_maintenance(period=self.period, started_at=at, by=self.cast.manager, now=at)

    def _end(self) -> None:
        assert self.period is not None
        at = self.window.end
        maintenance_runs.end_maintenance(period=self.period, ended_at=at, by=self.cast.manager, now=at)


def _in_the_normal_hours(cast: Cast, now: datetime) -> Iterator[Scene]:
    """On the last Sunday but one, from half past one to three: it needed no notice."""
    today = local_day(now, vendor_zone())
    sunday = today - timedelta(days=(today.weekday() - SUNDAY) % 7 + 7)
    begins, ends = (at_local_time(datetime.combine(sunday, clock), vendor_zone()) for clock in (time(1, 30), time(3)))
    told = Planned("Routers exchanged", "", (now.date() - begins.date()).days, 2, 90, ("lakeside", "sagar"))
    story = _Story(cast, now, told)
    story.window, story.announced_at = Span(begins, ends), begins - timedelta(hours=2)
    yield from story.scenes()


def _at_once(cast: Cast, now: datetime) -> Iterator[Scene]:
    """An emergency some days ago; and a repair of what is down now, which runs and cuts nothing of it."""
    started, repaired = moment(now, 6, time(2, 0)), (now - timedelta(minutes=30)).replace(microsecond=0)
    yield Scene(started + timedelta(hours=1), partial(_emergency, cast, started, started + timedelta(hours=1)))
    yield Scene(repaired, partial(_repair, cast, repaired))


def _emergency(cast: Cast, started: datetime, now: datetime) -> None:
    maintenance_runs.record_maintenance(
        told=Told(title="Failing disk replaced", customers=_customers(cast, "lakeside", "orchid")),
        started_at=started,
        ended_at=started + timedelta(minutes=40),
        emergency_reason="The disk reported errors on every read; it would have been lost within the hour.",
        by=cast.manager,
        now=now,
    )


def _repair(cast: Cast, now: datetime) -> None:
    down = Outage.objects.filter(downtimes__during__upper_inf=True).order_by("-pk").first()
    maintenance_runs.record_maintenance(
        told=Told(title="Alerting workers restarted", customers=_customers(cast, "lakeside", "prairie")),
        started_at=now,
        ended_at=None,
        emergency_reason="Alerting is slow to answer; waiting for a notice would only make it longer.",
        repairs=down,
        by=cast.manager,
        now=now,
    )


def _customers(cast: Cast, *firms: str) -> tuple[Customer, ...]:
    return tuple(cast.contracts[firm].customer for firm in firms)
