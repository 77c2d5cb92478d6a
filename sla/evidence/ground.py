"""By which zone and which edition the alerts of a customer are judged, stretch by stretch of time (E3, S1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.conf import settings

from entitlements.models import Contract
from entitlements.rules.days import first_instant, local_day
from entitlements.rules.spans import Span
from sla.models import TermsEdition
from sla.rules.terms import EnterpriseTerms

_NEAR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Ground:
    """What judges the alerts that a customer's triggers brought in this stretch of time (UTC): its contract's zone, and the terms."""

    customer: int
    during: Span
    zone: ZoneInfo
    terms: EnterpriseTerms


def ground_of(customers: Iterable[int], during: Span) -> list[Ground]:
    """E3, S1: for each customer every stretch of the span, by the zone that its contract has then and the edition in force on
    the local day. A customer without a contract is judged in the vendor's zone; before its first contract, in that one's.
    """
    wanted = list(customers)
    editions = sorted(TermsEdition.objects.published(), key=lambda edition: edition.valid_from)
    facts = [(edition.valid_from, edition.facts()) for edition in editions]
    if not facts:
        raise TermsEdition.DoesNotExist("no edition of the Enterprise terms has been published (S1)")
    contracts: dict[int, list[Contract]] = {customer: [] for customer in wanted}
    for contract in Contract.objects.filter(customer__in=wanted).order_by("term", "pk").prefetch_related("zones"):
        contracts[contract.customer_id].append(contract)
    return [stretch for customer in wanted for stretch in _stretches(customer, contracts[customer], facts, during)]


def zone_of(contracts: Sequence[Contract], instant: datetime) -> ZoneInfo:
    """E3: the zone of the contract that runs at an instant, else of the one that ran last before it, else of the first."""
    begun = [one for one in contracts if one.first_day <= local_day(instant, one.tz_at(instant))]
    running = [one for one in begun if local_day(instant, one.tz_at(instant)) <= one.last_day]
    judged_by = (running[:1] or begun[-1:] or list(contracts[:1])) or None
    return judged_by[0].tz_at(instant) if judged_by else ZoneInfo(settings.VENDOR_ZONE)


def _stretches(
    customer: int, contracts: Sequence[Contract], facts: Sequence[tuple[date, EnterpriseTerms]], during: Span
) -> list[Ground]:
    borders = sorted({during.start, during.end, *_borders(contracts, [day for day, _ in facts], during)})
    found: list[Ground] = []
    for start, end in pairwise(borders):
        zone = zone_of(contracts, start)
        day = local_day(start, zone)
        terms = next((one for valid_from, one in reversed(facts) if valid_from <= day), facts[0][1])
        if found and (found[-1].zone, found[-1].terms) == (zone, terms):
            found[-1] = Ground(customer, Span(found[-1].during.start, end), zone, terms)
        else:
            found.append(Ground(customer, Span(start, end), zone, terms))
    return found


def _borders(contracts: Sequence[Contract], editions: Sequence[date], during: Span) -> Iterator[datetime]:
    """Every instant within the span at which another zone, contract or edition can begin to count."""
    zones = {ZoneInfo(settings.VENDOR_ZONE), *(one.tz for one in contracts)}
    zones |= {ZoneInfo(period.zone) for one in contracts for period in one.zones.all()}
    days = {*editions, *(day for one in contracts for day in (one.term.lower, one.term.upper))}
    days |= {period.days.upper for one in contracts for period in one.zones.all()}
    near = [day for day in days if during.start.date() - _NEAR <= day <= during.end.date() + _NEAR]
    for zone in zones if near else ():
        yield from (at for day in near if during.contains(at := first_instant(day, zone)))
