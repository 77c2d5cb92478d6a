from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta


@dataclass(frozen=True)
class Scene:
    """Something that happened at an instant."""

    at: datetime
    play: Callable[[], object]


def moment(now: datetime, days_ago: float, clock: time = time(15, 0)) -> datetime:
    """The clock time (UTC) of a day that lies so many days back, never after `now`."""
    return min(datetime.combine(now.date() - timedelta(days=days_ago), clock, now.tzinfo), now)
