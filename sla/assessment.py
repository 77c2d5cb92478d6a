"""What the rules say of a claim, from the facts on record: the customer's live figures and the reviewer's are this one answer.

Nothing here writes. Facts are loaded and handed to the rules; a decision freezes what came out (`ClaimAssessment.working`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from django.db.models import Sum

from entitlements.models import Contract, Customer
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span
from entitlements.rules.working import Step
from sla.evidence.reported import Match, match
from sla.loss_stated import as_stated_by, claimed_of, loss_of
from sla.maintenance import maintenance_of, maintenance_of_each, months_around, terms_of
from sla.models import Claim, CreditEntry, Downtime, Failure, LostTransaction, Outage, TermsEdition
from sla.rules import assessment as rules
from sla.rules.claim_window import claim_window
from sla.rules.credits import recorded_cap
from sla.rules.fees import FeeLine
from sla.rules.lifecycle import reasons_against_approval
from sla.rules.maintenance import Maintenance, maintenance_account
from sla.rules.outages import (
    STATED_WITHIN,
    AvailabilityOutage,
    Down,
    EmergencyReading,
    ShortPiece,
    Unavailability,
    distance_from_stated,
    emergency_reading,
    joined,
    pieces,
)
from sla.rules.remedy import ClaimUnion, claim_union, failure_of_outage
from sla.rules.remedy import Failure as CountedFailure
from sla.rules.terms import EnterpriseTerms, TermsInForce, terms_for


@dataclass(frozen=True)
class ClaimAssessment:
    """S1, S8–S11 of one claim at one moment. `figures` is None while no failure of it is documented and in time."""

    reference: str
    currency: str
    edition: TermsEdition
    standing: TermsInForce
    union: ClaimUnion
    figures: rules.Assessment | None
    claimed: Decimal
    is_open: bool
    has_cap: bool
    undated_status: str = ""
    alerts: tuple[Match, ...] = ()
    emergencies: tuple[EmergencyReading, ...] = ()
    dropped: tuple[Step, ...] = ()

    @property
    def assessed(self) -> Decimal:
        """S19: the loss that counts; nothing while no failure is documented."""
        return self.figures.assessed if self.figures else Decimal("0.00")

    @property
    def capped(self) -> Decimal | None:
        """S19: the loss within its three bounds; None where that cannot be computed."""
        return self.figures.capped if self.figures else None

    @property
    def obstacles(self) -> list[Refusal]:
        """S19: what stands against an approval: it needs a documented failure that is over, and a documented amount."""
        found = [self.standing.refusal]
        if self.undated_status:
            found.append(
                Refusal(
                    "S1",
                    "undated_suspension",
                    f"The contract is {self.undated_status}; since when is not on record.",
                    "Record its days first: they decide whether this occurred while it ran.",
                )
            )
        found += reasons_against_approval(
            documented_failure=self.figures is not None,
            documented_amount=self.figures is None or bool(self.figures.assessed),
            still_open=self.is_open,
        )
        found.append(self.figures.credit.refusal if self.figures else None)
        if not self.has_cap:
            found.append(
                Refusal(
                    "S11", "no_cap", f"No cap in {self.currency} is recorded.", "Record the sum with its rate and date."
                )
            )
        return [refusal for refusal in found if refusal]

    @cached_property
    def working(self) -> Step:
        """The whole way from the logs to the credit, as one tree."""
        return Step(
            "claim",
            "S11",
            self.capped,
            inputs=(
                ("reference", self.reference),
                ("currency", self.currency),
                ("claimed", self.claimed),
                *((("contract", self.undated_status),) if self.undated_status else ()),
            ),
            steps=(
                self.standing.working,
                (self.figures or self.union).working,
                *self.dropped,
                *(reading.working for reading in self.emergencies),
            ),
        )


def assess(
    claim: Claim,
    *,
    now: datetime,
    as_stated: bool = False,
    emergencies_cut: bool = True,
    lines: Iterable[LostTransaction] | None = None,
) -> ClaimAssessment:
    """The claim judged on what is on record at `now` (UTC); a draft as if it were sent now.

    `as_stated`: a failure that our logs do not have counts by the customer's own times. That is for the customer's figures,
    never for a decision. `emergencies_cut` False: S3 read the other way, for the figure beside the one that counts. `lines`: by
    these lost transactions alone, for a page that lists no others; the sums are then theirs.
    """
    contract = claim.contract
    failures = list(claim.failures.select_related("outage", "contract__customer"))
    stated = min(failure.occurred_at for failure in failures)
    zone = contract.tz_at(stated)
    edition = TermsEdition.objects.in_force_on(local_day(stated, zone))
    terms = edition.facts()
    logs = [(failure, found) for failure in failures if (found := logs_of(failure, terms, now))]
    logged = _claimed(logs, terms, emergencies_cut=emergencies_cut)
    counted = [
        failure_of_outage(f"{failure.reference}/{n}", piece, deadline=deadline)
        for n, (failure, piece, deadline) in enumerate(logged, start=1)
    ]
    alerts = tuple(match(failure, now) for failure in failures if failure.kind == Failure.Kind.ALERT)
    counted += [one for matched in alerts for one in matched.counted()]
    if as_stated:
        known = {failure.pk for failure, found in logs if found.outages(emergencies_cut=emergencies_cut)}
        known |= {matched.failure.pk for matched in alerts if matched.found}
        counted += [one for failure in failures if failure.pk not in known for one in as_stated_by(failure, terms, now)]
    committed = claim.received_at or now
    standings = standings_of(contract, [stated, *(one.occurrence for one in counted)])
    counted, dropped = _on_enterprise_terms(counted, standings)
    union = claim_union(counted, committed, zone, terms)
    loss = loss_of(claim, lines)
    cap = recorded_cap(contract.currency, terms, None)
    figures = None
    if union.counted.failures:
        figures = rules.assess(
            counted,
            committed,
            zone,
            terms,
            loss=loss,
            months=fee_months_of(contract),
            start=contract.first_day,
            cap=cap,
            credited_before=_credited_for_other_causes(claim),
        )
    return ClaimAssessment(
        reference=claim.reference,
        currency=contract.currency,
        edition=edition,
        standing=standings[union.counted.first_occurrence or stated],
        union=union,
        figures=figures,
        claimed=claimed_of(loss, failures, zone, terms, committed),
        is_open=any(piece.open for _, piece, _ in logged) or any(matched.is_open for matched in alerts),
        alerts=alerts,
        has_cap=cap is not None,
        undated_status=_undated_status(contract, local_day(now, contract.tz)),
        emergencies=tuple(reading for _, found in logs if (reading := found.reading).matters),
        dropped=dropped,
    )


def terms_on(instant: datetime, contract: Contract) -> EnterpriseTerms:
    """S1: the figures of the edition in force on the day of an instant, in the contract's zone."""
    return TermsEdition.objects.in_force_on(local_day(instant, contract.tz_at(instant))).facts()


@dataclass(frozen=True)
class Logs:
    """S2, S3: what our records have of one outage for one customer: the intervals of the logs, and the maintenance around them.

    `asked` ends what is still down; None where nothing is. `of` (keys): it, and those of the same cause that are one with it.
    """

    down: tuple[Down, ...]
    maintenance: tuple[Maintenance, ...]
    terms: EnterpriseTerms
    asked: datetime | None
    of: frozenset[int] = frozenset()

    @property
    def pieces(self) -> tuple[AvailabilityOutage | ShortPiece, ...]:
        return pieces(self.down, self.maintenance, self.terms, self.asked)

    @property
    def began(self) -> datetime | None:
        return min((start for start, _ in self.down), default=None)

    @property
    def logged(self) -> tuple[Span, ...]:
        """S2: the intervals of the logs once those that overlap or touch are one, with nothing cut out."""
        return Unavailability(self.down, maintenance_account((), self.terms), (), self.terms, self.asked).logged

    @cached_property
    def reading(self) -> EmergencyReading:
        """S3: with emergencies cut out, and without."""
        return emergency_reading(self.down, self.maintenance, self.terms, self.asked)

    def outages(self, *, emergencies_cut: bool = True) -> tuple[AvailabilityOutage, ...]:
        return self.reading.taken if emergencies_cut else self.reading.other


def logs_of(failure: Failure, terms: EnterpriseTerms, now: datetime) -> Logs | None:
    """S2: what our records have of a reported failure; None for an alert or while no outage is assigned."""
    return logs_on(failure.outage, failure.contract.customer, terms, now) if failure.outage else None


def logs_on(outage: Outage, customer: Customer, terms: EnterpriseTerms, now: datetime) -> Logs:
    """S2, S3: what our records have of an outage for a customer by `now` (UTC), with those of its cause that are one with it."""
    of_the_cause = Downtime.objects.of(customer).filter(outage__cause__outages=outage)
    down, outages = _joined(outage, of_the_cause)
    return Logs(down, maintenance_of(customer, down, now), terms, _asked(down, now), outages)


def _joined(outage: Outage, of_the_cause: Iterable[Downtime]) -> tuple[tuple[Down, ...], frozenset[int]]:
    """S2: the intervals of one customer that are one with those of the outage, and of which outages (keys) they are."""
    rows = [((one.start, one.end), one.outage_id) for one in of_the_cause]
    down = joined((one for one, key in rows if key == outage.pk), (one for one, key in rows if key != outage.pk))
    return down, frozenset(key for one, key in rows if one in down)


def _asked(down: Iterable[Down], now: datetime) -> datetime | None:
    return now if any(end is None for _, end in down) else None


def pieces_of(failure: Failure, terms: EnterpriseTerms, now: datetime) -> tuple[AvailabilityOutage | ShortPiece, ...]:
    """S2: every piece of the outage that a failure was matched with, also one that is too short to count."""
    found = logs_of(failure, terms, now)
    return found.pieces if found else ()


def logged_pieces(
    outage: Outage, customer: Customer, terms: EnterpriseTerms, now: datetime
) -> tuple[AvailabilityOutage | ShortPiece, ...]:
    """S2, S3: every piece of an outage that our logs have for a customer, once maintenance is cut out."""
    return logs_on(outage, customer, terms, now).pieces


def logs_of_each(outage: Outage, customers: Collection[Customer], now: datetime) -> dict[int, Logs]:
    """S2, S3: as `logs_on`, for many customers (by key) at once; the figures are those of the vendor's day of its beginning."""
    rows: dict[int, list[Downtime]] = {one.pk: [] for one in customers}
    for row in Downtime.objects.that_count().filter(outage__cause__outages=outage, customer__in=rows):
        rows[row.customer_id].append(row)
    logged = {customer: _joined(outage, of_one) for customer, of_one in rows.items()}
    instants = [at for down, _ in logged.values() for start, end in down for at in (start, end or max(now, start))]
    if not instants:
        return {}
    maintenance = maintenance_of_each(list(logged), months_around(min(instants), max(instants)), now)
    terms = terms_of(min(instants))
    return {
        customer: Logs(down, maintenance[customer], terms, _asked(down, now), outages)
        for customer, (down, outages) in logged.items()
    }


def outage_known_for(failure: Failure) -> Outage | None:
    """S2: the outage that a report was matched with, or one that our logs have at its time by now; it need not count."""
    if failure.outage or failure.kind != Failure.Kind.OUTAGE:
        return failure.outage
    until = failure.ended_at or failure.began_at + STATED_WITHIN
    at_that_time = Downtime.objects.of(failure.contract.customer).touching(failure.began_at, until)
    known = at_that_time.select_related("outage").first()
    return known.outage if known else None


def outage_stated(
    contract: Contract, began_at: datetime, ended_at: datetime | None, terms: EnterpriseTerms, now: datetime
) -> tuple[Outage, AvailabilityOutage] | None:
    """S2, S5: the outage that our logs have for this customer at the stated time, with the piece of it that lies nearest."""
    customer = contract.customer
    window = (began_at - STATED_WITHIN, ended_at or began_at + STATED_WITHIN)
    near = Outage.objects.filter(pk__in=Downtime.objects.of(customer).touching(*window).values("outage"))
    found = [
        (distance, piece.start, outage.pk, outage, piece)
        for outage in near.select_related("cause")
        for piece in logged_pieces(outage, customer, terms, now)
        if isinstance(piece, AvailabilityOutage)
        and (distance := distance_from_stated(piece, began_at, ended_at)) is not None
    ]
    return min(found, key=lambda one: one[:3])[3:] if found else None


def standing_of(contract: Contract, occurrence: datetime) -> TermsInForce:
    """S1: the terms that the contract is on at the instant of an occurrence."""
    return standings_of(contract, [occurrence])[occurrence]


def standings_of(contract: Contract, occurrences: Iterable[datetime]) -> dict[datetime, TermsInForce]:
    """S1: as `standing_of`, for many instants at once."""
    periods = [(period.days.lower, period.terms) for period in contract.terms_periods.all()]
    suspensions = [(one.first_day, one.last_day) for one in contract.suspensions.all()]
    return {
        one: terms_for(one, contract.tz_at(one), contract.first_day, contract.last_day, periods, suspensions)
        for one in occurrences
    }


def fee_months_of(contract: Contract) -> dict[date, list[FeeLine]]:
    """S11: the months of fees on record, as the rule reads them."""
    months: dict[date, list[FeeLine]] = {}
    for row in contract.fee_months.all():
        line = FeeLine(row.cost_per_seat, row.paid_seats, row.first_day, row.last_day)
        months.setdefault(row.month, []).append(line)
    return months


def failure_named(counted: CountedFailure) -> str:
    """The reference of the reported failure that a counted one belongs to."""
    return counted.key.partition("/")[0]


def _claimed(
    logs: Iterable[tuple[Failure, Logs]], terms: EnterpriseTerms, *, emergencies_cut: bool
) -> list[tuple[Failure, AvailabilityOutage, datetime]]:
    """S2, S13: each Availability Outage of a claim's failures once, with the end of its own window. One that two of the failures
    have in common counts by the later of what was told of them."""
    found: dict[Span, tuple[Failure, AvailabilityOutage, datetime]] = {}
    for failure, of_it in logs:
        outages = of_it.outages(emergencies_cut=emergencies_cut)
        windows = [claim_window(one.occurrence, failure.contract.tz_at(one.occurrence), terms) for one in outages]
        for piece, deadline in zip(outages, failure.told(terms).deadlines(windows), strict=True):
            first, _, known = found.get(piece.span, (failure, piece, deadline))
            found[piece.span] = first, piece, max(known, deadline)
    return list(found.values())


def _on_enterprise_terms(
    counted: list[CountedFailure], standings: Mapping[datetime, TermsInForce]
) -> tuple[list[CountedFailure], tuple[Step, ...]]:
    """S1: those that occurred on Enterprise terms, and why each of the others is not counted. If none did, the claim as a whole is
    refused, and its figures are shown beside the refusal."""
    kept = [one for one in counted if standings[one.occurrence].refusal is None]
    if not kept:
        return counted, ()
    return kept, tuple(_dropped(one, refusal) for one in counted if (refusal := standings[one.occurrence].refusal))


def _dropped(one: CountedFailure, refusal: Refusal) -> Step:
    inputs = (("key", one.key), ("occurrence", one.occurrence), ("not counted", one.remedy))
    return Step("not on Enterprise terms", refusal.clause, refusal.sentence, inputs=inputs)


def _undated_status(contract: Contract, today: date) -> str:
    """S1: how a contract stands that does not run today, where no dated suspension says since when; empty otherwise."""
    if contract.status == Contract.Status.ACTIVE:
        return ""
    dated = any(one.last_day is None or one.last_day >= today for one in contract.suspensions.all())
    return "" if dated else contract.get_status_display().lower()


def _credited_for_other_causes(claim: Claim) -> Decimal:
    """S11: feeds only the other reading of the cap."""
    others = CreditEntry.objects.filter(customer=claim.contract.customer).exclude(credit__cause=claim.cause_id)
    return max(others.aggregate(sum=Sum("amount", default=Decimal(0)))["sum"], Decimal(0))
