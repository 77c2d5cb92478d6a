"""Zones that may be on record, and by which names PostgreSQL is asked for them: some it takes for abbreviations, without summer time."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

SAME_CLOCK = {"CET": "Europe/Brussels", "MET": "Europe/Brussels", "EET": "Europe/Athens", "WET": "Europe/Lisbon"}
"""Of these, another name of the same clock."""


@cache
def zone_names() -> frozenset[str]:
    """The names of the tz database. `localtime` is the zone of whatever machine reads it, and no name to the server."""
    return frozenset(available_timezones() - {"localtime"})


def as_the_server_knows(zone: ZoneInfo) -> ZoneInfo:
    """The zone by a name that means the same to the server."""
    return ZoneInfo(SAME_CLOCK.get(zone.key, zone.key))
