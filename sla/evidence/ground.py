"""By which zone and which edition the alerts of a customer are judged, stretch by stretch of time (E3, S1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.conf import settings

from entitlements.rules.days import first_instant, local_day
from entitlements.rules.spans import Span
from sla.evidence.agreements import Agreement, Agreements
from sla.models import TermsEdition
from sla.rules.terms import EnterpriseTerms

_DAY, _NEAR = timedelta(days=1), timedelta(days=2)
Stretch = tuple[Span, ZoneInfo, EnterpriseTerms]


@dataclass(frozen=True, slots=True)
class Ground:
    """What judges the alerts that a customer's triggers brought in this stretch of time (UTC): its contract's zone, and the terms."""

    customer: int
    during: Span
    zone: ZoneInfo
    terms: EnterpriseTerms


def ground_of(agreements: Agreements, during: Span) -> list[Ground]:
    """E3, S1: for each customer every stretch of the span, by the zone that its contract has then and the edition in force on
    the local day. A customer without a contract is judged in the vendor's zone; before its first contract, in that one's.
    """
    facts = TermsEdition.objects.by_day().facts
    known: dict[tuple[Agreement, ...], list[Stretch]] = {}
    for contracts in agreements.values():
        if contracts not in known:
            known[contracts] = _stretches(contracts, facts, during)
    return [Ground(customer, *one) for customer, contracts in agreements.items() for one in known[contracts]]


def zone_of(contracts: Sequence[Agreement], instant: datetime) -> ZoneInfo:
    """E3: the zone of the contract that runs at an instant, else of the one that ran last before it, else of the first."""
    begun = [one for one in contracts if one.first_day <= one.day_of(instant)]
    running = [one for one in begun if one.day_of(instant) <= one.last_day]
    judged_by = (running[:1] or begun[-1:] or list(contracts[:1])) or None
    return judged_by[0].tz_at(instant) if judged_by else ZoneInfo(settings.VENDOR_ZONE)


def _stretches(
    contracts: Sequence[Agreement], facts: Sequence[tuple[date, EnterpriseTerms]], during: Span
) -> list[Stretch]:
    borders = sorted({during.start, during.end, *_borders(contracts, [day for day, _ in facts], during)})
    found: list[Stretch] = []
    for start, end in pairwise(borders):
        zone = zone_of(contracts, start)
        day = local_day(start, zone)
        terms = next((one for valid_from, one in reversed(facts) if valid_from <= day), facts[0][1])
        if found and found[-1][1:] == (zone, terms):
            found[-1] = (Span(found[-1][0].start, end), zone, terms)
        else:
            found.append((Span(start, end), zone, terms))
    return found


def _borders(contracts: Sequence[Agreement], editions: Sequence[date], during: Span) -> Iterator[datetime]:
    """Every instant within the span at which another zone, contract or edition can begin to count."""
    zones = {ZoneInfo(settings.VENDOR_ZONE), *(one.zone for one in contracts)}
    zones |= {zone for one in contracts for _, zone in one.earlier_zones}
    days = {*editions, *(day for one in contracts for day in (one.first_day, one.last_day + _DAY))}
    days |= {until for one in contracts for until, _ in one.earlier_zones}
    near = [day for day in days if during.start.date() - _NEAR <= day <= during.end.date() + _NEAR]
    for zone in zones if near else ():
        yield from (at for day in near if during.contains(at := first_instant(day, zone)))
