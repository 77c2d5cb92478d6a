"""E15: which of many free times are offered: those of the reader's working day first, spread over the day and over days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby, islice
from zoneinfo import ZoneInfo

DAYS, A_DAY = 3, 3
WORKING = range(8, 18)
PARTS: Mapping[str, range] = {"morning": range(8, 12), "afternoon": range(12, 17), "evening": range(17, 21)}
"""Of the reader's clock, from Monday to Friday; all of them figures of ours."""


def spread(times: Iterable[datetime], zone: ZoneInfo, part: str = "") -> list[datetime]:
    """E15: up to three of each of the first three local days on which there are any, by the clock of `zone`.

    `times` in order. `part`: one of PARTS, and nothing else will do; empty: the working day, else whatever there is.
    """
    times = list(times)
    hours = PARTS.get(part, WORKING)
    fitting = [one for one in times if _suits(one.astimezone(zone), hours)]
    offered = fitting or ([] if part in PARTS else times)
    days = groupby(offered, key=lambda one: one.astimezone(zone).date())
    return [one for _, of_a_day in islice(days, DAYS) for one in _over_the_day(list(of_a_day))]


def one_a_day(times: Iterable[datetime], zone: ZoneInfo) -> Iterator[datetime]:
    """E15: the first of each local day's times that lies in its working day, by the clock of `zone`; `times` in order."""
    fitting = (one for one in times if _suits(one.astimezone(zone), WORKING))
    return (next(of_a_day) for _, of_a_day in groupby(fitting, key=lambda one: one.astimezone(zone).date()))


def _suits(local: datetime, hours: range) -> bool:
    return local.weekday() < 5 and local.hour in hours


def _over_the_day(times: Sequence[datetime]) -> Iterator[datetime]:
    """The first, the last, and what lies between in equal steps."""
    last, count = len(times) - 1, min(A_DAY, len(times))
    return (times[n * last // max(count - 1, 1)] for n in range(count))
