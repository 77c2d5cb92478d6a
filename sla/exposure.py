"""What publishing an outage would open, and what it could cost, customer by customer (S1, S2, S11–S13). Nothing here writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet

from entitlements.models import Contract, Customer
from entitlements.rules.refusals import Refusal
from sla.assessment import fee_months_of, standings_of
from sla.models import ClaimFailure, ClaimState, Credit, Failure, FailureState, Outage, TermsEdition
from sla.models.terms import Editions
from sla.outage_logs import Logs, logs_of_each
from sla.rules.claim_window import claim_closes_at, closes_at, is_in_time
from sla.rules.credits import recorded_cap
from sla.rules.exposure import Exposure, most_for_a_customer, totals
from sla.rules.fees import annual_fees
from sla.rules.outages import AvailabilityOutage, Piece
from sla.rules.terms import EnterpriseTerms
from sla.wording import verdict_on

NOT_LONG_ENOUGH = Refusal("S2", "too_short", "No piece of it is an Availability Outage.", "Nothing is opened for it.")
WINDOW_ENDED = Refusal(
    "S13", "window_ended", "The time to claim has ended already.", "Only a waiver of two people can open it again."
)
CREDITED = Refusal("S12", "credited", "The cause is credited already.", "One cause has a single credit.")

Dropped = tuple[tuple[AvailabilityOutage, Refusal], ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """One contract of a customer: the Availability Outages that stand, the deadline of the claim, and why nothing is opened (None:
    it is). `known` is the failure that is on record for them. `dropped` are those that can not be claimed, each with its reason:
    they occurred while the contract was not on Enterprise terms (S1), or their window has ended (S13)."""

    contract: Contract
    outages: tuple[AvailabilityOutage, ...]
    closes_at: datetime | None
    refusal: Refusal | None
    known: Failure | None
    exposure: Exposure | None
    dropped: Dropped = ()


@dataclass(frozen=True, slots=True)
class CustomerOpened:
    """What the outage opens for one customer, who has a single credit for its cause (S12)."""

    customer: Customer
    pieces: tuple[Piece, ...]
    contracts: tuple[Opened, ...]
    credit: Credit | None

    @property
    def verdicts(self) -> list[str]:
        return [verdict_on(one) for one in self.pieces]

    @property
    def exposures(self) -> tuple[Exposure, ...]:
        """The most that it can cost, in each currency of its contracts: there is one credit, under one of them."""
        return most_for_a_customer(one.exposure for one in self._opening if one.exposure)

    @property
    def cannot_be_computed(self) -> bool:
        """S11: a way is opened, and fees or cap are missing."""
        return any(one.exposure is None or one.exposure.most is None for one in self._opening)

    @property
    def opens(self) -> bool:
        return bool(self._opening)

    @property
    def _opening(self) -> list[Opened]:
        return [one for one in self.contracts if one.refusal is None]


def opened_by(outage: Outage, now: datetime) -> list[CustomerOpened]:
    """S13: what publishing would open by the logs of this moment, for every customer whom it hit."""
    hit = Customer.objects.filter(pk__in=outage.downtimes.that_count().values("customer")).order_by("name", "pk")
    customers = list(hit)
    logs, contracts = logs_of_each(outage, customers, now), _contracts_of(customers)
    known = known_failures(logs, [one for of_one in contracts.values() for one in of_one])
    credits, editions = credits_for(outage, customers), TermsEdition.objects.by_day()
    found = []
    for one in customers:
        credit = credits.get(one.pk)
        each = (
            opened(contract, logs[one.pk], known.get(contract.pk, ()), credit, now, editions)
            for contract in contracts.get(one.pk, ())
        )
        found.append(CustomerOpened(one, logs[one.pk].pieces, tuple(each), credit))
    return found


def opened(
    contract: Contract, logs: Logs, known: Sequence[Failure], credit: Credit | None, now: datetime, editions: Editions
) -> Opened:
    """S1, S2, S12, S13: what it opens for one contract if it is asked for at `now`: each piece is judged on its own.

    `known` is what is on record of it for the contract. What came after all windows of that had ended is a failure of its own.
    """
    found = replace(logs, terms=editions.on(logs.began or now, contract)).outages()
    if not found:
        return Opened(contract, (), None, NOT_LONG_ENOUGH, None, None)
    failure = _takes_claims(known, now)
    outages, dropped = _on_enterprise_terms(contract, found)
    if not outages:
        return Opened(contract, (), None, dropped[0][1], failure, None, dropped)
    terms = editions.on(outages[0].occurrence, contract)
    if known and failure is None:
        outages, late = _after(known, contract, outages, terms)
        dropped += late
    if not outages:
        return Opened(contract, (), None, WINDOW_ENDED, known[-1], None, dropped)
    ends = [_end(one.occurrence, contract, terms) for one in outages]
    deadline = claim_closes_at([*ends, *([failure.closes_at] if failure else [])])
    refusal = CREDITED if credit else None if is_in_time(now, deadline) else WINDOW_ENDED
    return Opened(contract, outages, deadline, refusal, failure, _exposure(contract, outages[0], terms), dropped)


def sums(found: Iterable[CustomerOpened]) -> dict[str, Decimal]:
    """S11: by currency, the most that all of it can cost."""
    return totals(exposure for one in found for exposure in one.exposures)


def known_failures(logs: Mapping[int, Logs], contracts: Iterable[Contract]) -> dict[int, list[Failure]]:
    """S2, S13: what is on record for these contracts (by key) already, reported by the customer or found by us, of what the logs
    of their customers (by key) are one outage of. The oldest first, `with_pending_claims`."""
    contracts = list(contracts)
    outages = {outage for one in logs.values() for outage in one.of}
    found = Failure.objects.filter(outage__in=outages, contract__in=contracts, kind=Failure.Kind.OUTAGE)
    standing = with_pending_claims(found.exclude(state=FailureState.WITHDRAWN))
    known: dict[int, list[Failure]] = {}
    for one in standing.select_related("contract__customer").order_by("pk"):
        if one.outage_id in logs[one.contract.customer_id].of:
            known.setdefault(one.contract_id, []).append(one)
    return known


def with_pending_claims(failures: QuerySet[Failure]) -> QuerySet[Failure]:
    """S13: each with `is_pending`: a claim for it was received and not denied."""
    received = ClaimFailure.objects.filter(
        failure=OuterRef("pk"), released_at__isnull=True, claim__received_at__isnull=False
    )
    return failures.annotate(is_pending=Exists(received.exclude(claim__state=ClaimState.DENIED)))


def credits_for(outage: Outage, customers: Collection[Customer]) -> dict[int, Credit]:
    """S12: the credit that each of these customers (by key) has for the cause of an outage already."""
    found = Credit.objects.filter(cause__outages=outage, voided_at=None, customer__in=customers)
    return {one.customer_id: one for one in found}


def _takes_claims(known: Iterable[Failure], now: datetime) -> Failure | None:
    """S13: the failure under which all of it can still be claimed, or is; None where every window had ended by `now`, whether or not
    the sweep has come by."""
    open_ones = [one for one in known if is_in_time(now, one.closes_at) or one.is_pending]  # type: ignore[attr-defined]
    return open_ones[0] if open_ones else None


def _on_enterprise_terms(
    contract: Contract, found: Sequence[AvailabilityOutage]
) -> tuple[tuple[AvailabilityOutage, ...], Dropped]:
    standings = standings_of(contract, [one.occurrence for one in found])
    kept = tuple(one for one in found if standings[one.occurrence].refusal is None)
    return kept, tuple((one, refusal) for one in found if (refusal := standings[one.occurrence].refusal))


def _after(
    known: Iterable[Failure], contract: Contract, outages: Sequence[AvailabilityOutage], terms: EnterpriseTerms
) -> tuple[tuple[AvailabilityOutage, ...], Dropped]:
    """S13: of these the ones whose own window ends later than all of the failures on record, and the others with the reason."""
    over = max(max(one.closes_at, _end(one.occurred_at, contract, terms)) for one in known)
    later = tuple(one for one in outages if _end(one.occurrence, contract, terms) > over)
    return later, tuple((one, WINDOW_ENDED) for one in outages if one not in later)


def _end(occurrence: datetime, contract: Contract, terms: EnterpriseTerms) -> datetime:
    return closes_at(occurrence, contract.tz_at(occurrence), terms)


def _exposure(contract: Contract, first: AvailabilityOutage, terms: EnterpriseTerms) -> Exposure:
    at = first.occurrence
    fees = annual_fees(fee_months_of(contract), at, contract.tz_at(at), contract.first_day, terms)
    return Exposure(contract.order_form, contract.currency, fees, recorded_cap(contract.currency, terms, None), terms)


def _contracts_of(customers: Iterable[Customer]) -> dict[int, list[Contract]]:
    found: dict[int, list[Contract]] = {}
    related = ("terms_periods", "suspensions", "fee_months", "zones")
    of_them = Contract.objects.filter(customer__in=list(customers)).select_related("customer")
    for one in of_them.prefetch_related(*related).order_by("pk"):
        found.setdefault(one.customer_id, []).append(one)
    return found
