"""A dated change of a contract's level (E1, E6): what it would do, and doing it under the locks of all the contract's years."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions.log import record
from entitlements.actions.places import lock_all_years
from entitlements.actions.refused import Refused
from entitlements.actions.year_ends import settle
from entitlements.models import Contract, Level, LevelPeriod, PolicyEdition, User
from entitlements.rules.contracts import ContractFacts
from entitlements.rules.level_changes import LevelChange, level_change, with_level_from
from entitlements.rules.refusals import Refusal

OUTSIDE_TERM = Refusal("E1", "outside_term", "That day lies outside the contract's term.", "Choose a day of the term.")
SAME_LEVEL = Refusal("E1", "same_level", "The contract has this level from that day on already.")
TERMINATED = Refusal("E14", "not_active", "The contract is terminated, so its level stays as it was.")


def preview_level_change(*, contract: Contract, level: str, first: date) -> LevelChange:
    """E6: the caps before and after, and what would be over its cap, if the level changed from a day on. Changes nothing.

    Raises Refused for a day outside the term.
    """
    _check_day(contract.facts(), first)
    engagements = [engagement.facts() for engagement in contract.engagements.all()]
    return level_change(contract.facts(), engagements, PolicyEdition.objects.facts(), Level(level).value, first)


@transaction.atomic
def change_level(*, contract: Contract, level: str, first: date, by: User, now: datetime, reason: str = "") -> Contract:
    """E1, E6: give the contract another level from a day on, to the end of its term; a change planned for later is replaced.

    Usage goes on counting, and what is above a lowered cap by this stands. Raises Refused for a day outside the term, or if
    nothing would change.
    """
    contract = lock_all_years(contract)
    before = contract.facts()
    _check_day(before, first)
    if contract.status == Contract.Status.TERMINATED:
        raise Refused(TERMINATED)
    after = with_level_from(before, Level(level).value, first)
    if after == before:
        raise Refused(SAME_LEVEL)
    record(
        "contract.level_changed",
        matter=contract.order_form,
        by=by,
        now=now,
        note=f"{level} from {first}. {reason}".removesuffix(". "),
    )
    write_levels(contract, after)
    settle(*contract.years.all(), by=by, now=now)
    return contract


def write_levels(contract: Contract, facts: ContractFacts) -> None:
    """E1: the contract's periods of levels, as the facts have them. What stays as it is is not touched."""
    wanted = dict(_periods(facts))
    periods = {period.days.lower: period for period in contract.levels.all()}
    for first in sorted(periods.keys() - wanted.keys(), reverse=True):
        periods.pop(first).delete()
    for first, period in sorted(periods.items()):
        if (period.level, period.days) != wanted[first]:
            period.level, period.days = wanted[first]
            period.save()
    LevelPeriod.objects.bulk_create(
        LevelPeriod(contract=contract, level=level, days=days)
        for first, (level, days) in wanted.items()
        if first not in periods
    )


def _periods(facts: ContractFacts) -> Iterable[tuple[date, tuple[str, DateRange]]]:
    """Each period by its first day: its level, and its days as the database keeps them."""
    ends = [first for first, _ in facts.levels[1:]] + [facts.last + timedelta(days=1)]
    for (first, level), end in zip(facts.levels, ends, strict=True):
        yield first, (level, DateRange(first, end))


def _check_day(facts: ContractFacts, first: date) -> None:
    if not facts.start <= first <= facts.last:
        raise Refused(OUTSIDE_TERM)
