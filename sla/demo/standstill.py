"""An evening on which the pages did not answer, as a window ended: on record, and waiting for a manager (T4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from entitlements.actions.standstills import note_pages
from entitlements.rules.days import deadline_within, local_day
from sla.demo.cast import Cast
from sla.demo.claims import OUTAGES
from sla.demo.scene import Scene
from sla.ended_windows import ended_meanwhile

FIRM, OUTAGE = "kiwi", "delivery"
DAYS = 15
SILENT = ((timedelta(minutes=-95), False), (timedelta(minutes=25), True))


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    told = next(one for one in OUTAGES if one.key == OUTAGE)
    zone = cast.contracts[FIRM].tz
    end = deadline_within(DAYS, local_day(told.start(now) + timedelta(minutes=30), zone), zone)
    for after, answered in SILENT:
        at = end + after
        yield Scene(at, partial(note_pages, answered=answered, windows=ended_meanwhile, now=at))
