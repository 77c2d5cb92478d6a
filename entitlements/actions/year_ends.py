"""The end of a contract year: what was not used of it lapses, and the ledger says so (E3, T3)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from entitlements.actions.finishing import deliver_what_was_held, left_with_what_was_held
from entitlements.actions.log import record
from entitlements.actions.places import lock
from entitlements.models import Contract, ContractYear, EngagementState, PolicyEdition, UsageEntry, User
from entitlements.reminders import note_missed_of_year
from entitlements.rules.cap_tables import CardLine
from entitlements.rules.year_cards import lapsing, year_card
from entitlements.wording import counted

Unused = UsageEntry.Kind.UNUSED


@transaction.atomic
def close_year(*, contractyear: ContractYear, now: datetime) -> bool:
    """E3: enter what is unused of a contract year that is over, as of its end. False if there is nothing to do.

    A request that still waits has lapsed with the year, whether that was entered yet or not (E5). With the last year of the term
    an engagement that was begun is delivered with what was held of it: no follow-up can be booked any more (E10, E14).
    """
    year = lock(ContractYear.objects.filter(contract=contractyear.contract_id))[contractyear.pk]
    if year.closed_at or year.ends_at > now:
        return False
    lapsed = _not_entered(year)
    note = f"Year {year.n}: {counted(sum(lapsed.values()), 'place')} lapsed unused"
    record("contract.year_ended", matter=year.contract.order_form, by=None, now=year.ends_at, note=note)
    _enter(year, lapsed, by=None, at=year.ends_at, reason="Places do not roll over.")
    if any(lapsed.values()):
        note_missed_of_year(year, now=now)
    year.closed_at = year.ends_at
    year.save(update_fields=["closed_at"])
    if year.days.upper >= year.contract.term.upper:
        _finish(year)
    return True


def _finish(last: ContractYear) -> None:
    for engagement in left_with_what_was_held(last.contract):
        deliver_what_was_held(engagement, by=None, now=last.ends_at)


def settle(*years: ContractYear, by: User, now: datetime) -> None:
    """E3: correct by further lines what lapsed of those years that are closed, after an act has changed what counts in them or
    their caps. The caller holds their locks, and has saved what it changed.
    """
    for year in {year.pk: year for year in years if year.closed_at}.values():
        reason = "The year was over: what lapsed of it is corrected."
        _enter(year, _not_entered(year), by=by, at=now, reason=reason)


def _not_entered(year: ContractYear) -> dict[str, int]:
    """By activity or pool, what has lapsed by the year's card less what the ledger says has."""
    card = {line.target: left for line, left in lapsing(_card(year))}
    entries = year.usage.filter(kind=Unused).order_by().values_list("target")
    entered = dict(entries.annotate(places=Sum("unused")))
    return {target: card.get(target, 0) - entered.get(target, 0) for target in [*card, *(entered.keys() - card.keys())]}


def _card(year: ContractYear) -> tuple[CardLine, ...]:
    """The card of the year on its last day."""
    contract = Contract.objects.with_facts().get(pk=year.contract_id)
    kept = contract.engagements.exclude(state=EngagementState.REQUESTED)
    facts = [engagement.facts() for engagement in kept]
    return year_card(contract.facts(), year.facts(), facts, PolicyEdition.objects.facts(), year.last_day)


def _enter(year: ContractYear, lapsed: dict[str, int], *, by: User | None, at: datetime, reason: str) -> None:
    UsageEntry.objects.bulk_create(
        UsageEntry(
            year=year,
            kind=Unused,
            places=0,
            target=target,
            unused=places,
            day=year.last_day,
            happened_at=at,
            by=by,
            reason=reason,
        )
        for target, places in lapsed.items()
        if places
    )
