"""S2: what log intervals come to, customer by customer: merged where they overlap or touch, and judged piece by piece."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from entitlements.models import Customer
from entitlements.rules.days import local_day
from entitlements.rules.spans import Span
from sla.models import TermsEdition
from sla.rules.outages import AvailabilityOutage, Down, Piece, ShortPiece, pieces
from sla.wording import verdict_on

SHOWN = 5


class Interval(Protocol):
    """An interval of one customer, in UTC; without an end it lasts."""

    @property
    def customer(self) -> Customer: ...
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the same intervals come to for each of these customers. `merged` are the intervals of the logs once those that
    overlap or touch are one."""

    customers: tuple[Customer, ...]
    handed_in: tuple[Down, ...]
    pieces: tuple[AvailabilityOutage | ShortPiece, ...]

    @property
    def merged(self) -> tuple[Span, ...]:
        return self.pieces[0].source.logged if self.pieces else ()

    @property
    def joined(self) -> int:
        """How many of the intervals were joined to another, since they overlap or touch."""
        return len(self.handed_in) - len(self.merged)

    @property
    def gaps(self) -> tuple[timedelta, ...]:
        """What separates one interval from the next: any gap does."""
        return tuple(later.start - earlier.end for earlier, later in pairwise(self.merged))

    @property
    def judged(self) -> list[dict[str, Any]]:
        """Each piece with its verdict in words, and what a short one lacks."""
        return [{"piece": one, "verdict": verdict_on(one), "short_by": _lacks(one)} for one in self.pieces]

    @property
    def named(self) -> str:
        names = [str(one) for one in self.customers[:SHOWN]]
        more = len(self.customers) - len(names)
        return ", ".join(names) + (f" and {more} more" if more else "")


def verdicts_on(intervals: Iterable[Interval], zone: ZoneInfo, now: datetime) -> list[Verdict]:
    """S2: the verdict by the logs alone, before maintenance and findings are cut out; customers with the same logs in one.

    `zone` is the vendor's: the edition in force on the first day of the logs there gives the figures.
    """
    logs: dict[int, list[Down]] = {}
    customers: dict[int, Customer] = {}
    for one in intervals:
        customers[one.customer.pk] = one.customer
        logs.setdefault(one.customer.pk, []).append((one.start, one.end))
    alike: dict[tuple[Down, ...], list[Customer]] = {}
    for key, down in logs.items():
        alike.setdefault(tuple(sorted(down, key=lambda one: one[0])), []).append(customers[key])
    return [_verdict(down, hit, zone, now) for down, hit in alike.items()]


def _verdict(down: tuple[Down, ...], customers: list[Customer], zone: ZoneInfo, now: datetime) -> Verdict:
    terms = TermsEdition.objects.in_force_on(local_day(down[0][0], zone)).facts()
    still_down = any(end is None for _, end in down)
    return Verdict(tuple(customers), down, pieces(down, (), terms, now if still_down else None))


def _lacks(piece: Piece) -> timedelta | None:
    return piece.short_by if isinstance(piece, ShortPiece) else None
