"""What the rules say of a claim, from the facts on record: the customer's live figures and the reviewer's are this one answer.

Nothing here writes. Facts are loaded and handed to the rules; a decision freezes what came out (`ClaimAssessment.working`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from entitlements.models import Contract
from entitlements.models.worded import read_with, rows_of
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span
from entitlements.rules.working import Step
from sla.evidence.reported import Match, match
from sla.loss_stated import Alike, alike, as_stated_by, claimed_of, loss_of
from sla.models import Claim, Failure, TermsEdition
from sla.models.terms import Editions
from sla.outage_logs import Logs, logs_of_claimed
from sla.rules import assessment as rules
from sla.rules.claim_window import claim_window
from sla.rules.credits import recorded_cap
from sla.rules.emergencies import EmergencyReading
from sla.rules.exclusions import applied
from sla.rules.fees import FeeLine
from sla.rules.lifecycle import reasons_against_approval
from sla.rules.losses import Attempt
from sla.rules.outages import AvailabilityOutage
from sla.rules.remedy import ClaimUnion, Waived, claim_union, failure_of_outage, waived
from sla.rules.remedy import Failure as CountedFailure
from sla.rules.terms import EnterpriseTerms, TermsInForce, terms_for


@dataclass(frozen=True)
class ClaimAssessment:
    """S1, S8–S11 of one claim at one moment. `figures` is None while no failure of it is documented and in time. `summed`: its lines,
    where they were asked for in sums."""

    reference: str
    currency: str
    editions: Editions
    edition: TermsEdition
    standing: TermsInForce
    union: ClaimUnion
    figures: rules.Assessment | None
    claimed: Decimal
    zone: ZoneInfo
    is_open: bool
    has_cap: bool
    undated_status: str = ""
    alerts: tuple[Match, ...] = ()
    emergencies: tuple[EmergencyReading, ...] = ()
    dropped: tuple[Step, ...] = ()
    goodwill: tuple[Waived, ...] = ()
    exclusions: tuple[Step, ...] = ()
    logs: tuple[tuple[Failure, Logs], ...] = ()
    summed: tuple[Alike, ...] = ()

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
                *(one.working for one in self.goodwill),
                *self.exclusions,
                *(reading.working for reading in self.emergencies),
            ),
        )


@dataclass(frozen=True)
class WhatCounts:
    """S1, S2, S8: which failures of a claim count, and when, before any loss is looked at. `zone`: the contract's at the failure,
    as `stated`. `dropped` and `goodwill` are why one of them does not count, or does after all."""

    editions: Editions
    edition: TermsEdition
    terms: EnterpriseTerms
    zone: ZoneInfo
    stated: datetime
    committed: datetime
    failures: Sequence[Failure]
    logs: tuple[tuple[Failure, Logs], ...]
    alerts: tuple[Match, ...]
    standings: Mapping[datetime, TermsInForce]
    counted: Sequence[CountedFailure]
    union: ClaimUnion
    dropped: tuple[Step, ...]
    goodwill: tuple[Waived, ...]
    is_open: bool

    @property
    def remedy(self) -> tuple[Span, ...]:
        """S8: the times in which what was attempted counts; none while no failure counts."""
        return self.union.counted.spans


def what_counts(
    claim: Claim,
    *,
    now: datetime,
    as_stated: bool = False,
    emergencies_cut: bool = True,
    failures: Sequence[Failure] | None = None,
) -> WhatCounts:
    """What of a claim counts by what is on record at `now` (UTC); the rest as for `assess`."""
    contract = claim.contract
    failures = claim.read_failures() if failures is None else failures
    stated = min(failure.occurred_at for failure in failures)
    zone = contract.tz_at(stated)
    editions = TermsEdition.objects.by_day()
    edition = editions.in_force_on(local_day(stated, zone))
    terms = edition.facts()
    logs = logs_of_claimed(failures, contract.customer, terms, now)
    logged = _claimed(logs, terms, emergencies_cut=emergencies_cut)
    alerts = tuple(match(failure, now) for failure in failures if failure.kind == Failure.Kind.ALERT)
    counted = _counted(logged, alerts)
    if as_stated:
        unknown = _not_in_the_logs(failures, logs, alerts, emergencies_cut=emergencies_cut)
        counted += [one for failure in unknown for one in as_stated_by(failure, terms, now)]
    committed = claim.received_at or now
    standings = standings_of(contract, [stated, *(one.occurrence for one in counted)])
    kept, dropped = _on_enterprise_terms(counted, standings)
    counted, goodwill = waived(kept, committed, zone, terms) if claim.waived_at else (kept, ())
    return WhatCounts(
        editions=editions,
        edition=edition,
        terms=terms,
        zone=zone,
        stated=stated,
        committed=committed,
        failures=failures,
        logs=logs,
        alerts=alerts,
        standings=standings,
        counted=counted,
        union=claim_union(counted, committed, zone, terms),
        dropped=dropped,
        goodwill=goodwill,
        is_open=any(piece.open for _, piece, _ in logged) or any(matched.is_open for matched in alerts),
    )


def assess(
    claim: Claim,
    *,
    now: datetime,
    as_stated: bool = False,
    emergencies_cut: bool = True,
    in_sums: bool = False,
    failures: Sequence[Failure] | None = None,
) -> ClaimAssessment:
    """The claim judged on what is on record at `now` (UTC); a draft as if it were sent now.

    `as_stated`: a failure that our logs do not have counts by the customer's own times. That is for the customer's figures,
    never for a decision. `emergencies_cut` False: S3 read the other way, for the figure beside the one that counts. `in_sums`: the
    same figures, whose working has no single line, for a page: it takes no longer for 50,000 than for one. `failures`: its own,
    where they are read.
    """
    contract = claim.contract
    found = what_counts(claim, now=now, as_stated=as_stated, emergencies_cut=emergencies_cut, failures=failures)
    in_sums = in_sums and claim.method == Claim.Method.TRANSACTIONS
    summed = tuple(alike(claim, found.remedy)) if in_sums else ()
    loss = loss_of(claim, [one.as_one() for one in summed] if in_sums else None, found.zone)
    cap = cap_of(claim, found.terms)
    return ClaimAssessment(
        reference=claim.reference,
        currency=contract.currency,
        editions=found.editions,
        edition=found.edition,
        standing=found.standings[found.union.counted.first_occurrence or found.stated],
        union=found.union,
        figures=_figures(claim, found, loss, cap) if found.union.counted.failures else None,
        claimed=claimed_of(loss, found.failures, found.zone, found.terms, found.committed),
        is_open=found.is_open,
        alerts=found.alerts,
        has_cap=cap is not None,
        undated_status=_undated_status(contract, local_day(now, contract.tz)),
        emergencies=tuple(reading for _, logs in found.logs if (reading := logs.reading).matters),
        dropped=found.dropped,
        goodwill=found.goodwill,
        exclusions=_exclusions(found.logs, found.alerts),
        zone=found.zone,
        logs=found.logs,
        summed=summed,
    )


def _figures(
    claim: Claim, found: WhatCounts, loss: list[Attempt] | rules.Rates, cap: Decimal | None
) -> rules.Assessment:
    """S9–S12: what the rules give, with the fees of the contract and what other claims of it have had."""
    contract = claim.contract
    return rules.assess(
        found.counted,
        found.committed,
        found.zone,
        found.terms,
        loss=loss,
        months=fee_months_of(contract),
        start=contract.first_day,
        cap=cap,
        credited_before=_credited_for_other_causes(claim),
    )


def _counted(
    logged: Iterable[tuple[Failure, AvailabilityOutage, datetime]], alerts: Iterable[Match]
) -> list[CountedFailure]:
    """What the logs have of the claim's failures: the pieces of outages, numbered, each to its own deadline, and the late alerts."""
    of_outages = [
        failure_of_outage(f"{failure.reference}/{n}", piece, deadline=deadline)
        for n, (failure, piece, deadline) in enumerate(logged, start=1)
    ]
    return of_outages + [one for matched in alerts for one in matched.counted()]


def _not_in_the_logs(
    failures: Iterable[Failure],
    logs: Iterable[tuple[Failure, Logs]],
    alerts: Iterable[Match],
    *,
    emergencies_cut: bool,
) -> list[Failure]:
    known = {failure.pk for failure, found in logs if found.is_cut or found.outages(emergencies_cut=emergencies_cut)}
    known |= {matched.failure.pk for matched in alerts if matched.found}
    return [failure for failure in failures if failure.pk not in known]


def _exclusions(logs: Iterable[tuple[Failure, Logs]], alerts: Iterable[Match]) -> tuple[Step, ...]:
    """S6: what excluded anything of the claim's failures: nothing is excluded silently."""
    of_outages = [applied(failure.reference, found.source.exclusions()) for failure, found in logs]
    of_alerts = [
        applied(f"{matched.failure.reference}/{n}", one.delivery.exclusions())
        for matched in alerts
        for n, one in enumerate(matched.found, start=1)
        if one.is_late
    ]
    return tuple(step for step in (*of_outages, *of_alerts) if step)


def cap_of(claim: Claim, terms: EnterpriseTerms) -> Decimal | None:
    """S11: the cap in the contract's currency; None where it is another than the cap's and nothing is recorded for the claim yet."""
    currency = claim.contract.currency
    recorded = None if currency == terms.credit_cap_currency else claim.recorded_caps.first()
    return recorded_cap(currency, terms, recorded.facts() if recorded else None)


def terms_on(instant: datetime, contract: Contract) -> EnterpriseTerms:
    """S1: the figures of the edition in force on the day of an instant, in the contract's zone."""
    return TermsEdition.objects.in_force_on(local_day(instant, contract.tz_at(instant))).facts()


def read_what_judges(contract: Contract) -> None:
    """For a page: all of the contract that a claim is judged by, read once. Not for an act, which must see what it has changed itself."""
    read_with([contract], "zones", "terms_periods", "suspensions", "fee_months")


def standing_of(contract: Contract, occurrence: datetime) -> TermsInForce:
    """S1: the terms that the contract is on at the instant of an occurrence."""
    return standings_of(contract, [occurrence])[occurrence]


def standings_of(contract: Contract, occurrences: Iterable[datetime]) -> dict[datetime, TermsInForce]:
    """S1: as `standing_of`, for many instants at once."""
    periods = [(period.days.lower, period.terms) for period in rows_of(contract, "terms_periods")]
    suspensions = [(one.first_day, one.last_day) for one in rows_of(contract, "suspensions")]
    return {
        one: terms_for(one, contract.tz_at(one), contract.first_day, contract.last_day, periods, suspensions)
        for one in occurrences
    }


def fee_months_of(contract: Contract) -> dict[date, list[FeeLine]]:
    """S11: the months of fees on record, as the rule reads them."""
    months: dict[date, list[FeeLine]] = {}
    for row in rows_of(contract, "fee_months"):
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
    """S1: how a contract stands that is held today, where no dated suspension says since when; empty otherwise. One that was
    terminated has the last day of its term on record."""
    if contract.status != Contract.Status.SUSPENDED:
        return ""
    dated = any(one.last_day is None or one.last_day >= today for one in contract.suspensions.all())
    return "" if dated else contract.get_status_display().lower()


def _credited_for_other_causes(claim: Claim) -> Decimal:
    """S11: what was granted and stands, in the claim's currency, whatever of it went into invoices; feeds only the other reading of
    the cap."""
    currency, entries = claim.contract.currency, rows_of(claim.contract.customer, "credit_entries", "credit")
    granted = (one for one in entries if one.memo is not None and one.currency == currency)
    return max(
        sum((one.amount for one in granted if one.credit.cause_id != claim.cause_id), Decimal("0.00")), Decimal(0)
    )
