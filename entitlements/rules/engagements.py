"""An engagement as the rules read it, and whether it holds a place (E5, E7, E10, E14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from entitlements.rules.days import local_day

STATES = ("requested", "scheduled", "delivered", "declined", "cancelled", "withdrawn", "no_show", "lapsed")
_ENDED = {
    "cancelled": "it was cancelled before its first session was held",
    "withdrawn": "it was taken back before it was scheduled",
    "lapsed": "its contract year ended before it was scheduled",
}
HELD = frozenset({"requested", "scheduled"})
STANDING = HELD | {"delivered"}


@dataclass(frozen=True, slots=True)
class EngagementFacts:
    """What the rules need to know of an engagement. `day` is a local date in the contract's zone (see
    `day_of_engagement`).

    `no_show` is the customer's; `cancelled_by` is `customer`, `vendor` or None; `given_back` means that a manager gave
    the place back with a reason although a session was held. A `ps_reference` makes it Professional Services (E7).
    ValueError for a state or a side that is not one of these.
    """

    id: str
    activity: str
    day: date
    state: str = "scheduled"
    cancelled_by: str | None = None
    counted_by_manager: bool = False
    first_session_held: bool = False
    ps_reference: str | None = None
    given_back: bool = False

    def __post_init__(self) -> None:
        if self.state not in STATES or self.cancelled_by not in (None, "customer", "vendor"):
            raise ValueError(f"not a state of an engagement: {self.state!r}, ended by {self.cancelled_by!r}")

    def counts(self) -> bool:
        """E5, E7: does it hold a place?

        From the request on, in the states requested, scheduled, delivered; under Professional Services never. Once its
        first session was held it keeps the place whatever becomes of it, unless the vendor ends it (declining is the
        vendor's act) or a manager gives the place back. Otherwise only the customer's no-show that a manager counts.
        """
        if self.ps_reference or self.given_back:
            return False
        if self.state in STANDING:
            return True
        if self.cancelled_by == "vendor" or self.state == "declined":
            return False
        return self.first_session_held or (self.state == "no_show" and self.counted_by_manager)

    def why(self) -> str:
        """E5, E7: by which rule it counts or does not, as the end of a sentence: 'counted: …', 'not counted: …'."""
        if self.ps_reference:
            return "it runs under Professional Services"
        if self.given_back:
            return "a manager gave its place back"
        if self.state in STANDING:
            return "it holds its place from the request on" if self.state in HELD else "it was delivered"
        if self.state == "declined":
            return "it was declined"
        if self.cancelled_by == "vendor":
            return "the vendor did not come" if self.state == "no_show" else "the vendor cancelled it"
        if self.first_session_held:
            return "its first session was held"
        if self.state == "no_show":
            return "a manager counted the no-show" if self.counted_by_manager else "a no-show gives its place back"
        return _ENDED[self.state]


def day_of_engagement(first_session: datetime | None, wished: date, zone: ZoneInfo) -> date:
    """E5: the local date of the first session in the contract's zone, or the wished day while none is scheduled."""
    return wished if first_session is None else local_day(first_session, zone)


def ended_by_termination(engagements: Iterable[EngagementFacts], last_day: date) -> tuple[str, ...]:
    """E14: the ids of what lies ahead when a contract is terminated with this last day: requested or scheduled for a
    later day, Professional Services too.
    """
    return tuple(e.id for e in engagements if e.state in HELD and e.day > last_day)


def is_delivered(held: int, minutes: tuple[int, ...], *, cut_short: bool = False) -> bool:
    """E10: an engagement is delivered when all its sessions were held (`minutes`: the length of each, from the
    edition).

    **Reading:** one that is `cut_short`, since its contract has ended (its term is over, or it was terminated) and no session
    of it lies ahead (E14), is delivered with what was held: it keeps its place, and its outcome is owed.
    """
    return held >= len(minutes) or (cut_short and held > 0)


def follow_up_overdue(*, first_held: bool, held: bool, planned_end: datetime | None, now: datetime) -> bool:
    """E10: the discovery was held, and the follow-up was not although the end planned for it has come.

    None planned: to be planned, not overdue.
    """
    return first_held and not held and planned_end is not None and planned_end <= now
