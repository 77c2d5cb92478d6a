"""The first day of a contract, corrected (E3): what it would do to its years, and doing it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions.levels import write_levels
from entitlements.actions.log import record
from entitlements.actions.periods import fit_zone_and_plan, move, write_years
from entitlements.actions.places import lock_all_years
from entitlements.actions.refused import Refused
from entitlements.actions.zones import TERMINATED, moves_engagements
from entitlements.models import Contract, User
from entitlements.rules.contracts import ContractFacts
from entitlements.rules.refusals import Refusal
from entitlements.rules.term_changes import StartChange, start_change


def preview_start_change(*, contract: Contract, first: date) -> StartChange:
    """E3, E5: the years before and after, and what is counted and would change its year. Changes nothing.

    Raises Refused for a day after the term.
    """
    if first > contract.last_day:
        raise Refused(Refusal("E3", "outside_term", "The term ends before that day.", "Choose an earlier day."))
    return start_change(contract.facts(), [one.facts() for one in contract.engagements.all()], first)


@transaction.atomic
def change_start(*, contract: Contract, first: date, reason: str, by: User, now: datetime) -> Contract:
    """E3: the term begins on another day, and every year is counted from it; the end of a year that keeps its last day stays.

    Raises Refused while something counted would change its year, if a year that is over would have other days, if a year with
    something on record would go, on a terminated contract; ValidationError where another contract of the account stands in the way.
    """
    contract = lock_all_years(contract)
    if contract.status == Contract.Status.TERMINATED:
        raise Refused(TERMINATED)
    if first == contract.first_day:
        raise Refused(Refusal("E3", "same_day", "The contract begins on this day already.", "Choose another."))
    change = preview_start_change(contract=contract, first=first)
    check_start_change(contract, change, now)
    record("contract.start_changed", matter=contract.order_form, by=by, now=now, note=reason)
    _write(contract, first)
    return contract


def check_start_change(contract: Contract, change: StartChange, now: datetime) -> None:
    """E3, E5: raises Refused while something counted would change its year, a year that is over (UTC) would have other days, or one
    with something on record would go."""
    if change.obstacles:
        raise Refused(moves_engagements(contract, change.obstacles, "Move or cancel them first."))
    after = {year.n: year for year in change.after}
    for year in contract.years.all():
        if year.ends_at <= now and after.get(year.n) != year.facts():
            sentence = f"Contract year {year.n} is over: what was used and what lapsed in it stands."
            raise Refused(Refusal("E3", "year_over", sentence, "A year that is over keeps its days."))
        if year.n not in after and year.engagements.exists():
            sentence = f"Contract year {year.n} would go, and engagements are on record in it."
            raise Refused(Refusal("E3", "year_in_use", sentence, "Choose an earlier day."))


def _write(contract: Contract, first: date) -> None:
    old_first, facts = contract.first_day, contract.facts()
    contract.term = DateRange(first, contract.term.upper)
    contract.full_clean()
    contract.save(update_fields=["term"])
    write_levels(contract, _levels_from(facts, first))
    fit_zone_and_plan(contract)
    for product in contract.products.filter(days__startswith=old_first, days__endswith__gt=first):
        move(product, DateRange(first, product.days.upper))
    write_years(contract)


def _levels_from(facts: ContractFacts, first: date) -> ContractFacts:
    """E1: the first level begins with the term; what would have ended before it never was."""
    later = tuple(period for period in facts.levels if period[0] > first)
    level = facts.level_on(max(first, facts.start))
    assert level
    kept = later[1:] if first < facts.start else later
    return replace(facts, start=first, levels=((first, level), *kept))
