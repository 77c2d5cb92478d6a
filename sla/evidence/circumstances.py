"""What alerts are judged against: zones and editions, what cuts a delivery period (S3, S6), and the Availability Outages (S8)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span, span_or_none
from entitlements.server_zones import as_the_server_knows
from sla.evidence.agreements import agreements_of
from sla.evidence.ground import Ground, ground_of
from sla.evidence.on_record import on_record
from sla.evidence.standing import OffTerms, off_terms_of
from sla.exclusions import findings_in, findings_of
from sla.maintenance import maintenance_of_each, months_around
from sla.models import AlertImportState, AlertRestated, Downtime, FoundOtherwise
from sla.rules.delivery import COVERED_COUNTRIES
from sla.rules.exclusions import PUSH, ExclusionKind, Finding
from sla.rules.maintenance import Maintenance, maintenance_account
from sla.rules.outages import AvailabilityOutage, Down, availability_outages
from sla.rules.remedy import Otherwise
from sla.rules.terms import EnterpriseTerms

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOOKS_BACK = timedelta(days=31)
"""S2: log intervals that touch are one, so an outage that reaches a span may begin with others before it. One that is down without
a gap for longer than this is an outage whatever came before; shorter ones are whole. A figure of ours."""


@dataclass(frozen=True, slots=True)
class Cut:
    """S3, S6: a span (UTC) that is cut out of a customer's delivery periods, of one channel and incident or (None) of all. `finding`
    is the cause that was found; None: maintenance."""

    customer: int
    during: Span
    channel: str | None = None
    incident: str | None = None
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything that decides the alerts of some customers in a span, but the alerts themselves. `now` (UTC) ends what is open."""

    ground: tuple[Ground, ...]
    now: datetime
    cuts: tuple[Cut, ...] = ()
    outages: Mapping[int, tuple[AvailabilityOutage, ...]] = field(default_factory=dict)
    off_terms: tuple[OffTerms, ...] = ()
    otherwise: Mapping[tuple[int, int], Otherwise] = field(default_factory=dict)
    """S8: what reviewers have found against the presumed cause, by import and line."""

    @property
    def terms(self) -> list[EnterpriseTerms]:
        """The editions that count anywhere in it, each once."""
        found: list[EnterpriseTerms] = []
        for one in self.ground:
            if one.terms not in found:
                found.append(one.terms)
        return found

    def maintenance_of(self, customer: int) -> tuple[Span, ...]:
        """S3: what maintenance cuts out of the customer's delivery periods."""
        return tuple(cut.during for cut in self.cuts if cut.customer == customer and cut.finding is None)

    def findings_of(self, customer: int) -> tuple[Finding, ...]:
        """S6: what was found of causes that may exclude the customer's alerts; which of them an alert binds the rules say."""
        return tuple(cut.finding for cut in self.cuts if cut.customer == customer and cut.finding)

    def at(self, customer: int, received: datetime) -> Ground:
        """What judges an alert of the customer whose trigger was received then. LookupError outside the span."""
        found = (one for one in self.ground if one.customer == customer and one.during.contains(received))
        return next(found, None) or _missing(customer, received)

    def refusal_at(self, customer: int, occurrence: datetime) -> Refusal | None:
        """S1: why what occurred then cannot be claimed; None if it can."""
        found = (one for one in self.off_terms if one.customer == customer and one.during.contains(occurrence))
        return next((one.refusal for one in found), None)

    def handed_in(self) -> dict[str, Any]:
        """As arrays for the statements, one line a customer and stretch."""
        terms = self.terms
        logs = [(n, channel, kind) for n, one in enumerate(terms) for channel, kind in one.deciding_logs.items()]
        down = [(customer, one.span) for customer, found in self.outages.items() for one in found]
        return {
            "now": self.now,
            "epoch": EPOCH,
            "covered": sorted(COVERED_COUNTRIES),
            "ground_customers": [one.customer for one in self.ground],
            "ground_sinces": [one.during.start for one in self.ground],
            "ground_untils": [one.during.end for one in self.ground],
            "ground_zones": [as_the_server_knows(one.zone).key for one in self.ground],
            "ground_editions": [terms.index(one.terms) for one in self.ground],
            "term_editions": list(range(len(terms))),
            "term_limits": [one.delivery_limit for one in terms],
            "shortest_limit": min(one.delivery_limit for one in terms),
            "term_quarters": [one.quarter for one in terms],
            "term_months": [one.volume_months for one in terms],
            "term_multiples": [one.volume_multiple for one in terms],
            "log_editions": [n for n, _, _ in logs],
            "log_channels": [channel for _, channel, _ in logs],
            "log_kinds": [kind for _, _, kind in logs],
            "cut_customers": [one.customer for one in self.cuts],
            "cut_channels": [one.channel for one in self.cuts],
            "cut_incidents": [one.incident for one in self.cuts],
            "cut_sinces": [one.during.start for one in self.cuts],
            "cut_untils": [one.during.end for one in self.cuts],
            "cut_by_outage": [one.finding is not None and one.finding.by_outage for one in self.cuts],
            "outage_customers": [customer for customer, _ in down],
            "outage_sinces": [span.start for _, span in down],
            "outage_untils": [span.end for _, span in down],
            "off_customers": [one.customer for one in self.off_terms],
            "off_sinces": [one.during.start for one in self.off_terms],
            "off_untils": [one.during.end for one in self.off_terms],
            "otherwise_sources": [source for source, _ in self.otherwise],
            "otherwise_lines": [line for _, line in self.otherwise],
        }


def circumstances_of(customers: Iterable[int], during: Span, now: datetime) -> Circumstances:
    """What is on record at `now` for these customers' alerts whose triggers were received in the span."""
    wanted = list(customers)
    asked = Span(during.start - LOOKS_BACK, max(during.end, now))
    months = months_around(asked.start, asked.end)
    there_is = on_record(wanted, asked, months)
    maintained = maintenance_of_each(wanted, months, now) if there_is.maintenance else dict.fromkeys(wanted, ())
    stretches: dict[int, list[Ground]] = {customer: [] for customer in wanted}
    agreements = agreements_of(wanted)
    for one in ground_of(agreements, asked):
        stretches[one.customer].append(one)
    held = findings_in(wanted, asked.start, asked.end) if there_is.findings else []
    logged = _logged(wanted, asked.start, now) if there_is.downtime else {}
    found = {one: findings_of(held, one, logged.get(one, _NOTHING).spans) for one in wanted} if held else {}
    cuts = [Cut(customer, span) for customer, ran in maintained.items() for span in _cutting(ran, stretches[customer])]
    cuts += [_cut_by(customer, one) for customer, of_one in found.items() for one in of_one]
    outages = {
        customer: tuple(
            outage
            for down in one.by_cause
            for outage in _outages(down, maintained[customer], stretches[customer], now, found.get(customer, ()))
        )
        for customer, one in logged.items()
    }
    return Circumstances(
        ground=tuple(_within(during, stretches)),
        now=now,
        cuts=tuple(cuts),
        outages={customer: _reaching(of_one, during) for customer, of_one in outages.items()},
        off_terms=tuple(off_terms_of(agreements, Span(during.start, asked.end))),
        otherwise=_found_otherwise(wanted, during) if there_is.otherwise else {},
    )


def _within(during: Span, stretches: Mapping[int, Iterable[Ground]]) -> Iterator[Ground]:
    for of_one in stretches.values():
        for one in of_one:
            if part := one.during & during:
                yield replace(one, during=part)


def _cutting(ran: Iterable[Maintenance], stretches: Iterable[Ground]) -> Iterator[Span]:
    """S1, S3: what of a customer's maintenance cuts its delivery periods, at each time by the edition in force then."""
    ran = tuple(ran)
    for one in stretches if ran else ():
        for span in maintenance_account(ran, one.terms).cutting():
            if part := span & one.during:
                yield part


def _outages(
    down: Sequence[Down],
    ran: Iterable[Maintenance],
    stretches: Sequence[Ground],
    now: datetime,
    findings: Iterable[Finding],
) -> tuple[AvailabilityOutage, ...]:
    """S1, S2: a customer's outages, each by the edition in force when it began."""
    found: list[AvailabilityOutage] = []
    findings = tuple(findings)
    for n, one in enumerate(stretches):
        for outage in availability_outages(down, ran, one.terms, now, findings):
            begun = n == 0 or one.during.start <= outage.start
            if begun and (outage.start < one.during.end or n == len(stretches) - 1):
                found.append(outage)
    return tuple(found)


def _found_otherwise(customers: Collection[int], during: Span) -> dict[tuple[int, int], Otherwise]:
    """S8: for the alerts of the span."""
    standing = FoundOtherwise.objects.standing().filter(
        customer__in=customers, received_at__gte=during.start, received_at__lt=during.end
    )
    return _said_anew({(one.source_id, one.line): one.facts() for one in standing.select_related("found_by")})


def _said_anew(found: dict[tuple[int, int], Otherwise]) -> dict[tuple[int, int], Otherwise]:
    """What was found of a notification holds for the line of a later log that says more of it."""
    found, looked_at = dict(found), set(found)
    while looked_at:
        sources, lines = zip(*looked_at, strict=True)
        links = AlertRestated.objects.filter(
            by__state=AlertImportState.IMPORTED, source__in=set(sources), line__in=set(lines)
        )
        before, looked_at = looked_at, set()
        for link in links:
            if (link.source_id, link.line) in before and (link.by_id, link.by_line) not in found:
                found[link.by_id, link.by_line] = found[link.source_id, link.line]
                looked_at.add((link.by_id, link.by_line))
    return found


def _reaching(outages: Iterable[AvailabilityOutage], during: Span) -> tuple[AvailabilityOutage, ...]:
    """S8: those that an alert of the span can lie in, one that waits to this day included."""
    return tuple(one for one in outages if one.end > during.start)


@dataclass(frozen=True, slots=True)
class _Logged:
    """S2: a customer's intervals of the logs, those of each cause for themselves, since only outages of one cause that touch are one; and
    which outage (by key) each is of, as far as it is over or known."""

    by_cause: tuple[tuple[Down, ...], ...] = ()
    spans: tuple[tuple[int, Span], ...] = ()


_NOTHING = _Logged()


def _logged(customers: Iterable[int], since: datetime, now: datetime) -> dict[int, _Logged]:
    """S2: the log intervals of each customer from an instant (UTC) on; what lasts is known until `now`."""
    causes: dict[int, dict[int, list[Down]]] = {}
    spans: dict[int, list[tuple[int, Span]]] = {}
    rows = Downtime.objects.that_count().filter(customer__in=list(customers), during__overlap=(since, None))
    for customer, cause, outage, during in rows.values_list("customer", "outage__cause", "outage", "during"):
        causes.setdefault(customer, {}).setdefault(cause, []).append((during.lower, during.upper))
        if span := span_or_none(during.lower, during.upper or now):
            spans.setdefault(customer, []).append((outage, span))
    return {
        customer: _Logged(tuple(map(tuple, by_cause.values())), tuple(spans.get(customer, ())))
        for customer, by_cause in causes.items()
    }


def _cut_by(customer: int, finding: Finding) -> Cut:
    """S6: as what it is cut out of delivery periods; a failure of the push channel only of those by push."""
    channel = PUSH if finding.kind is ExclusionKind.PUSH_CHANNEL else finding.channel
    return Cut(customer, finding.span, channel or None, finding.incident or None, finding)


def _missing(customer: int, received: datetime) -> Ground:
    raise LookupError(f"nothing is known of customer {customer} at {received}")
