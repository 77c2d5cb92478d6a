"""The end of a contract year: what was not used of it lapses, and the ledger says so (E3, T3)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.places import lock
from entitlements.models import Contract, ContractYear, EngagementState, PolicyEdition, UsageEntry
from entitlements.rules.cap_tables import CardLine
from entitlements.rules.year_cards import lapsing, year_card
from entitlements.wording import counted


@transaction.atomic
def close_year(*, contractyear: ContractYear, now: datetime) -> bool:
    """E3: enter what is unused of a contract year that is over, as of its end. False if there is nothing to do.

    A request that still waits has lapsed with the year, whether that was entered yet or not (E5).
    """
    year = lock(ContractYear.objects.over(now).filter(pk=contractyear.pk)).get(contractyear.pk)
    if year is None:
        return False
    lapsed = lapsing(_card(year))
    note = f"Year {year.n}: {counted(sum(left for _, left in lapsed), 'place')} lapsed unused"
    record("contract.year_ended", matter=year.contract.order_form, by=None, now=year.ends_at, note=note)
    UsageEntry.objects.bulk_create(_lapse(year, line.target, left) for line, left in lapsed)
    year.closed_at = year.ends_at
    year.save(update_fields=["closed_at"])
    return True


def _card(year: ContractYear) -> tuple[CardLine, ...]:
    """The card of the year on its last day; none of a year that begins after the contract's term has ended (E14)."""
    contract = Contract.objects.with_facts().get(pk=year.contract_id)
    if year.first_day > contract.last_day:
        return ()
    kept = contract.engagements.exclude(state=EngagementState.REQUESTED)
    facts = [engagement.facts() for engagement in kept]
    return year_card(contract.facts(), year.facts(), facts, PolicyEdition.objects.facts(), year.last_day)


def _lapse(year: ContractYear, target: str, left: int) -> UsageEntry:
    return UsageEntry(
        year=year,
        kind=UsageEntry.Kind.UNUSED,
        places=0,
        target=target,
        unused=left,
        day=year.last_day,
        happened_at=year.ends_at,
        reason="Places do not roll over.",
    )
