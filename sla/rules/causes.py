"""S12: one credit for all failures of a customer that have a single cause."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from entitlements.rules.working import Step


@dataclass(frozen=True, slots=True)
class Cause:
    """S12: a cause of failures; `fixed` is the instant (UTC) from which its fix is on record, None while it is open."""

    key: str
    fixed: datetime | None = None

    def is_closed_at(self, moment: datetime) -> bool:
        """A cause is closed from the instant of its recorded fix."""
        return self.fixed is not None and self.fixed <= moment

    def takes_in(self, began: datetime) -> bool:
        """Whether a failure that began then can have this cause. One that begins after the fix is a recurrence: a new cause;
        one that began before it and only became a failure later still has the old one."""
        return not self.is_closed_at(began)


class CauseState(StrEnum):
    """S12: how a cause stands. From its fix on it takes in nothing that begins later, whether it is fixed or closed."""

    OPEN = "open"
    FIXED = "fixed"
    CLOSED = "closed"


def state_of(cause: Cause, *, all_over: bool) -> CauseState:
    """S12: open until its fix is on record; then fixed, and closed once `all_over`: every outage that it made is over."""
    if cause.fixed is None:
        return CauseState.OPEN
    return CauseState.CLOSED if all_over else CauseState.FIXED


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseCredit:
    """S12: a credit given for a cause of one customer, its amount in `currency`. One that was undone by an opposite entry keeps its
    place; only one set off by a merge is `void`."""

    key: str
    cause: str
    amount: Decimal
    currency: str = ""
    granted: datetime
    void: bool = False

    @property
    def working(self) -> Step:
        figures = (("key", self.key), ("cause", self.cause), ("granted", self.granted), ("void", self.void))
        return Step("credit for a cause", "S12", self.amount, inputs=figures)


@dataclass(frozen=True, slots=True)
class Merge:
    """S12: what merging causes would do to the credits given for them."""

    kept: CauseCredit | None
    voided: tuple[CauseCredit, ...]

    @property
    def covers(self) -> bool:
        """Whether the one that is kept covers what is to be decided: one of which nothing stands covers nothing, and keeps its place."""
        return self.kept is not None and self.kept.amount > 0

    @property
    def voided_amount(self) -> Decimal:
        """What would be set off."""
        return sum((one.amount for one in self.voided), Decimal())

    @property
    def working(self) -> Step:
        return Step(
            "merge of causes",
            "S12",
            self.kept.key if self.kept else None,
            inputs=(("voided", tuple(one.key for one in self.voided)), ("voided_amount", self.voided_amount)),
            steps=tuple(one.working for one in ((self.kept,) if self.kept else ()) + self.voided),
        )


def merge(causes: Collection[str], credits: Iterable[CauseCredit]) -> Merge:
    """S12: which credit would be kept and which void if these causes turned out to be one.

    The register does not say which is kept; the largest is (doubt goes to the customer), the earliest of equals.
    """
    standing = [one for one in credits if one.cause in causes and not one.void]
    ranked = sorted(standing, key=lambda one: (-one.amount, one.granted, one.key))
    return Merge(ranked[0] if ranked else None, tuple(ranked[1:]))
