"""Which terms hold for what is claimed, and why, where credits were withdrawn: for the pages of claims and failures (S1, S16)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from entitlements.models import Contract, Event
from entitlements.rules.days import local_day
from sla.assessment import standings_of
from sla.elections import withdrawn_from
from sla.models import Election, TermsPeriod
from sla.rules.terms import Standing


@dataclass(frozen=True, slots=True)
class TermsShown:
    """By which election credits for losses ended, and whether what is claimed lies before its effect (`before`), after it, or both."""

    election: Election
    before: bool
    after: bool


def terms_shown(contract: Contract, occurrences: Iterable[datetime]) -> TermsShown | None:
    """S1, S16: None for a contract from which nothing was withdrawn."""
    election = withdrawn_from(contract)
    if election is None:
        return None
    kinds = {one.standing for one in standings_of(contract, list(occurrences)).values()}
    return TermsShown(election, Standing.ENTERPRISE in kinds, Standing.STANDARD in kinds)


def entered_since(contract: Contract, occurrences: Iterable[datetime]) -> Event | None:
    """S1, S19: the act that put Enterprise terms on record for one of these instants (UTC) only after it, for whoever decides: one person
    puts a contract on them. None where they were on record before."""
    instants = sorted(occurrences)
    acts = Event.objects.filter(verb="contract.terms_changed", matter=contract.order_form)
    if not instants or not acts.filter(happened_at__gt=instants[0]).exists():
        return None
    first: dict[str, datetime] = {}
    periods = list(contract.terms_periods.filter(terms=TermsPeriod.Kind.ENTERPRISE))
    for one in instants:
        day = local_day(one, contract.tz_at(one))
        for period in (found for found in periods if found.days.lower <= day < found.days.upper):
            first.setdefault(str(period.pk), one)
    lines = Event.objects.filter(part_of__in=acts, table=TermsPeriod._meta.db_table, changes__has_key="terms")
    of_them = lines.filter(row_id__in=first).select_related("part_of__actor")
    return next((line.part_of for line in of_them if line.happened_at > first[line.row_id]), None)
