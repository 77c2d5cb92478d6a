"""When a customer was not on Enterprise terms, so that what failed then cannot be claimed (S1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from entitlements.rules.days import first_instant
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span
from sla.evidence.agreements import Agreement, Agreements

NO_CONTRACT = Refusal("S1", "no_contract", "The customer had no contract then.")
_DAY, _NEAR = timedelta(days=1), timedelta(days=2)


@dataclass(frozen=True, slots=True)
class OffTerms:
    """S1: a stretch of time (UTC) in which none of the customer's contracts was on Enterprise terms, and why not."""

    customer: int
    during: Span
    refusal: Refusal


def off_terms_of(agreements: Agreements, during: Span) -> Iterator[OffTerms]:
    """S1: of each customer the stretches of the span that occurrences do not count in. Of several contracts one is enough."""
    known: dict[tuple[Agreement, ...], list[tuple[Span, Refusal]]] = {}
    for customer, contracts in agreements.items():
        if contracts not in known:
            known[contracts] = _stretches(contracts, during)
        yield from (OffTerms(customer, *one) for one in known[contracts])


def _stretches(contracts: Sequence[Agreement], during: Span) -> list[tuple[Span, Refusal]]:
    borders = sorted({during.start, during.end, *(at for one in contracts for at in _borders(one, during))})
    found: list[tuple[Span, Refusal]] = []
    for start, end in pairwise(borders):
        refusal = _refusal(contracts, start)
        if refusal and found and found[-1][0].end == start and found[-1][1] == refusal:
            found[-1] = (Span(found[-1][0].start, end), refusal)
        elif refusal:
            found.append((Span(start, end), refusal))
    return found


def _refusal(contracts: Sequence[Agreement], instant: datetime) -> Refusal | None:
    """Of the contract that speaks for most: one that ran rather than one that did not."""
    refusals = [one for contract in contracts if (one := contract.terms_at(instant).refusal)]
    if not contracts:
        return NO_CONTRACT
    if len(refusals) < len(contracts):
        return None
    return min(refusals, key=lambda one: one.code == "outside_term")


def _borders(contract: Agreement, during: Span) -> Iterator[datetime]:
    """Every instant within the span from which it can stand otherwise: the midnights of its days, in any of its zones."""
    days: set[date | None] = {contract.first_day, contract.last_day + _DAY}
    days |= {since for since, _ in contract.terms} | {until for until, _ in contract.earlier_zones}
    for first_suspended, last_suspended in contract.suspensions:
        days |= {first_suspended, last_suspended and last_suspended + _DAY}
    first, last = during.start.date() - _NEAR, during.end.date() + _NEAR
    for day in days:
        if day and first <= day <= last:
            near = first_instant(day, contract.zone)
            zones = {contract.zone, *(contract.tz_at(near + n * _DAY) for n in (-1, 1))}
            yield from (at for zone in zones if during.contains(at := first_instant(day, zone)))
