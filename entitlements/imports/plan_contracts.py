"""What a row of the contracts would do (E1, E3, E14): a new contract, corrected words, a longer term, another status; or why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from entitlements.imports.columns import CONTRACTS
from entitlements.imports.consequences import of_termination
from entitlements.imports.effects import Against, Effect, Held, World, against, changes
from entitlements.rules.contracts import ACTIVE, ContractFacts
from entitlements.rules.days import local_day

SUSPENDED, TERMINATED = "suspended", "terminated"
ON_ITS_PAGE = "Nothing is changed here. If it is wrong on record, correct it on the contract's page."
STAYS = ("customer", "first_day", "zone", "currency", "level")
"""What a contract's years, money and history hang on."""


def contract_row(effect: Effect, world: World) -> Effect:
    """The effect of a row that could be read; the world is changed by it if it is good."""
    held = world.contracts.get(str(effect.given["order_form"]))
    return _new(effect, world) if held is None else _known(effect, held, world)


def _new(effect: Effect, world: World) -> Effect:
    given: Mapping[str, Any] = effect.given
    if reasons := [*_against_new(given, world), *_against_term(given, given["order_form"], world)]:
        return effect.refused(*reasons)
    held = Held(
        order_form=given["order_form"],
        external_id=given.get("external_id", ""),
        customer=given["customer"],
        account=given["account"],
        facts=ContractFacts(
            start=given["first_day"],
            last=given["last_day"],
            zone=ZoneInfo(given["zone"]),
            levels=((given["first_day"], given["level"]),),
        ),
        currency=given.get("currency", "USD"),
        plan=given["plan"],
        discount=given.get("discount_percent", Decimal(0)),
        terms=given["terms"],
    )
    world.put(held)
    return replace(effect, changes=changes({}, as_row(held)), is_new=True)


def _against_new(given: Mapping[str, Any], world: World) -> Iterator[Against]:
    if "level" not in given:
        help_ = "Fill in none, premium, silver or gold."
        yield against("level", "no_level", "A new contract needs the level of its first day.", help_, "E1")
    if "terms" not in given:
        help_ = "Fill in enterprise or standard."
        yield against("terms", "no_terms", "A new contract needs the terms that it is on.", help_, "S1")
    if given.get("status", ACTIVE) != ACTIVE:
        help_ = "Write active, import it, and change its status afterwards."
        yield against("status", "not_active", "A new contract begins active.", help_, "E14")


def _against_term(given: Mapping[str, Any], order_form: str, world: World) -> Iterator[Against]:
    """What stands against the customer, the days, the account and the number, whether it is new or not."""
    if given["customer"] not in world.customers:
        help_ = "Add it to the customers, in a sheet of the same workbook or in a file before this one."
        yield against("customer", "no_customer", f"No customer has the number {given['customer']}.", help_)
    if given["last_day"] < given["first_day"]:
        yield against("last_day", "ends_before", "The last day lies before the first.", "Check both days.", "E3")
    for other in world.of_account(given["customer"], given["account"], order_form):
        if other.facts.start <= given["last_day"] and given["first_day"] <= other.facts.last:
            days = f"{other.facts.start} to {other.facts.last}"
            sentence = f"{other.order_form} covers the account “{other.account}” from {days}."
            yield against(
                "account", "overlap", sentence, "Let one end before the other begins, or name another account."
            )
    if taken := world.with_number(given.get("external_id") or "", order_form):
        sentence = f"{taken.order_form} has the number {taken.external_id} already."
        yield against("external_id", "number_taken", sentence, "Give each contract a number of its own.")


def _known(effect: Effect, held: Held, world: World) -> Effect:
    """A contract that is on record: only what may change by a list changes."""
    before = as_row(held)
    differing = changes(before, {name: value for name, value in effect.given.items() if name != "reason"})
    differs = {change.column for change in differing}
    given: Mapping[str, Any] = {**before, **effect.given}
    reasons = [*_against_what_stays(differing), *_against_status(given, held, differs, world)]
    if not reasons and differs:
        reasons = list(_against_term(given, held.order_form, world))
    if reasons:
        return effect.refused(*reasons)
    ends = "status" in differs and given["status"] == TERMINATED
    world.put(_after(held, given, differs))
    return replace(effect, changes=differing, follows=tuple(of_termination(held, given["last_day"])) if ends else ())


def _against_what_stays(differing: Any) -> Iterator[Against]:
    for change in differing:
        if change.column in STAYS or (change.column == "terms" and change.before):
            clause = {"level": "E1", "first_day": "E3", "zone": "E3", "terms": "S1"}.get(change.column, "")
            sentence = (
                f"On record is {change.before}, and a list does not change the {change.column.replace('_', ' ')}."
            )
            help_ = "Change it by a row of the levels." if change.column == "level" else ON_ITS_PAGE
            yield against(change.column, "stays", sentence, help_, clause)


def _against_status(given: Mapping[str, Any], held: Held, differs: set[str], world: World) -> Iterator[Against]:
    """E3, E14: a term ends earlier only by termination, and later only while it runs; a status changes with a reason."""
    status, last = given["status"], given["last_day"]
    if held.facts.status == TERMINATED and differs:
        yield against(
            "", "terminated", "The contract is terminated, so it stays as it was.", "Leave the row out.", "E14"
        )
        return
    if "status" in differs and not given.get("reason"):
        yield against("reason", "no_reason", f"Why it becomes {status} is not said.", "Fill in the reason.", "E14")
    today = local_day(world.now, held.facts.zone)
    if differs & {"plan", "discount_percent"} and not held.facts.start <= today <= held.facts.last:
        help_ = "Change it on the contract's page."
        yield against(
            "plan", "not_running", "It would change from today on, which is no day of the term.", help_, "S17"
        )
    if "last_day" not in differs:
        return
    if last < held.facts.last and not (status == TERMINATED and last >= held.facts.start):
        help_ = "To end it early, write the status terminated and a reason."
        yield against("last_day", "not_shorter", f"The term runs to {held.facts.last}.", help_, "E14")
    if last > held.facts.last and "status" in differs:
        help_ = "Do one of the two first, in a file of its own."
        yield against("last_day", "both", "A longer term and another status cannot come in one row.", help_, "E14")
    if last > held.facts.last and today > held.facts.last:
        yield against("last_day", "term_over", "The term is over.", "A new order form is a new contract.", "E3")


def _after(held: Held, given: Mapping[str, Any], differs: set[str]) -> Held:
    """The contract as the row leaves it: its last level and the products that ran to the old end go on with a longer term."""
    facts, last = held.facts, given["last_day"]
    levels = tuple(period for period in facts.levels if period[0] <= last)
    longer = last > facts.last
    return replace(
        held,
        external_id=given["external_id"] or "",
        account=given["account"],
        plan=given["plan"],
        discount=given["discount_percent"],
        terms=given["terms"] or "",
        facts=replace(facts, last=last, levels=levels, status=given["status"]),
        products=tuple(
            (key, first, last if longer and until == facts.last else until) for key, first, until in held.products
        ),
    )


def as_row(held: Held) -> dict[str, object]:
    """A contract on record as a row of the file would have it."""
    facts = held.facts
    level: str | None = facts.level_on(facts.start)
    row: dict[str, object] = {
        "order_form": held.order_form,
        "customer": held.customer,
        "account": held.account,
        "first_day": facts.start,
        "last_day": facts.last,
        "zone": facts.zone.key,
        "plan": held.plan,
        "level": level,
        "terms": held.terms or None,
        "currency": held.currency,
        "discount_percent": held.discount,
        "status": facts.status,
        "external_id": held.external_id or None,
    }
    assert set(row) | {"reason"} == set(CONTRACTS.by_name)
    return row
