"""Short words for the tests of the rules: days, contracts and engagements, with defaults that no test depends on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from zoneinfo import ZoneInfo

from entitlements.rules.caps import ContractFacts, EngagementFacts
from tests.worked_examples.paper import PAPER

NEW_YORK = ZoneInfo("America/New_York")
HAVANA = ZoneInfo("America/Havana")
EDITIONS = (PAPER,)

_numbers = count(1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def contract(
    *levels: tuple[str, str] | str, start="2026-01-01", last="2026-12-31", status="active", overrides=(), zone=NEW_YORK
) -> ContractFacts:
    """A contract for the year 2026, at `levels`: a level from the start on, or (first day, level) pairs."""
    periods = [(start, one) if isinstance(one, str) else one for one in levels or ("gold",)]
    return ContractFacts(
        start=day(start),
        last=day(last),
        zone=zone,
        levels=tuple((day(first), level) for first, level in periods),
        status=status,
        overrides=tuple(overrides),
    )


def booked(activity: str, on: str, state="scheduled", id=None, **facts) -> EngagementFacts:
    return EngagementFacts(id or f"{activity[:3]}-{next(_numbers)}", activity, day(on), state, **facts)


def wish(activity: str, on: str, **facts) -> EngagementFacts:
    return booked(activity, on, **({"state": "requested", "id": "new"} | facts))
