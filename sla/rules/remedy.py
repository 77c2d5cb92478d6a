"""S8: remedy periods, no minute paid twice; S13: the failures of a claim whose window was still open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from entitlements.rules.spans import Span, span_or_none, total, union
from entitlements.rules.working import Figure, Step
from sla.rules.claim_window import closes_at, is_in_time
from sla.rules.delivery import Delivery
from sla.rules.exclusions import Side
from sla.rules.outages import AvailabilityOutage
from sla.rules.terms import EnterpriseTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """S5, S8: one delivery failure as a claim counts it. `remedy` is empty for a late alert that an outage caused.

    `event` is the receipt of the trigger, or the start of the outage (S10).
    `deadline` is the stored end of its claim window, which stands even if zone or edition change later (or a manager
    extended it, T4); None where none is stored yet. `waived`: it counts though it is late, by the goodwill of two people (S13).
    """

    key: str
    side: Side
    event: datetime
    occurrence: datetime
    remedy: tuple[Span, ...]
    caused_by_outage: bool = False
    deadline: datetime | None = None
    waived: bool = False

    def closes_at(self, zone: ZoneInfo, terms: EnterpriseTerms) -> datetime:
        """S13: the first instant that is too late for this failure."""
        return self.deadline or closes_at(self.occurrence, zone, terms)

    def counts(self, committed: datetime, zone: ZoneInfo, terms: EnterpriseTerms) -> bool:
        """S13: whether it was in time when its claim was `committed` (UTC), or its lateness is waived."""
        return self.waived or is_in_time(committed, self.closes_at(zone, terms))

    @property
    def working(self) -> Step:
        return Step(
            "remedy period",
            "S8",
            self.remedy,
            inputs=(
                ("key", self.key),
                ("side", self.side.value),
                ("event", self.event),
                ("occurrence", self.occurrence),
                ("caused_by_outage", self.caused_by_outage),
                ("deadline", self.deadline),
                *((("waived", True),) if self.waived else ()),
            ),
        )


def failure_of_outage(key: str, outage: AvailabilityOutage, *, deadline: datetime | None = None) -> Failure:
    """S8 (A): an Availability Outage as a failure of a claim."""
    return Failure(
        key=key,
        side=Side.AVAILABILITY,
        event=outage.start,
        occurrence=outage.occurrence,
        remedy=(outage.remedy,),
        deadline=deadline,
    )


def failure_of_alert(
    key: str, late: Delivery, *, caused_by_outage: bool, deadline: datetime | None = None
) -> Failure | None:
    """S8 (B): a late alert as a failure of a claim; one that an outage caused has no period of its own. None if it was in time."""
    if late.occurrence is None:
        return None
    return Failure(
        key=key,
        side=Side.DELIVERY,
        event=late.alert.received,
        occurrence=late.occurrence,
        remedy=() if caused_by_outage else late.remedy,
        caused_by_outage=caused_by_outage,
        deadline=deadline,
    )


@dataclass(frozen=True, slots=True)
class Otherwise:
    """S8: that a late alert was not caused by the outage that it overlaps, as a reviewer has found."""

    reason: str
    author: str


@dataclass(frozen=True, slots=True)
class Presumption:
    """S8: a late alert's time from due to logged, and the Availability Outages that it overlaps."""

    late: Span | None
    outages: tuple[Span, ...]
    otherwise: Otherwise | None = None

    @property
    def caused_by_outage(self) -> bool:
        """Presumed so, unless a reviewer has found otherwise, with a reason."""
        return bool(self.outages) and self.otherwise is None

    @property
    def working(self) -> Step:
        found = self.otherwise
        against = (("found otherwise", found.reason), ("author", found.author)) if found else ()
        inputs = (("late", self.late), ("outages", self.outages), *against)
        return Step("presumed cause", "S8", self.caused_by_outage, inputs=inputs)


def presumed_cause(
    late: Delivery, outages: Iterable[AvailabilityOutage], otherwise: Otherwise | None = None
) -> Presumption:
    """S8: whether a late alert is presumed to be caused by an outage, since the time from receipt + delay to its log overlaps one.

    To touch is not to overlap: spans are half open.
    """
    period = late.ended and span_or_none(late.alert.due, late.ended)
    overlapped = (outage.span for outage in outages if period and period.overlaps(outage.span))
    return Presumption(period or None, tuple(sorted(overlapped)), otherwise)


@dataclass(frozen=True, slots=True)
class RemedyUnion:
    """S8: the remedy periods of several failures of one cause, each minute once, with the failures they came from."""

    spans: tuple[Span, ...]
    failures: tuple[Failure, ...]

    @property
    def time(self) -> timedelta:
        return total(self.spans)

    @property
    def first_occurrence(self) -> datetime | None:
        """S11: when the earliest failure that counts occurred; None if none counts."""
        return min((failure.occurrence for failure in self.failures), default=None)

    @property
    def first_event(self) -> datetime | None:
        """S10: the earliest event of a failure that counts, so that no failure lies in the months before it."""
        return min((failure.event for failure in self.failures), default=None)

    @property
    def working(self) -> Step:
        return Step(
            "union of the remedy periods",
            "S8",
            self.spans,
            inputs=(("time", self.time),),
            steps=tuple(failure.working for failure in self.failures),
        )


def remedy_union(failures: Iterable[Failure]) -> RemedyUnion:
    """S8: the union of the remedy periods of failures that have one cause."""
    kept = tuple(failures)
    return RemedyUnion(union(span for failure in kept for span in failure.remedy), kept)


@dataclass(frozen=True, slots=True)
class ClaimUnion:
    """S13: what a claim is counted on, and the failures that dropped out, each with the end of its window."""

    counted: RemedyUnion
    late: tuple[tuple[Failure, datetime], ...]
    committed: datetime
    closes_at: datetime | None
    zone: str

    @property
    def working(self) -> Step:
        dropped: Figure = tuple((failure.key, closed) for failure, closed in self.late)
        return Step(
            "failures in time",
            "S13",
            self.counted.spans,
            inputs=(
                ("committed", self.committed),
                ("zone", self.zone),
                ("closes_at", self.closes_at),
                ("late", dropped),
            ),
            steps=(self.counted.working, *(failure.working for failure, _ in self.late)),
        )


@dataclass(frozen=True, slots=True)
class Waived:
    """S13: a failure that was late when its claim was `committed`, its window having ended at `closes_at` (UTC), and counts by the
    goodwill of two people."""

    key: str
    closes_at: datetime
    committed: datetime

    @property
    def working(self) -> Step:
        told = (("key", self.key), ("closes_at", self.closes_at), ("committed", self.committed))
        return Step("lateness waived by two people", "S13", self.committed - self.closes_at, inputs=told)


def waived(
    failures: Iterable[Failure], committed: datetime, zone: ZoneInfo, terms: EnterpriseTerms
) -> tuple[list[Failure], tuple[Waived, ...]]:
    """S13: the failures with goodwill: those that were late when the claim was `committed` (UTC) count, each beside its own deadline; and
    which those are."""
    kept, late = [], []
    for one in failures:
        if one.counts(committed, zone, terms):
            kept.append(one)
        else:
            kept.append(replace(one, waived=True))
            late.append(Waived(one.key, one.closes_at(zone, terms), committed))
    return kept, tuple(late)


def claim_union(failures: Iterable[Failure], committed: datetime, zone: ZoneInfo, terms: EnterpriseTerms) -> ClaimUnion:
    """S13, S8: the union over the failures whose own window was open when the claim was `committed` (UTC), or whose lateness is waived;
    the others drop out.

    `zone` is the contract's. The claim's own window ends with the last of theirs.
    """
    closing = [(failure, failure.closes_at(zone, terms)) for failure in failures]
    in_time = remedy_union(failure for failure, _ in closing if failure.counts(committed, zone, terms))
    late = tuple((failure, closed) for failure, closed in closing if not failure.counts(committed, zone, terms))
    return ClaimUnion(in_time, late, committed, max((closed for _, closed in closing), default=None), zone.key)
