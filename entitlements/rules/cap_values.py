"""What a cap can be (E2), and what a binding agreement puts in its place (E8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final


class NoFigure(Enum):
    """The two caps that are no number. They are opposites, and neither is ever written as an empty cell."""

    NOT_AVAILABLE = "N/A"
    UNLIMITED = "unlimited"

    def __repr__(self) -> str:
        return self.name


NOT_AVAILABLE: Final = NoFigure.NOT_AVAILABLE
UNLIMITED: Final = NoFigure.UNLIMITED

Cap = int | NoFigure
"""A number of engagements a year, NOT_AVAILABLE (E2: not the same as none left), or UNLIMITED (E8: by an override
only).
"""


def within(used: int, cap: Cap) -> bool:
    """E6: may so many stand under the cap? N/A counts as zero there."""
    if cap is UNLIMITED:
        return True
    return used <= (0 if isinstance(cap, NoFigure) else cap)


def left(used: int, cap: Cap) -> Cap:
    """E2: what is left of a cap when so many are used: never below zero; N/A and UNLIMITED stay what they are."""
    if type(cap) is int:
        return cap - used if used < cap else 0
    return cap


def as_figure(cap: Cap) -> int | str:
    """E2: the cap as a working and a page write it: the number, `N/A`, or `unlimited`."""
    return cap.value if isinstance(cap, NoFigure) else cap


@dataclass(frozen=True, slots=True)
class Override:
    """E8: a binding agreement's own cap for an activity or a pool, from `first` to `last` (local dates, both included;
    None: open), with the document and the reason. `on_pool` says that the target is a pool, for a year whose edition
    does not know it; it then changes nothing.
    """

    target: str
    cap: Cap
    first: date | None = None
    last: date | None = None
    reference: str = ""
    reason: str = ""
    on_pool: bool = False

    def __post_init__(self) -> None:
        check_number(self.cap)
        if self.first and self.last and self.last < self.first:
            raise ValueError(f"an override must not end before it begins: {self.first} – {self.last}")

    def in_force_on(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def check_number(cap: Cap) -> None:
    """E2: raises ValueError for a cap that is neither a whole number from zero up nor one of the two that are no number."""
    if not isinstance(cap, NoFigure) and (type(cap) is not int or cap < 0):
        raise ValueError(f"not a cap: {cap!r}")
