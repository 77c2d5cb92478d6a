"""PL5: one outage of one customer as a time line, in figures that a template draws: logs, thresholds, remedy, maintenance, reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from entitlements.models import Contract, Customer
from entitlements.models.worded import Worded
from entitlements.rules.spans import Span, total
from entitlements.wording import counted, duration_in_words
from sla.assessment import terms_on
from sla.maintenance import terms_of
from sla.models import Failure, FailureState, Outage
from sla.models.terms import Editions
from sla.outage_logs import Logs, logs_on
from sla.rules.outages import AvailabilityOutage, Piece, ShortPiece
from sla.rules.terms import EnterpriseTerms
from sla.wording import verdict_on

WIDTH, MARGIN, GAP, FOR_WORDS = 640, 40, 2, 36
"""Pixels of the drawing: the least between two bars, and what the words of a threshold take."""
ROOM = timedelta(minutes=10)
"""What is shown before the logs begin and after they end."""


class Bar(NamedTuple):
    """A rectangle of the drawing, on its row."""

    x: int
    width: int


class Mark(NamedTuple):
    """A threshold of a piece: where it lies, its minutes, if there is room for them, and whether it is the earlier one, which is
    dotted and has its words to the left."""

    x: int
    words: str
    is_deduction: bool


class Row(NamedTuple):
    """A line of the table behind: what, from when, until when (None: an instant), and where it comes from."""

    what: str
    start: datetime
    end: datetime | None
    whence: str = ""


@dataclass(frozen=True)
class Drawing:
    """What the logs have of an outage for a customer, with what the rules make of it."""

    outage: Outage
    customer: Customer
    logs: Logs
    reports: tuple[Failure, ...]

    @property
    def pieces(self) -> tuple[AvailabilityOutage | ShortPiece, ...]:
        return self.logs.pieces

    @property
    def that_count(self) -> tuple[AvailabilityOutage, ...]:
        return tuple(one for one in self.pieces if isinstance(one, AvailabilityOutage))

    @property
    def remedy_time(self) -> timedelta:
        """S8: as on the page of the decision."""
        return total(one.remedy for one in self.that_count)

    @property
    def message(self) -> str:
        """The one sentence of the plot."""
        if not self.that_count:
            return (
                "; ".join(verdict_on(one) for one in self.pieces)
                or "Nothing of it is left: what excludes it covers it all."
            )
        many = "an Availability Outage" if len(self.that_count) == 1 else f"{len(self.that_count)} Availability Outages"
        still = ", so far" if any(one.open for one in self.that_count) else ""
        said = f"{many}, with {duration_in_words(self.remedy_time)} of remedy time{still}"
        return f"{self.customer} had {said}; {counted(len(self._own_reports), 'report')}."

    @property
    def bars(self) -> list[Bar]:
        """S2: any gap separates, so it is seen between two, however short."""
        bars = [self._bar(one) for one in self._logged]
        apart = [Bar(one.x, max(min(one.width, later.x - one.x - GAP), 1)) for one, later in pairwise(bars)]
        return apart + bars[-1:]

    @property
    def remedies(self) -> list[Bar]:
        return [self._bar(one.remedy) for one in self.that_count]

    @property
    def maintenance(self) -> list[Bar]:
        """As far as it lies in what is shown."""
        shown = (one.ran & self._shown for one in self.logs.maintenance)
        return [self._bar(one) for one in shown if one]

    @property
    def excluded(self) -> list[Bar]:
        """S6: what was found to exclude it, as far as it lies in what is shown."""
        shown = (one.span & self._shown for one in self.logs.source.findings)
        return [self._bar(one) for one in shown if one]

    @property
    def marks(self) -> list[Mark]:
        """S2, S8: both thresholds of each piece that counts, and the thirty-minute line that a short one did not reach."""
        taken, marks = 0, []
        for at, is_deduction, minutes in sorted(self._marked()):
            x = self._x(at)
            begins = x - FOR_WORDS if is_deduction else x
            fits = begins >= taken
            taken = begins + FOR_WORDS if fits else taken
            marks.append(Mark(x, minutes if fits else "", is_deduction))
        return marks

    @property
    def ticks(self) -> list[int]:
        """When each report reached us; those outside of what is shown are in the table only."""
        shown = self._shown
        return [self._x(one.reported_at) for one in self._own_reports if shown.start <= one.reported_at <= shown.end]

    @property
    def rows(self) -> list[Row]:
        return sorted(self._rows(), key=lambda one: one.start)

    @property
    def ends(self) -> tuple[datetime, datetime]:
        """The instants at both ends of the logs, which the drawing names."""
        return self._logged[0].start, self._logged[-1].end

    @property
    def named(self) -> list[tuple[int, datetime, str, int]]:
        """Both ends: where each is, when, to which side of that its name runs, and on which line it stands clear of the other's."""
        start, end = self.ends
        return [(self._x(start), start, "start", 142), (self._x(end), end, "end", 155)]

    def _marked(self) -> Iterator[tuple[datetime, bool, str]]:
        for piece in self.pieces:
            ten, thirty = _thresholds(piece, self.logs.terms)
            if isinstance(piece, AvailabilityOutage):
                yield ten, True, _minutes(ten - piece.start)
            if isinstance(piece, AvailabilityOutage) or self._is_clear(thirty):
                yield thirty, False, _minutes(thirty - piece.start)

    def _is_clear(self, at: datetime) -> bool:
        """Whether a line that a short piece did not reach can be drawn: where another piece is it would seem to be of that."""
        return at <= self._shown.end and not any(one.contains(at) for one in self._logged)

    def _rows(self) -> Iterator[Row]:
        for span in self._logged:
            lasts = "; still open" if span.end == self.logs.asked else ""
            whence = f"Logs that overlap or touch are one (S2){lasts}"
            yield Row("The server logs have it down", span.start, span.end, whence)
        for piece in self.that_count:
            ten, thirty = _thresholds(piece, self.logs.terms)
            yield Row("Ten-minute mark: losses count from here", ten, None, "S8")
            yield Row("Thirty-minute line: it has become an Availability Outage", thirty, None, "S5")
            yield Row("Remedy period", piece.remedy.start, piece.remedy.end, "S8")
        for period in self.logs.maintenance:
            if part := period.ran & self._shown:
                yield Row("Maintenance", part.start, part.end, f"{period.key} (S3)")
        for found in self.logs.source.findings:
            yield Row(
                "Excluded by its cause", found.span.start, found.span.end, f"({found.kind.numeral}) {found.key} (S6)"
            )
        for one in self.reports:
            yield Row("Put on record by us" if one.found_by_us else "Reported", one.reported_at, None, one.reference)

    @property
    def _own_reports(self) -> list[Failure]:
        return [one for one in self.reports if not one.found_by_us]

    @property
    def _logged(self) -> tuple[Span, ...]:
        return self.logs.logged

    @property
    def _shown(self) -> Span:
        return Span(self._logged[0].start - ROOM, self._logged[-1].end + ROOM)

    def _x(self, at: datetime) -> int:
        shown = self._shown
        return MARGIN + (WIDTH - 2 * MARGIN) * ((at - shown.start) // timedelta(seconds=1)) // (
            shown.length // timedelta(seconds=1)
        )

    def _bar(self, span: Span) -> Bar:
        left = self._x(span.start)
        return Bar(left, max(self._x(span.end) - left, 1))


def drawing_of(outage: Outage, customer: Customer, now: datetime) -> Drawing | None:
    """PL5: the time line of an outage for a customer as of `now` (UTC); None where the logs have nothing of the Service for it."""
    start = min((one.start for one in outage.downtimes.of(customer)), default=now)
    if start >= now:
        return None
    reports = reports_of(customer, outage.pk)
    contract: Any = reports[0].contract if reports else customer.contracts.order_by("-term").first()
    terms = terms_on(start, contract) if contract else terms_of(start)
    return Drawing(outage, customer, logs_on(outage, customer, terms, now), tuple(reports))


def drawing_with(
    logs: Logs, outage: Outage, contract: Contract, reports: Sequence[Failure], editions: Editions, now: datetime
) -> Drawing | None:
    """The same for the customer of a contract, of what is read already. `reports` may be of other outages too; without one of this, the
    terms are those of that contract's day (S1)."""
    start = min((start for start, _ in logs.own), default=now)
    if start >= now:
        return None
    own = tuple(one for one in reports if one.outage_id == outage.pk)
    terms = editions.on(start, own[0].contract if own else contract)
    return Drawing(outage, contract.customer, replace(logs, terms=terms), own)


def reports_of(customer: Customer, *outages: int) -> list[Failure]:
    """What the customer reported of these outages (by key), and did not take back, in order of time."""
    return _REPORTS(customer.pk, *outages)


def _reports(customer: int, *outages: int) -> Any:
    reports = Failure.objects.filter(outage__in=outages, contract__customer=customer)
    return reports.exclude(state=FailureState.WITHDRAWN).select_related("contract__customer").order_by("reported_at")


_REPORTS = Worded(_reports, planned_once=True)


def _minutes(length: timedelta) -> str:
    return f"{length // timedelta(minutes=1)} min"


def _thresholds(piece: Piece, terms: EnterpriseTerms) -> tuple[datetime, datetime]:
    return piece.start + terms.outage_deduction, piece.start + terms.outage_length
