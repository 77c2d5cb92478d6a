"""S13: until when a claim can be made, whether it was, and when a report is late. Receipts are instants of the database's clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from entitlements.rules.days import deadline_within, local_day
from entitlements.rules.working import Step
from sla.rules.terms import EnterpriseTerms

SUBMITS_ITSELF_BEFORE = timedelta(hours=1)
"""S13: how long before its deadline a complete draft submits itself. A promise of the product, not a figure of the paper."""


@dataclass(frozen=True, slots=True)
class ClaimWindow:
    """S13: the window of one failure; `deadline` is the first instant (UTC) that is too late."""

    occurrence: datetime
    zone: str
    claim_days: int
    deadline: datetime

    def is_in_time(self, committed: datetime) -> bool:
        return is_in_time(committed, self.deadline)

    @property
    def working(self) -> Step:
        return Step(
            "claim window",
            "S13",
            self.deadline,
            inputs=(("occurrence", self.occurrence), ("zone", self.zone), ("claim_days", self.claim_days)),
        )


def claim_window(occurrence: datetime, zone: ZoneInfo, terms: EnterpriseTerms) -> ClaimWindow:
    """S13: within fifteen days of the occurrence, counted from its local day in the contract's `zone`."""
    deadline = deadline_within(terms.claim_days, local_day(occurrence, zone), zone)
    return ClaimWindow(occurrence, zone.key, terms.claim_days, deadline)


def closes_at(occurrence: datetime, zone: ZoneInfo, terms: EnterpriseTerms) -> datetime:
    """S13: the first instant (UTC) at which a claim for this failure is too late."""
    return claim_window(occurrence, zone, terms).deadline


@dataclass(frozen=True, slots=True)
class Told:
    """S13: what was told of a failure in writing: the end of the window of its `occurrence`, and the `last` end of all that it is."""

    occurrence: datetime
    first: datetime
    last: datetime

    def deadlines(self, windows: Sequence[ClaimWindow]) -> tuple[datetime, ...]:
        """S13: until when each of its parts can be claimed, in order of time: to the end of its own window. None comes nearer by
        what our logs say later: the part that was told of keeps what was told of it, the last part the last that was told."""
        if not windows:
            return ()
        ends = [one.deadline for one in windows]
        told_of = min(range(len(ends)), key=lambda n: abs(windows[n].occurrence - self.occurrence))
        ends[told_of] = max(ends[told_of], min(self.first, self.last))
        ends[-1] = max(ends[-1], self.last)
        return tuple(ends)


def claim_closes_at(deadlines: Iterable[datetime]) -> datetime:
    """S13: the claim's own window ends with the last of its failures' windows. Raises ValueError if there is none."""
    return max(deadlines)


def first_open(deadlines: Iterable[datetime], now: datetime) -> datetime | None:
    """S13, T1: of several windows the one that ends next; None when all have ended."""
    return min((one for one in deadlines if is_in_time(now, one)), default=None)


def is_in_time(committed: datetime, deadline: datetime) -> bool:
    """S13, T4: received before the deadline is in time, exactly then is late; whether a sweep has run does not matter."""
    return committed < deadline


def submits_itself_at(deadline: datetime) -> datetime:
    """S13: the receipt of a complete draft that nobody sent, one elapsed hour before its deadline, however late the clock runs."""
    return deadline - SUBMITS_ITSELF_BEFORE


def next_sending_of(deadlines: Iterable[datetime], now: datetime) -> datetime | None:
    """S13: when a complete draft of failures with these windows sends itself: before the first that it can still be in time for."""
    return min((moment for one in deadlines if now < (moment := submits_itself_at(one))), default=None)


def report_flagged_after(occurrence: datetime, terms: EnterpriseTerms) -> datetime:
    """S13: the last instant (UTC) at which a report is not late: twenty-four elapsed hours after the occurrence."""
    return occurrence + terms.report_time


def report_flagged(occurrence: datetime, reported: datetime, terms: EnterpriseTerms) -> bool:
    """S13: a report more than twenty-four elapsed hours after the occurrence is flagged, never refused. Before it is fine."""
    return reported > report_flagged_after(occurrence, terms)
