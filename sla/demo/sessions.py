"""What was asked for, scheduled and held: one line an engagement. What did not go as planned is told in `moves.py`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import NamedTuple

from entitlements.actions import engagements as book
from entitlements.actions.refused import Refused
from entitlements.free_time import FreeTime, free_times
from entitlements.models import Activity, Engagement, PolicyEdition
from entitlements.rules.days import first_instant
from entitlements.rules.spans import Span
from sla.demo import moves
from sla.demo.cast import Cast
from sla.demo.scene import Scene, moment


class ToldSession(NamedTuple):
    """An engagement: asked for and wished for so many days ago (negative: ahead), and how it stands today."""

    firm: str
    activity: str
    asked: int
    held: int
    end: str


MEET_AT = "https://meet.vendor.example/customer-success"
"""Where people meet."""

SESSIONS = (
    ToldSession("northwind", "integration", 60, 50, "delivered"),
    ToldSession("northwind", "integration", 41, 33, "delivered"),
    ToldSession("northwind", "alert_strategies", 48, 39, "delivered"),
    ToldSession("northwind", "maturity", 30, 21, "delivered"),
    ToldSession("northwind", "incident_lifecycle", 9, -2, "scheduled"),
    ToldSession("northwind", "product_feature", 3, -9, "requested"),
    ToldSession("maple", "integration", 120, 112, "delivered"),
    ToldSession("maple", "roadmap", 75, 66, "delivered"),
    ToldSession("maple", "incident_lifecycle", 40, 31, "delivered"),
    ToldSession("maple", "automation_ideation", 10, -1, "scheduled"),
    ToldSession("maple", "integration", 2, -12, "requested"),
    ToldSession("alpenbahn", "integration", 210, 200, "delivered"),
    ToldSession("alpenbahn", "integration", 150, 141, "delivered"),
    ToldSession("alpenbahn", "product_feature", 30, 20, "cancelled"),
    ToldSession("alpenbahn", "alert_strategies", 6, -5, "requested"),
    ToldSession("sagar", "maturity", 50, 42, "delivered"),
    ToldSession("sagar", "integration", 12, -3, "scheduled"),
    ToldSession("sagar", "product_feature", 5, -20, "declined"),
    ToldSession("kiwi", "integration", 200, 190, "delivered"),
    ToldSession("kiwi", "integration", 160, 151, "delivered"),
    ToldSession("kiwi", "integration", 100, 90, "delivered"),
    ToldSession("kiwi", "integration", 40, 30, "delivered"),
    ToldSession("kiwi", "maturity", 1, -15, "requested"),
    ToldSession("outfitters", "roadmap", 80, 70, "delivered"),
    ToldSession("outfitters", "product_feature", 14, -4, "scheduled"),
    ToldSession("lakeside", "integration", 250, 240, "delivered"),
    ToldSession("orchid", "integration", 220, 210, "delivered"),
    ToldSession("orchid", "maturity", 30, 19, "delivered"),
    ToldSession("thames", "integration", 20, 11, "delivered"),
    ToldSession("thames", "maturity", 4, -6, "requested"),
    ToldSession("copper", "integration", 100, 92, "delivered"),
    ToldSession("copper", "integration", 60, 51, "delivered"),
    ToldSession("harbour", "product_feature", 30, 22, "delivered"),
    ToldSession("prairie", "integration", 15, 8, "withdrawn"),
    ToldSession("northwind", "maturity", 190, 180, "delivered"),
)


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    for n, told in enumerate(SESSIONS):
        yield from _Story(cast, now, n, told).scenes()
    yield from moves.scenes(cast, now)


@dataclass
class _Story:
    cast: Cast
    now: datetime
    n: int
    told: ToldSession
    engagement: Engagement | None = None

    @property
    def day(self) -> date:
        return self.now.date() - timedelta(days=self.told.held)

    def scenes(self) -> Iterator[Scene]:
        asked = moment(self.now, self.told.asked, time(9 + self.n % 8))
        yield Scene(asked, partial(self.request, asked))
        ends = {
            "delivered": (moment(self.now, self.told.held, time(23)), self.hold),
            "cancelled": (moment(self.now, self.told.held + 1), self.cancel),
            "declined": (asked + timedelta(hours=6), self.decline),
            "withdrawn": (asked + timedelta(days=2), self.withdraw),
        }
        if self.told.end in ("scheduled", "delivered", "cancelled"):
            at = asked + timedelta(hours=20)
            yield Scene(at, partial(self.schedule, at))
        if self.told.end in ends:
            at, act = ends[self.told.end]
            yield Scene(at, partial(act, at))

    def request(self, at: datetime) -> None:
        self.engagement = book.request_engagement(
            contract=self.cast.contracts[self.told.firm],
            activity=Activity.objects.get(pk=self.told.activity),
            wished_day=self.day,
            topic="Agreed at the last review.",
            advice_wording=PolicyEdition.objects.published().latest("valid_from").advice_wording,
            by=self.cast.owners[self.told.firm],
            now=at,
        )

    def schedule(self, at: datetime) -> None:
        """Book the free time that is nearest to mid-morning in the customer's zone; a follow-up two hours later."""
        parts = 2 if self.told.activity == "incident_lifecycle" else 1
        for free in self._free():
            engineer = free.engineers[self.n % len(free.engineers)]
            planned = [
                book.PlannedSession(free.start + timedelta(hours=2 * part), engineer, MEET_AT) for part in range(parts)
            ]
            with suppress(Refused):
                book.schedule_engagement(engagement=self.it, sessions=planned, by=self.cast.manager, now=at)
                return
        raise RuntimeError(f"no free hour on {self.day} for {self.told}")

    def _free(self) -> Iterator[FreeTime]:
        """The free times of the day, then of the days around a weekend: before it in the past, after it ahead."""
        zone = self.it.contract.tz
        for n in range(4):
            day = self.day + timedelta(days=n if self.told.held < 0 else -n)
            within = Span(first_instant(day, zone), first_instant(day + timedelta(days=1), zone))
            midmorning = datetime.combine(day, time(10), zone)
            found = free_times(self.told.activity, length=timedelta(hours=1), within=within)
            civil = [free for free in found if 7 <= free.start.astimezone(zone).hour < 20]
            yield from sorted(civil, key=lambda free: abs(free.start - midmorning))

    def hold(self, at: datetime) -> None:
        for session in self.it.sessions.order_by("part"):
            book.hold_session(session=session, by=self.cast.manager, now=max(at, session.during.upper))

    def decline(self, at: datetime) -> None:
        reason = "Please name the product that it is about."
        book.decline_engagement(engagement=self.it, reason=reason, by=self.cast.manager, now=at)

    def cancel(self, at: datetime) -> None:
        book.cancel_engagement(
            engagement=self.it, side="vendor", reason="The CSE fell ill.", by=self.cast.manager, now=at
        )

    def withdraw(self, at: datetime) -> None:
        book.withdraw_engagement(engagement=self.it, by=self.cast.owners[self.told.firm], now=at)

    @property
    def it(self) -> Engagement:
        assert self.engagement is not None
        return self.engagement
