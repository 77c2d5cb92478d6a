"""By which names PostgreSQL is asked for zones: some it takes for abbreviations, without summer time."""

from __future__ import annotations

from zoneinfo import ZoneInfo

SAME_CLOCK = {"CET": "Europe/Brussels", "MET": "Europe/Brussels", "EET": "Europe/Athens", "WET": "Europe/Lisbon"}
"""Of these, another name of the same clock."""


def as_the_server_knows(zone: ZoneInfo) -> ZoneInfo:
    """The zone by a name that means the same to the server."""
    return ZoneInfo(SAME_CLOCK.get(zone.key, zone.key))
