"""What is left of contract years beside the next free times of the engineers, for whoever offers it (E3, E15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby, islice
from operator import attrgetter

from entitlements.access import people_of_each
from entitlements.free_time import times_of
from entitlements.models import Engineer, Role
from entitlements.offer_letters import OfferedLine
from entitlements.rules.free_slots import free_slots
from entitlements.rules.offered_times import one_a_day
from entitlements.rules.spans import Span
from entitlements.standings import Standing

SHOWN, LOOKED_AHEAD = 3, timedelta(days=21)
"""Figures of ours."""


def offered_lines(
    standings: Iterable[Standing], names: Mapping[str, str], now: datetime
) -> dict[int, tuple[OfferedLine, ...]]:
    """By contract year: each line of which a number is left, with the next times at which an engineer is free for it.

    Free times begin a day from now (UTC), within three weeks and the contract year. A constant number of queries.
    """
    soonest = now + timedelta(days=1)
    within = Span(soonest, soonest + LOOKED_AHEAD)
    engineers = times_of(Engineer.objects.taking(), within)

    @cache
    def free(activity: str, length: timedelta) -> tuple[datetime, ...]:
        return tuple(slot.span.start for slot in free_slots(engineers, activity=activity, length=length, within=within))

    def times(one: Standing, activity: str) -> tuple[datetime, ...]:
        before_the_end = (time for time in free(activity, _length(one, activity)) if time < one.year.ends_at)
        return tuple(islice(one_a_day(before_the_end, one.contract.tz), SHOWN))

    return {
        one.year.pk: tuple(
            OfferedLine(names[line.target], int(str(line.left)), times(one, line.activities[0])) for line in one.left
        )
        for one in standings
    }


def who_may_book(standings: Iterable[Standing]) -> dict[int, list[str]]:
    """By customer (key): the addresses that an offer would go to, none for a customer of whom nobody may book. One query."""
    found: dict[int, list[str]] = {one.contract.customer_id: [] for one in standings}
    for customer, _, address, among in people_of_each(found, Role.OWNER, Role.BOOKINGS):
        if among:
            found[customer].append(address)
    return found


def by_times(lines: Iterable[OfferedLine]) -> list[tuple[list[OfferedLine], tuple[datetime, ...]]]:
    """The lines in groups that have the same free times, for a page that says them once."""
    return [(list(group), times) for times, group in groupby(lines, key=attrgetter("times"))]


def _length(standing: Standing, activity: str) -> timedelta:
    """E10: of the first session."""
    return timedelta(minutes=standing.edition.sessions[activity][0])
