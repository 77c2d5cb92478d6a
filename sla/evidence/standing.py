"""When a customer was not on Enterprise terms, so that what failed then cannot be claimed (S1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from entitlements.models import Contract
from entitlements.rules.days import first_instant
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span
from sla.rules.terms import terms_for

NO_CONTRACT = Refusal("S1", "no_contract", "The customer had no contract then.")
_DAY, _NEAR = timedelta(days=1), timedelta(days=2)


@dataclass(frozen=True, slots=True)
class OffTerms:
    """S1: a stretch of time (UTC) in which none of the customer's contracts was on Enterprise terms, and why not."""

    customer: int
    during: Span
    refusal: Refusal


def off_terms_of(customers: Iterable[int], during: Span) -> Iterator[OffTerms]:
    """S1: of each customer the stretches of the span that occurrences do not count in. Of several contracts one is enough."""
    contracts: dict[int, list[Contract]] = {customer: [] for customer in customers}
    rows = Contract.objects.filter(customer__in=contracts).order_by("term", "pk")
    for contract in rows.prefetch_related("zones", "terms_periods", "suspensions"):
        contracts[contract.customer_id].append(contract)
    for customer, of_one in contracts.items():
        yield from (OffTerms(customer, *one) for one in _stretches(of_one, during))


def _stretches(contracts: Sequence[Contract], during: Span) -> list[tuple[Span, Refusal]]:
    borders = sorted({during.start, during.end, *(at for one in contracts for at in _borders(one, during))})
    found: list[tuple[Span, Refusal]] = []
    for start, end in pairwise(borders):
        refusal = _refusal(contracts, start)
        if refusal and found and found[-1][0].end == start and found[-1][1] == refusal:
            found[-1] = (Span(found[-1][0].start, end), refusal)
        elif refusal:
            found.append((Span(start, end), refusal))
    return found


def _refusal(contracts: Sequence[Contract], instant: datetime) -> Refusal | None:
    """Of the contract that speaks for most: one that ran rather than one that did not."""
    refusals = [one for contract in contracts if (one := _of_contract(contract, instant))]
    if not contracts:
        return NO_CONTRACT
    if len(refusals) < len(contracts):
        return None
    return min(refusals, key=lambda one: one.code == "outside_term")


def _of_contract(contract: Contract, instant: datetime) -> Refusal | None:
    periods = [(one.days.lower, one.terms) for one in contract.terms_periods.all()]
    suspensions = [(one.first_day, one.last_day) for one in contract.suspensions.all()]
    zone = contract.tz_at(instant)
    return terms_for(instant, zone, contract.first_day, contract.last_day, periods, suspensions).refusal


def _borders(contract: Contract, during: Span) -> Iterator[datetime]:
    """Every instant within the span from which it can stand otherwise: the midnights of its days, in any of its zones."""
    days: set[date | None] = {contract.first_day, contract.last_day + _DAY}
    days |= {one.days.lower for one in contract.terms_periods.all()}
    for one in contract.suspensions.all():
        days |= {one.first_day, one.last_day and one.last_day + _DAY}
    days |= {one.days.upper for one in contract.zones.all()}
    first, last = during.start.date() - _NEAR, during.end.date() + _NEAR
    for day in days:
        if day and first <= day <= last:
            zones = {contract.tz, *(contract.tz_at(first_instant(day, contract.tz) + n * _DAY) for n in (-1, 1))}
            yield from (at for zone in zones if during.contains(at := first_instant(day, zone)))
