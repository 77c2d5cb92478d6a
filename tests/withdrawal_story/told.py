"""What happens to whom: drawn by lot, the same for the same number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

HOUR, DAY, TICK = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
PRICES = {"Digital Operations": Decimal("59.00"), "Business": Decimal("41.00"), "Professional": Decimal("21.00")}


@dataclass(frozen=True)
class Wave:
    """A withdrawal that is released so that the seven days of most of its contracts end about a change of their clocks.

    At midnight the Azores lose an hour in spring, so that a day there begins at one; in autumn their midnight comes twice.
    """

    released: datetime
    zones: tuple[str, ...]
    silence: str


def _utc(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 10, tzinfo=UTC)


AMERICA, EUROPE, OCEANIA = (
    ("America/New_York", "America/Los_Angeles"),
    ("Europe/London", "Atlantic/Azores", "Asia/Kolkata"),
    ("Pacific/Auckland",),
)
WAVES = (
    Wave(_utc(2, 27), AMERICA, "stay"),
    Wave(_utc(3, 20), EUROPE, "shift"),
    Wave(_utc(3, 27), OCEANIA, ""),
    Wave(_utc(9, 18), OCEANIA, "stay"),
    Wave(_utc(10, 16), EUROPE, ""),
    Wave(_utc(10, 23), AMERICA, "shift"),
)
SHORT = (Wave(_utc(10, 16), (*EUROPE, *AMERICA, *OCEANIA), "shift"),)


@dataclass(frozen=True)
class Contact:
    """An address for legal notices: until when after the release its server says *later*, whether it refuses, and how long after an
    acceptance the letter comes back, of which we hear so much later."""

    address: str
    busy: timedelta = timedelta(0)
    refuses: bool = False
    comes_back: timedelta | None = None
    heard: timedelta = timedelta(0)


@dataclass(frozen=True)
class Deed:
    """The customer's last state is to be this, so long before the deadline (negative: after it); in the portal or on paper."""

    before: timedelta
    choice: str
    on_paper: bool = False


HABITS: tuple[tuple[Deed, ...], ...] = (
    (),
    (),
    (Deed(5 * DAY, "stay"),),
    (Deed(TICK, "shift"),),
    (Deed(timedelta(0), "shift"),),
    (Deed(3 * DAY, "shift"), Deed(HOUR, "stay")),
    (Deed(2 * DAY, "shift"), Deed(DAY, "")),
    (Deed(2 * DAY, "stay"), Deed(TICK, "shift"), Deed(-TICK, "stay")),
    (Deed(4 * DAY, "stay"), Deed(2 * TICK, ""), Deed(TICK, "stay")),
    (Deed(6 * HOUR, "shift", on_paper=True),),
)


@dataclass(frozen=True)
class Told:
    """One contract of the story."""

    wave: Wave
    zone: str
    plan: str
    discount: Decimal
    seats: int
    first: date
    last: date
    contacts: tuple[Contact, ...]
    spare: str
    opens: timedelta | None
    own_silence: str
    habits: tuple[Deed, ...]

    @property
    def fee(self) -> Decimal:
        """What it pays per user and month."""
        return (PRICES[self.plan] * (100 - self.discount) / 100).quantize(Decimal("0.000001"))

    @property
    def paid(self) -> tuple[date, date]:
        """The first and the last day of what it paid ahead: a year, which for some ends soon after the release."""
        year = self.wave.released.year
        soon = self.wave.released.date() + 12 * DAY
        return (soon - 364 * DAY, soon) if self.seats % 7 == 0 else (date(year, 1, 1), date(year, 12, 31))

    @property
    def prepaid(self) -> Decimal:
        return (self.fee * self.seats * 12).quantize(Decimal("0.01"))


def contracts(numbers: Iterable[int], waves: tuple[Wave, ...] = WAVES) -> Iterator[Told]:
    """Those with these numbers, spread over the waves and their zones."""
    places = [(wave, zone) for wave in waves for zone in wave.zones]
    for n in numbers:
        yield _contract(n, *places[n % len(places)], Random(n))


def _contract(n: int, wave: Wave, zone: str, lot: Random) -> Told:
    released = wave.released.date()
    return Told(
        wave=wave,
        zone=zone,
        plan=lot.choice(["Digital Operations", "Business", "Business", "Professional"]),
        discount=lot.choice([Decimal(0), Decimal(10), Decimal("12.5"), Decimal("33.333333")]),
        seats=lot.randint(5, 400),
        first=released - 400 * DAY,
        last=released + (lot.randint(8, 11) if n % 11 == 3 else 700) * DAY,
        contacts=tuple(_contact(f"legal{n}-{k}@c{n}.example", lot) for k in range(lot.choice([1, 1, 2]))),
        spare=f"spare{n}@c{n}.example",
        opens=lot.randint(0, 100) * HOUR if lot.random() < 0.2 else None,
        own_silence=lot.choice(["", "", "", "stay", "shift"]),
        habits=lot.choice(HABITS),
    )


def _contact(address: str, lot: Random) -> Contact:
    kind, heard = lot.random(), lot.randint(0, 40) * timedelta(minutes=1)
    if kind < 0.08:
        return Contact(address, refuses=True)
    if kind < 0.3:
        return Contact(address, comes_back=lot.randint(1, 220) * HOUR, heard=heard)
    return Contact(address, busy=lot.choice([0, 0, 0, 20, 60, 90]) * HOUR)


STOPS = (
    (timedelta(hours=-1), timedelta(hours=5), "mail server"),
    (2 * DAY, 2 * DAY + 9 * HOUR, "mail server"),
    (3 * DAY, 4 * DAY, "worker"),
    (7 * DAY + 6 * HOUR, 8 * DAY + 20 * HOUR, "worker"),
)
"""When something stands still after the release of each wave, and what."""


def stopped(what: str, at: datetime, waves: tuple[Wave, ...]) -> bool:
    """Whether the worker, or the mail server, stands still at an instant."""
    return any(
        one == what and wave.released + since <= at < wave.released + until
        for wave in waves
        for since, until, one in STOPS
    )
