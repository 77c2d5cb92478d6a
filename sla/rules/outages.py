"""S2: what counts as an Availability Outage to one customer, and what it gives (S5 A, S8 A)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from entitlements.rules.spans import Span, cut, intersection, union
from entitlements.rules.working import Figure, Step
from sla.rules.exclusions import Examined, ExclusionKind, Finding, Side, binding, checklist
from sla.rules.maintenance import Maintenance, MaintenanceAccount, maintenance_account
from sla.rules.terms import EnterpriseTerms

STATED_WITHIN = timedelta(hours=2)
"""S2: how far a stated beginning may lie from that of the logs where no end was stated: people name the hour at which they
noticed, and a clock or zone is off by an hour or two at most. A figure of ours; further away it is another outage."""

Down = tuple[datetime, datetime | None]
"""An interval of the server logs in which the service was unavailable to the customer; without an end it is still open."""


@dataclass(frozen=True, slots=True)
class Unavailability:
    """S2: everything that decides the outages of one customer: logs, maintenance, findings, terms, and the moment asked."""

    down: tuple[Down, ...]
    account: MaintenanceAccount
    findings: tuple[Finding, ...]
    terms: EnterpriseTerms
    now: datetime | None

    @property
    def logged(self) -> tuple[Span, ...]:
        """The log's intervals; those that overlap or touch are one, any gap separates. An open one runs to the moment asked."""
        return union(span for down in self.down if (span := self._known(down)))

    def _known(self, down: Down) -> Span | None:
        start, end = down
        if end is not None:
            return Span(start, end)
        if self.now is None:
            raise ValueError("an outage that is still open needs the moment asked")
        return Span(start, self.now) if start < self.now else None

    def cuts_of(self, interval: Span) -> tuple[Span, ...]:
        """S3, S6: what is cut out of one interval of the logs."""
        return union((*self.maintenance_of(interval), *(finding.span for finding in self.findings)))

    def maintenance_of(self, interval: Span) -> tuple[Span, ...]:
        """S3: what maintenance cuts out of one interval of the logs.

        "That outage", which maintenance begun to repair it does not cut, is the interval in which the maintenance
        began; one that began in none cuts nothing, since doubt goes to the customer.
        """
        cutting = [
            one for one in self.account.periods if not one.repairs_outage or self._repairs_another(one, interval)
        ]
        return self.account.cutting(cutting)

    def exclusions(self, examined: Collection[ExclusionKind] = ()) -> tuple[Examined, ...]:
        """S6: all eight, with what each cuts out of the logs; `examined` are those that somebody looked for."""
        logged = self.logged
        maintained = (part for one in logged for part in intersection([one], self.maintenance_of(one)))
        found = (one for one in self.findings if any(one.span.overlaps(interval) for interval in logged))
        return checklist(Side.AVAILABILITY, found, examined=examined, maintenance=maintained, within=logged)

    def _repairs_another(self, period: Maintenance, interval: Span) -> bool:
        return any(other != interval and other.contains(period.ran.start) for other in self.logged)

    def is_open_at(self, piece: Span, cuts: Iterable[Span]) -> bool:
        """Whether a piece of the logs is still running at the moment asked: the log is open there and nothing cuts it."""
        if self.now is None or piece.end != self.now or any(gap.contains(self.now) for gap in cuts):
            return False
        return any(end is None and start <= self.now for start, end in self.down)

    @property
    def working(self) -> tuple[Step, ...]:
        logs: Figure = tuple(self.down)
        return (
            Step("server logs", "S2", self.logged, inputs=(("down", logs), ("now", self.now))),
            self.account.working,
            *(finding.working for finding in self.findings),
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """S2: what is left of one interval of the logs between two cuts. `open`: it is still running, and `span` ends now."""

    span: Span
    open: bool
    source: Unavailability = field(repr=False, compare=False)

    @property
    def start(self) -> datetime:
        return self.span.start

    @property
    def end(self) -> datetime:
        return self.span.end


@dataclass(frozen=True, slots=True)
class AvailabilityOutage(Piece):
    """S2: a piece of thirty minutes or more."""

    @property
    def occurrence(self) -> datetime:
        """S5 (A): the instant at which it has become one, thirty minutes after the piece's start."""
        return self.span.start + self.source.terms.outage_length

    @property
    def remedy(self) -> Span:
        """S8 (A): from ten minutes after the piece's start to its end."""
        return Span(self.span.start + self.source.terms.outage_deduction, self.span.end)

    @property
    def working(self) -> Step:
        return Step(
            "Availability Outage",
            "S2",
            self.span,
            inputs=(
                ("open", self.open),
                ("length", self.span.length),
                ("outage_minutes", self.source.terms.outage_minutes),
                ("outage_deduction_minutes", self.source.terms.outage_deduction_minutes),
                ("occurrence", self.occurrence),
                ("remedy", self.remedy),
            ),
            steps=self.source.working,
        )


@dataclass(frozen=True, slots=True)
class ShortPiece(Piece):
    """S2: a piece that is too short to be an Availability Outage."""

    @property
    def short_by(self) -> timedelta:
        """The time that it lacks."""
        return self.source.terms.outage_length - self.span.length

    @property
    def working(self) -> Step:
        return Step(
            "not an Availability Outage",
            "S2",
            self.span,
            inputs=(
                ("open", self.open),
                ("length", self.span.length),
                ("outage_minutes", self.source.terms.outage_minutes),
                ("short_by", self.short_by),
            ),
            steps=self.source.working,
        )


def joined(own: Iterable[Down], others: Iterable[Down]) -> tuple[Down, ...]:
    """S2: the intervals of an outage, with those of `others` that are one with them because they overlap or touch, directly or
    through each other; in order of time."""
    ordered = sorted([*((one, True) for one in own), *((one, False) for one in others)], key=lambda one: one[0][0])
    groups: list[list[tuple[Down, bool]]] = []
    ends: datetime | None = None
    for one, is_own in ordered:
        start, end = one
        if groups and (ends is None or start <= ends):
            groups[-1].append((one, is_own))
            ends = None if ends is None or end is None else max(ends, end)
        else:
            groups.append([(one, is_own)])
            ends = end
    return tuple(one for group in groups if any(is_own for _, is_own in group) for one, _ in group)


def pieces(
    down: Iterable[Down],
    maintenance: Iterable[Maintenance],
    terms: EnterpriseTerms,
    now: datetime | None,
    findings: Iterable[Finding] = (),
) -> tuple[AvailabilityOutage | ShortPiece, ...]:
    """S2: every piece of the logs once maintenance (S3) and the findings that bind (A) (S6) are cut out, in order of time.

    `now` (UTC) ends what is still open and may be None where nothing is. Exactly thirty minutes are enough.
    Maintenance between two pieces does not join them.
    """
    source = unavailability(down, maintenance, terms, now, findings)
    return tuple(piece for interval in source.logged for piece in _pieces_of(interval, source))


def unavailability(
    down: Iterable[Down],
    maintenance: Iterable[Maintenance],
    terms: EnterpriseTerms,
    now: datetime | None,
    findings: Iterable[Finding] = (),
) -> Unavailability:
    """S2, S3, S6: what decides the outages of one customer, as `pieces` takes it."""
    account = maintenance_account(maintenance, terms)
    return Unavailability(tuple(sorted(down, key=_by_start)), account, binding(findings, Side.AVAILABILITY), terms, now)


def availability_outages(
    down: Iterable[Down],
    maintenance: Iterable[Maintenance],
    terms: EnterpriseTerms,
    now: datetime | None,
    findings: Iterable[Finding] = (),
) -> tuple[AvailabilityOutage, ...]:
    """S2, S5 (A): the pieces of thirty minutes or more, each an Availability Outage of its own."""
    found = pieces(down, maintenance, terms, now, findings)
    return tuple(piece for piece in found if isinstance(piece, AvailabilityOutage))


def distance_from_stated(piece: Piece, began_at: datetime, ended_at: datetime | None) -> timedelta | None:
    """S2: how far a piece of the logs lies from what the customer stated; None if it is not what was stated.

    With an end they must overlap. Without one only a piece that runs at the stated beginning, or starts near it, is meant.
    """
    apart = abs(piece.start - began_at)
    if piece.start <= began_at and (began_at < piece.end or piece.open):
        return timedelta()
    if ended_at is not None:
        return apart if piece.start < ended_at and began_at < piece.end else None
    return apart if apart < STATED_WITHIN else None


def _pieces_of(interval: Span, source: Unavailability) -> list[AvailabilityOutage | ShortPiece]:
    cuts = source.cuts_of(interval)
    return [
        (AvailabilityOutage if left.length >= source.terms.outage_length else ShortPiece)(
            left, source.is_open_at(left, cuts), source
        )
        for left in cut([interval], cuts)
    ]


def _by_start(down: Down) -> datetime:
    return down[0]
