"""The contracts of customers as alerts are judged by them (E3, S1): all of them by one question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from entitlements.rules.days import local_day
from entitlements.rules.term_changes import zone_at
from sla.rules.terms import Days, TermsInForce, terms_for

_DAY = timedelta(days=1)

OF_CUSTOMERS = """
SELECT customer_id, lower(term), upper(term), zone,
       ARRAY(SELECT upper(days) FROM entitlements_zoneperiod WHERE contract_id = one.id ORDER BY days),
       ARRAY(SELECT zone FROM entitlements_zoneperiod WHERE contract_id = one.id ORDER BY days),
       ARRAY(SELECT lower(days) FROM sla_termsperiod WHERE contract_id = one.id ORDER BY days),
       ARRAY(SELECT terms FROM sla_termsperiod WHERE contract_id = one.id ORDER BY days),
       ARRAY(SELECT days FROM entitlements_suspension WHERE contract_id = one.id ORDER BY days)
  FROM entitlements_contract AS one WHERE customer_id = ANY(%s) ORDER BY term, id"""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A contract: its first and last day, its zone, the earlier ones with the day after the last of each, its terms by the day from
    which they hold, and its suspensions by first and last day (None: until further notice)."""

    first_day: date
    last_day: date
    zone: ZoneInfo
    earlier_zones: tuple[tuple[date, ZoneInfo], ...] = ()
    terms: tuple[tuple[date, str], ...] = ()
    suspensions: tuple[Days, ...] = ()

    def tz_at(self, instant: datetime) -> ZoneInfo:
        """E3: the zone that it had at an instant."""
        return zone_at(instant, self.earlier_zones, self.zone)

    def day_of(self, instant: datetime) -> date:
        return local_day(instant, self.tz_at(instant))

    def terms_at(self, instant: datetime) -> TermsInForce:
        """S1: the terms that it was on."""
        return terms_for(instant, self.tz_at(instant), self.first_day, self.last_day, self.terms, self.suspensions)


Agreements = Mapping[int, tuple[Agreement, ...]]
"""By the key of a customer its contracts, in order of their terms; empty where it has none."""


def agreements_of(customers: Iterable[int]) -> Agreements:
    """E3, S1: the contracts of these customers (by key)."""
    found: dict[int, list[Agreement]] = {customer: [] for customer in customers}
    with connection.cursor() as cursor:
        cursor.execute(OF_CUSTOMERS, [list(found)])
        for customer, *facts in cursor.fetchall():
            found[customer].append(_agreement(*facts))
    return {customer: tuple(of_one) for customer, of_one in found.items()}


def _agreement(
    first: date,
    end: date,
    zone: str,
    zone_ends: Sequence[date],
    zones: Sequence[str],
    terms_from: Sequence[date],
    terms: Sequence[str],
    suspended: Sequence[Any],
) -> Agreement:
    return Agreement(
        first_day=first,
        last_day=end - _DAY,
        zone=ZoneInfo(zone),
        earlier_zones=tuple((until, ZoneInfo(one)) for until, one in zip(zone_ends, zones, strict=True) if until < end),
        terms=tuple(zip(terms_from, terms, strict=True)),
        suspensions=tuple((one.lower, one.upper - _DAY if one.upper else None) for one in suspended),
    )
