"""What our records have of outages, customer by customer: the intervals of the logs, and what is cut out of them (S2, S3, S6).

Nothing here writes. Facts are loaded and handed to the rules.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import F

from entitlements.models import Contract, Customer
from entitlements.models.worded import Worded
from entitlements.rules.spans import Span, span_or_none, total
from sla.exclusions import Held, findings_in, findings_of
from sla.maintenance import maintenance_of_each, months_around, terms_of
from sla.models import Downtime, Failure, Outage
from sla.rules.emergencies import EmergencyReading, emergency_reading
from sla.rules.exclusions import Finding, Outcome
from sla.rules.maintenance import Maintenance, beside
from sla.rules.outages import (
    STATED_WITHIN,
    AvailabilityOutage,
    Down,
    ShortPiece,
    Unavailability,
    distance_from_stated,
    joined,
    pieces,
    unavailability,
)
from sla.rules.terms import EnterpriseTerms


@dataclass(frozen=True)
class Logs:
    """S2, S3, S6: what our records have of one outage for one customer: the intervals of the logs, the maintenance around them, and
    the findings of cause.

    `asked` ends what is still down; None where nothing is. `of` (keys): it, and those of the same cause that are one with it. `own`: of
    `down`, its own.
    """

    down: tuple[Down, ...]
    maintenance: tuple[Maintenance, ...]
    terms: EnterpriseTerms
    asked: datetime | None
    of: frozenset[int] = frozenset()
    findings: tuple[Finding, ...] = ()
    own: tuple[Down, ...] = ()

    @property
    def pieces(self) -> tuple[AvailabilityOutage | ShortPiece, ...]:
        return pieces(self.down, self.maintenance, self.terms, self.asked, self.findings)

    @property
    def began(self) -> datetime | None:
        return min((start for start, _ in self.down), default=None)

    @property
    def logged(self) -> tuple[Span, ...]:
        """S2: the intervals of the logs once those that overlap or touch are one, with nothing cut out."""
        return self.source.logged

    @cached_property
    def source(self) -> Unavailability:
        """S2, S3, S6: all of it, as the rules take it."""
        return unavailability(self.down, self.maintenance, self.terms, self.asked, self.findings)

    @property
    def cut_out(self) -> timedelta:
        """S3, S6: how much of the logged time maintenance and findings take away."""
        return total(self.logged) - total(one.span for one in self.pieces)

    @property
    def is_cut(self) -> bool:
        """S6: whether anything of it is excluded."""
        return any(line.outcome is Outcome.FOUND for line in self.source.exclusions())

    @cached_property
    def reading(self) -> EmergencyReading:
        """S3: with emergencies cut out, and without."""
        return emergency_reading(self.down, self.maintenance, self.terms, self.asked, self.findings)

    def outages(self, *, emergencies_cut: bool = True) -> tuple[AvailabilityOutage, ...]:
        return self.reading.taken if emergencies_cut else self.reading.other


def logs_of_claimed(
    failures: Iterable[Failure], customer: Customer, terms: EnterpriseTerms, now: datetime
) -> tuple[tuple[Failure, Logs], ...]:
    """S2: what our records have of each of these reports of a customer, asked at once; without those to which no outage is assigned."""
    assigned = [(one, one.outage) for one in failures if one.outage]
    logs = _logs_on([outage for _, outage in assigned], customer, terms, now) if assigned else {}
    return tuple((failure, logs[outage.pk]) for failure, outage in assigned)


def logs_on(outage: Outage, customer: Customer, terms: EnterpriseTerms, now: datetime) -> Logs:
    """S2, S3, S6: what our records have of an outage for a customer by `now` (UTC), with those of its cause that are one with it."""
    return _logs_on([outage], customer, terms, now)[outage.pk]


def _logs_on(outages: Iterable[Outage], customer: Customer, terms: EnterpriseTerms, now: datetime) -> dict[int, Logs]:
    """Each outage (by key) with the findings of its own time, and the maintenance of its own months."""
    rows = _OF_THE_CAUSES(customer.pk, *dict.fromkeys(one.pk for one in outages))
    causes = {row.outage_id: row.cause for row in rows}
    logged = [_joined(one, [row for row in rows if row.cause == causes.get(one.pk)]) for one in outages]
    whole = _around([down for one in logged for down in one.down], now)
    held = findings_in([customer.pk], *whole) if whole else []
    maintenance = maintenance_of_each([customer.pk], months_around(*whole), now)[customer.pk] if whole else ()
    return {one.outage: one.with_what_cuts(maintenance, held, customer.pk, terms, now) for one in logged}


def _of_the_causes(customer: int, *outages: int) -> Any:
    causes = Outage.objects.order_by().filter(pk__in=outages).values("cause")
    of_these = Downtime.objects.of(customer).filter(outage__cause__in=causes)
    return of_these.annotate(cause=F("outage__cause")).order_by()


_OF_THE_CAUSES = Worded(_of_the_causes, planned_once=True)


@dataclass(frozen=True, slots=True)
class _Joined:
    """S2: the intervals of one customer that are one with those of an outage, each with the outage (key) that it is of; and `others` of
    its cause, which a gap separates."""

    outage: int
    rows: tuple[tuple[int, Down], ...]
    others: tuple[Down, ...]

    @property
    def down(self) -> tuple[Down, ...]:
        return tuple(one for _, one in self.rows)

    def with_what_cuts(
        self,
        maintenance: Iterable[Maintenance],
        held: Iterable[Held],
        customer: int,
        terms: EnterpriseTerms,
        now: datetime,
    ) -> Logs:
        """Of these periods and findings, those of its own months and of its own time."""
        around = _around(self.down, now)
        if around is None:
            return self.logs((), (), customer, terms, now)
        months, time = months_around(*around), span_or_none(*around)
        cutting = tuple(one for one in maintenance if one.ran.overlaps(months))
        return self.logs(cutting, [one for one in held if time and one.facts.span.overlaps(time)], customer, terms, now)

    def logs(
        self,
        maintenance: tuple[Maintenance, ...],
        held: Iterable[Held],
        customer: int,
        terms: EnterpriseTerms,
        now: datetime,
    ) -> Logs:
        known = [(key, span) for key, (start, end) in self.rows if (span := span_or_none(start, end or now))]
        elsewhere = [span for start, end in self.others if (span := span_or_none(start, end or now))]
        asked = now if any(end is None for _, end in self.down) else None
        of = frozenset(key for key, _ in self.rows)
        own = tuple(one for key, one in self.rows if key == self.outage)
        cutting = beside(maintenance, elsewhere)
        return Logs(self.down, cutting, terms, asked, of, findings_of(held, customer, known), own)


def _joined(outage: Outage, of_the_cause: Iterable[Downtime]) -> _Joined:
    ordered = sorted(of_the_cause, key=lambda one: (one.start, one.pk))
    rows = [(one.outage_id, (one.start, one.end)) for one in ordered]
    down = joined((one for key, one in rows if key == outage.pk), (one for key, one in rows if key != outage.pk))
    one_with_it = tuple(sorted(((key, one) for key, one in rows if one in down), key=lambda row: row[1][0]))
    return _Joined(outage.pk, one_with_it, tuple(one for _, one in rows if one not in down))


def _around(down: Iterable[Down], now: datetime) -> tuple[datetime, datetime] | None:
    """When the first of these intervals begins and the last ends, which is `now` while it lasts; None where there are none."""
    instants = [at for start, end in down for at in (start, end or max(now, start))]
    return (min(instants), max(instants)) if instants else None


def logged_pieces(
    outage: Outage, customer: Customer, terms: EnterpriseTerms, now: datetime
) -> tuple[AvailabilityOutage | ShortPiece, ...]:
    """S2, S3, S6: every piece of an outage that our logs have for a customer, once maintenance and findings are cut out."""
    return logs_on(outage, customer, terms, now).pieces


def logs_of_each(outage: Outage, customers: Collection[Customer], now: datetime) -> dict[int, Logs]:
    """S2, S3, S6: as `logs_on`, for many customers (by key) at once; the figures are those of the vendor's day of its beginning."""
    rows: dict[int, list[Downtime]] = {one.pk: [] for one in customers}
    for row in Downtime.objects.that_count().filter(outage__cause__outages=outage, customer__in=rows).order_by():
        rows[row.customer_id].append(row)
    logged = {customer: _joined(outage, of_one) for customer, of_one in rows.items()}
    around = _around([down for one in logged.values() for down in one.down], now)
    if around is None:
        return {}
    maintenance = maintenance_of_each(list(logged), months_around(*around), now)
    held, terms = findings_in(list(logged), *around), terms_of(around[0])
    return {customer: one.logs(maintenance[customer], held, customer, terms, now) for customer, one in logged.items()}


def outage_known_for(failure: Failure) -> Outage | None:
    """S2: the outage that a report was matched with, or one that our logs have at its time by now; it need not count."""
    if failure.outage or failure.kind != Failure.Kind.OUTAGE:
        return failure.outage
    until = failure.ended_at or failure.began_at + STATED_WITHIN
    at_that_time = Downtime.objects.of(failure.contract.customer).touching(failure.began_at, until)
    known = at_that_time.select_related("outage").first()
    return known.outage if known else None


def outage_presumed(
    contract: Contract, due: datetime, logged: datetime, terms: EnterpriseTerms, now: datetime
) -> Outage | None:
    """S8: the first Availability Outage of this customer that an alert overlaps which was `due` then and `logged` that late: it is
    presumed to have caused it."""
    late = span_or_none(due, logged)
    near = Outage.objects.filter(pk__in=Downtime.objects.of(contract.customer).touching(due, logged).values("outage"))
    for outage in near.select_related("cause").order_by("recorded_at", "pk") if late else ():
        pieces = logged_pieces(outage, contract.customer, terms, now)
        if any(isinstance(one, AvailabilityOutage) and late and one.span.overlaps(late) for one in pieces):
            return outage
    return None


class Stated(NamedTuple):
    """S2: an outage of our logs, the piece of it that lies nearest to what is stated, and all that it has, by the terms of the question."""

    outage: Outage
    nearest: AvailabilityOutage
    pieces: tuple[AvailabilityOutage | ShortPiece, ...]


def outage_stated(
    contract: Contract, began_at: datetime, ended_at: datetime | None, terms: EnterpriseTerms, now: datetime
) -> Stated | None:
    """S2, S5: the outage that our logs have for this customer at the stated time."""
    customer = contract.customer
    window = (began_at - STATED_WITHIN, ended_at or began_at + STATED_WITHIN)
    near = Outage.objects.filter(pk__in=Downtime.objects.of(customer).touching(*window).values("outage"))
    found = [
        (distance, piece.start, outage.pk, Stated(outage, piece, pieces))
        for outage in near.select_related("cause")
        for pieces in [logged_pieces(outage, customer, terms, now)]
        for piece in pieces
        if isinstance(piece, AvailabilityOutage)
        and (distance := distance_from_stated(piece, began_at, ended_at)) is not None
    ]
    return min(found, key=lambda one: one[:3])[3] if found else None
