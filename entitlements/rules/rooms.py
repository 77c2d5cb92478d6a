"""When a booking is plainly allowed: while so few are counted in the year that it does not matter on which days (E6).

The prefix rule looks at every later engagement on its own day. Where the whole year's count stays within the least cap from the
booking's day on, the rule's answer is yes whatever the days; then one figure, taken under the lock, is all that is left to ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from entitlements.rules.cap_values import NOT_AVAILABLE, UNLIMITED, Cap
from entitlements.rules.contracts import ContractFacts
from entitlements.rules.editions import PolicyEdition, edition_for
from entitlements.rules.engagements import EngagementFacts

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Room:
    """One more is allowed while fewer than `places` of `activities` are counted in its year; None: without limit.

    That none is left here does not mean a refusal: the prefix rule may still allow it.
    """

    activities: tuple[str, ...]
    places: int | None

    def is_left(self, counted: Iterable[EngagementFacts]) -> bool:
        """Of what is counted in the year: fewer than the places?"""
        return self.places is None or sum(one.activity in self.activities for one in counted) < self.places


def room_for(candidate: EngagementFacts, contract: ContractFacts, editions: Sequence[PolicyEdition]) -> Room:
    """E6, E7: the room for a candidate on its day, which lies in the term of an active contract."""
    year = contract.year_of(candidate.day)
    assert year, "a room is in a contract year"
    if candidate.ps_reference:
        return Room((), None)
    edition = edition_for(editions, year.first)
    days = [candidate.day, *(day for day in _turns(contract) if candidate.day < day <= year.last)]
    lines = [
        line for day in days for line in contract.table_on(day, edition).lines if candidate.activity in line.activities
    ]
    together = {activity for line in lines for activity in line.activities}
    limits = [_limit(line.cap) for line in lines if line.cap is not UNLIMITED]
    unlisted = any(candidate.activity not in contract.table_on(day, edition).place for day in days)
    return Room(tuple(sorted(together)), 0 if unlisted else min(limits, default=None))


def _limit(cap: Cap) -> int:
    return 0 if cap is NOT_AVAILABLE or not isinstance(cap, int) else cap


def _turns(contract: ContractFacts) -> set[date]:
    """The days on which a cap can change."""
    turns = {first for first, _ in contract.levels}
    turns.update(override.first for override in contract.overrides if override.first)
    turns.update(override.last + _DAY for override in contract.overrides if override.last)
    return turns
