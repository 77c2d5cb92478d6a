"""S7: the exclusion of a failed alert by the customer's own alert volume."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from entitlements.rules.days import months_before
from entitlements.rules.money import exact
from entitlements.rules.working import Step
from sla.rules.terms import EnterpriseTerms

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter hour of the UTC clock: the triggers received in it that led to a notification, and the incidents in it."""

    start: datetime
    volume: int
    incidents: int


@dataclass(frozen=True, slots=True)
class VolumeExclusion:
    """S7: the own quarter's volume beside the median of the quarters that count, which start in [`since`, `until`).

    `counted` is their volumes, each with the number of quarters that had it.
    """

    received: datetime
    since: datetime
    until: datetime
    volume: int
    incidents: int
    counted: tuple[tuple[int, int], ...]
    multiple: Fraction

    @property
    def periods(self) -> int:
        """How many quarters the median is taken over."""
        return sum(quarters for _, quarters in self.counted)

    @property
    def median(self) -> Fraction | None:
        """Of an even count the mean of the two middle ones, exact; None if no quarter counts."""
        if not self.periods:
            return None
        low, high = self._volume_at((self.periods - 1) // 2), self._volume_at(self.periods // 2)
        return Fraction(low + high, 2)

    @property
    def limit(self) -> Fraction | None:
        """The volume above which the failure is excluded."""
        return None if self.median is None else self.multiple * self.median

    @property
    def excluded(self) -> bool:
        """S7: "exceeds 1000 % over the median" could mean more than ten times it. **Reading:** more than the median
        *and* 1000 %, eleven times, which excludes less and favours the customer; exactly eleven times is not excluded."""
        return self.incidents > 0 and self.limit is not None and self.volume > self.limit

    def _volume_at(self, place: int) -> int:
        """The volume at a place (from 0) of the quarters in order of volume."""
        for volume, quarters in self.counted:
            if place < quarters:
                return volume
            place -= quarters
        raise IndexError(place)

    @property
    def working(self) -> Step:
        return Step(
            "volume of the quarter hour",
            "S7",
            self.excluded,
            inputs=(
                ("received", self.received),
                ("since", self.since),
                ("until", self.until),
                ("volume", self.volume),
                ("incidents", self.incidents),
                ("counted", self.counted),
                ("periods", self.periods),
                ("median", self.median),
                ("multiple", self.multiple),
                ("limit", self.limit),
            ),
        )


def volume_exclusion(
    received: datetime, quarters: Iterable[Quarter], zone: ZoneInfo, terms: EnterpriseTerms
) -> VolumeExclusion:
    """S7: whether the volume of the quarter hour in which a failed alert was `received` excludes the failure.

    `quarters` are those on record, in any order; outside the window, or without an incident, they do not count. The window
    begins at the same local clock time of the contract's `zone` six months before the receipt and ends where the own
    quarter starts. Raises ValueError for a quarter that is off the UTC clock or given twice.
    """
    known = _by_start(quarters, terms.quarter)
    until = quarter_start(received, terms.quarter)
    since = months_before(received, terms.volume_months, zone)
    own = known.get(until, Quarter(until, 0, 0))
    counted = Counter(one.volume for one in known.values() if one.incidents > 0 and since <= one.start < until)
    return VolumeExclusion(
        received, since, until, own.volume, own.incidents, tuple(sorted(counted.items())), exact(terms.volume_multiple)
    )


def quarters_of(
    alerts: Iterable[datetime], incidents: Iterable[datetime], terms: EnterpriseTerms
) -> tuple[Quarter, ...]:
    """S7: the quarter hours from raw instants (UTC): triggers that led to at least one notification, and incidents."""
    volume = Counter(quarter_start(at, terms.quarter) for at in alerts)
    begun = Counter(quarter_start(at, terms.quarter) for at in incidents)
    return tuple(Quarter(start, volume[start], begun[start]) for start in sorted(volume.keys() | begun.keys()))


def quarter_start(instant: datetime, quarter: timedelta) -> datetime:
    """S7: the start of the quarter hour of the UTC clock in which an instant lies."""
    return instant.astimezone(UTC) - (instant - _EPOCH) % quarter


def _by_start(quarters: Iterable[Quarter], quarter: timedelta) -> dict[datetime, Quarter]:
    known: dict[datetime, Quarter] = {}
    for one in quarters:
        if one.start in known:
            raise ValueError(f"the quarter hour {one.start} is given twice")
        if (one.start - _EPOCH) % quarter:
            raise ValueError(f"no quarter hour of the UTC clock starts at {one.start}")
        known[one.start] = one
    return known
