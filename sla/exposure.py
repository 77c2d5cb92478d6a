"""What publishing an outage would open, and what it could cost, customer by customer (S1, S2, S11–S13). Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from entitlements.models import Contract, Customer
from entitlements.rules.refusals import Refusal
from sla.assessment import fee_months_of, pieces_of_each, standing_of, terms_on
from sla.models import Credit, Failure, FailureState, Outage
from sla.rules.claim_window import claim_closes_at, closes_at, is_in_time
from sla.rules.credits import recorded_cap
from sla.rules.exposure import Exposure, most_for_a_customer, totals
from sla.rules.fees import annual_fees
from sla.rules.outages import AvailabilityOutage, Piece
from sla.wording import verdict_on

NOT_LONG_ENOUGH = Refusal("S2", "too_short", "No piece of it is an Availability Outage.", "Nothing is opened for it.")
WINDOW_ENDED = Refusal(
    "S13", "window_ended", "The time to claim has ended already.", "Only a waiver of two people can open it again."
)


@dataclass(frozen=True, slots=True)
class Opened:
    """One contract of a customer: the Availability Outages that stand, the deadline of the claim, and why nothing is opened (None:
    it is). `dropped` are those that occurred while the contract was not on Enterprise terms, each with its reason (S1)."""

    contract: Contract
    outages: tuple[AvailabilityOutage, ...]
    closes_at: datetime | None
    refusal: Refusal | None
    known: Failure | None
    exposure: Exposure | None
    dropped: tuple[tuple[AvailabilityOutage, Refusal], ...] = ()


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
    def exposure(self) -> Exposure | None:
        """The most that it can cost; nothing more where the cause is credited already."""
        open_ones = [one.exposure for one in self.contracts if one.exposure and one.refusal is None]
        return None if self.credit else most_for_a_customer(open_ones)

    @property
    def cannot_be_computed(self) -> bool:
        """S11: a way is opened, and fees or cap are missing."""
        return not self.credit and self.opens and self.exposure is None

    @property
    def opens(self) -> bool:
        return any(one.refusal is None for one in self.contracts)


def opened_by(outage: Outage, now: datetime) -> list[CustomerOpened]:
    """S13: what publishing would open by the logs of this moment, for every customer whom it hit."""
    hit = Customer.objects.filter(pk__in=outage.downtimes.that_count().values("customer")).order_by("name", "pk")
    customers = list(hit)
    pieces = pieces_of_each(outage, customers, now)
    contracts = _contracts_of(customers)
    credits = {
        one.customer_id: one for one in Credit.objects.filter(cause=outage.cause, voided_at=None, customer__in=hit)
    }
    known = known_failures(outage, [one for of_one in contracts.values() for one in of_one])
    return [
        CustomerOpened(
            one,
            pieces[one.pk],
            tuple(opened(contract, pieces[one.pk], known, now) for contract in contracts.get(one.pk, ())),
            credits.get(one.pk),
        )
        for one in customers
    ]


def opened(contract: Contract, pieces: Iterable[Piece], known: dict[int, Failure], now: datetime) -> Opened:
    """S1, S2, S13: what it opens for one contract if it is asked for at `now`: each piece is judged on its own."""
    found = tuple(piece for piece in pieces if isinstance(piece, AvailabilityOutage))
    if not found:
        return Opened(contract, (), None, NOT_LONG_ENOUGH, None, None)
    standings = {one: standing_of(contract, one.occurrence).refusal for one in found}
    dropped = tuple((one, refusal) for one, refusal in standings.items() if refusal)
    outages = tuple(one for one, refusal in standings.items() if refusal is None)
    if not outages:
        return Opened(contract, (), None, dropped[0][1], known.get(contract.pk), None, dropped)
    first = outages[0].occurrence
    terms = terms_on(first, contract)
    ends = [closes_at(one.occurrence, contract.tz_at(one.occurrence), terms) for one in outages]
    failure = known.get(contract.pk)
    deadline = claim_closes_at([*ends, *([failure.closes_at] if failure else [])])
    refusal = None if is_in_time(now, deadline) else WINDOW_ENDED
    fees = annual_fees(fee_months_of(contract), first, contract.tz_at(first), contract.first_day, terms)
    cap = recorded_cap(contract.currency, terms, None)
    exposure = Exposure(contract.order_form, contract.currency, fees, cap, terms)
    return Opened(contract, outages, deadline, refusal, failure, exposure, dropped)


def sums(found: Iterable[CustomerOpened]) -> dict[str, Decimal]:
    """S11: by currency, the most that all of it can cost."""
    return totals(one.exposure for one in found if one.exposure)


def known_failures(outage: Outage, contracts: Iterable[Contract]) -> dict[int, Failure]:
    """S13: what is on record of this outage for these contracts (by key) already, reported by the customer or found by us."""
    found = Failure.objects.filter(outage=outage, contract__in=list(contracts), kind=Failure.Kind.OUTAGE)
    standing = found.exclude(state=FailureState.WITHDRAWN).order_by("-pk")
    return {one.contract_id: one for one in standing.select_related("contract__customer")}


def _contracts_of(customers: Iterable[Customer]) -> dict[int, list[Contract]]:
    found: dict[int, list[Contract]] = {}
    related = ("terms_periods", "suspensions", "fee_months", "zones")
    of_them = Contract.objects.filter(customer__in=list(customers)).select_related("customer")
    for one in of_them.prefetch_related(*related).order_by("pk"):
        found.setdefault(one.customer_id, []).append(one)
    return found
