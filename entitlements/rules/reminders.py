"""Reminders (T1): the points of each matter before its deadline, and which of them is due.

Instants come in with a zone and go out in UTC; `zone` is the contract's, in which the calendar days are counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from entitlements.rules.days import days_before
from entitlements.rules.working import Step


@dataclass(frozen=True, slots=True)
class Point:
    """A rung of the ladder: so many calendar days (at the same local clock time) or elapsed hours before the deadline,
    or at once on opening.
    """

    name: str
    days: int | None = None
    hours: int | None = None

    def at(self, deadline: datetime, zone: ZoneInfo, opened: datetime) -> datetime:
        """The instant of the point (UTC)."""
        if self.days is not None:
            return days_before(deadline, self.days, zone)
        if self.hours is not None:
            return deadline.astimezone(UTC) - timedelta(hours=self.hours)
        return opened.astimezone(UTC)


_AT_ONCE, _HOURS_4 = Point("at_once"), Point("4h", hours=4)
_DAYS_60, _DAYS_30, _DAYS_7, _DAYS_3, _DAYS_1 = (Point(f"{n}d", days=n) for n in (60, 30, 7, 3, 1))

LADDERS: Mapping[str, tuple[Point, ...]] = {
    "claim": (_DAYS_7, _DAYS_3, _DAYS_1, _HOURS_4),
    "election": (_AT_ONCE, _DAYS_3, _DAYS_1, _HOURS_4),
    "unused": (_DAYS_60, _DAYS_30),
    "session": (_DAYS_1,),
    "information": (_DAYS_3, _DAYS_1, _HOURS_4),
}
"""T1: the points of each matter, earliest first: the claim window, the election, unused sessions, a session; and, a promise of ours,
what a reviewer asked for."""


@dataclass(frozen=True)
class ReminderAnswer:
    """`send` is the point that is due now (None: none is); sending it skips the points of `skipped` for good.

    `next_at` is the next instant after now at which a point can become due; None when none can.
    """

    send: str | None
    skipped: tuple[str, ...]
    next_at: datetime | None
    matter: str
    deadline: datetime
    zone: ZoneInfo
    now: datetime
    opened: datetime
    sent: tuple[str, ...]
    active: bool

    @property
    def missed(self) -> tuple[tuple[str, datetime], ...]:
        """The points, with their instants, that were reached while the matter was open, and for which nothing goes any more:
        a later one is sent instead, or the deadline is here."""
        points = _points(self.matter, self.deadline, self.zone, self.opened)
        return tuple(
            (name, at)
            for at, name in points
            if name not in self.sent and name != self.send and self.opened <= at <= self.now and at < self.deadline
        )

    @property
    def working(self) -> Step:
        """Every point with its instant, and what was made of it."""
        points = _points(self.matter, self.deadline, self.zone, self.opened)
        return Step(
            "reminder due",
            "T1",
            self.send,
            inputs=(
                ("matter", self.matter),
                ("deadline", self.deadline),
                ("zone", self.zone.key),
                ("now", self.now),
                ("opened", self.opened),
                ("sent", self.sent),
                ("active", self.active),
            ),
            steps=(
                *(Step(name, "T1", at, note=self._fate(name, at)) for at, name in points),
                Step("next point", "T1", self.next_at),
            ),
        )

    def _fate(self, name: str, at: datetime) -> str:
        if name in self.sent:
            return "sent"
        if at < self.opened or at >= self.deadline:
            return "never due"
        if at > self.now:
            return "not reached"
        return "due" if name == self.send else "passed"


def due_reminder(
    matter: str,
    deadline: datetime,
    zone: ZoneInfo,
    now: datetime,
    opened: datetime,
    sent: Collection[str],
    active: bool = True,
) -> ReminderAnswer:
    """T1, T3: which reminder of a matter is due at `now`, whether the clock comes on time, twice, or weeks late.

    A point before the matter was opened is never due. Of the points reached only the latest can be, and once it was
    sent none before it; at the deadline none is, nor in a matter that is not `active` any more. `sent` are the names of
    the points already sent. ValueError for an unknown matter, a point in `sent` that the matter does not have, or an
    instant without a zone.
    """
    _check(matter, deadline, now, opened, sent)
    points = _points(matter, deadline, zone, opened)
    behind = max((i for i, (_, name) in enumerate(points) if name in sent), default=-1)
    open_points = [(at, name) for at, name in points[behind + 1 :] if opened <= at < deadline]
    reached = [name for at, name in open_points if at <= now]
    ahead = [at for at, _ in open_points if at > now]
    if not active or now >= deadline:
        reached, ahead = [], []
    return ReminderAnswer(
        send=reached[-1] if reached else None,
        skipped=tuple(reached[:-1]),
        next_at=min(ahead, default=None),
        matter=matter,
        deadline=deadline,
        zone=zone,
        now=now,
        opened=opened,
        sent=tuple(sent),
        active=active,
    )


def _points(matter: str, deadline: datetime, zone: ZoneInfo, opened: datetime) -> list[tuple[datetime, str]]:
    """The points of a matter with their instants, in order of time; at one instant in the order of the ladder."""
    at = [(point.at(deadline, zone, opened), point.name) for point in LADDERS[matter]]
    return sorted(at, key=lambda pair: pair[0])


def _check(matter: str, deadline: datetime, now: datetime, opened: datetime, sent: Collection[str]) -> None:
    if matter not in LADDERS:
        raise ValueError(f"not a matter with reminders: {matter!r}")
    if unknown := set(sent) - {point.name for point in LADDERS[matter]}:
        raise ValueError(f"no such reminder of {matter}: {sorted(unknown)}")
    if any(instant.tzinfo is None for instant in (deadline, now, opened)):
        raise ValueError("a reminder needs instants with a zone")
