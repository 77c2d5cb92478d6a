"""What a row about a contract's levels (E1), products (E9) or paid months (S11) would do, or why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from entitlements.imports.consequences import of_level
from entitlements.imports.effects import Against, Change, Effect, Held, World, against, changes
from entitlements.rules.days import first_of_month
from entitlements.rules.level_changes import with_level_from

_DAY = timedelta(days=1)


def with_meeting_levels(effects: Sequence[Effect], world: World) -> list[Effect]:
    """E1: the rows in order of time, contract by contract, each with its last day: the one before the next row's, or the term's.
    A row that says another one is refused: a gap or an overlap is not filled by guessing.
    """
    in_time = sorted(effects, key=lambda one: (str(one.given.get("order_form")), str(one.given.get("first_day"))))
    found = []
    for effect, later in zip(in_time, [*in_time[1:], None], strict=True):
        held = world.contracts.get(str(effect.given.get("order_form")))
        found.append(effect if effect.against or held is None else _with_last_day(effect, later, held))
    return found


def _with_last_day(effect: Effect, later: Effect | None, held: Held) -> Effect:
    """The row with the day to which its level reaches, or refused for saying another one."""
    given: Mapping[str, Any] = effect.given
    goes_on = later is not None and later.given.get("order_form") == given["order_form"] and "first_day" in later.given
    next_day: Any = later.given["first_day"] if goes_on and later else held.facts.last + _DAY
    last = given.get("last_day", next_day - _DAY)
    if last + _DAY == next_day:
        return replace(effect, given={**given, "last_day": last})
    what = "leaves a gap before" if last + _DAY < next_day else "overlaps"
    begins = f"the next level, which begins on {next_day}" if goes_on else f"the end of the term, {next_day - _DAY}"
    help_ = f"Write {next_day - _DAY}, or nothing."
    return effect.refused(against("last_day", "gap", f"The level {what} {begins}.", help_, "E1"))


def level_row(effect: Effect, world: World) -> Effect:
    """E1, E6: the level from a day on. What was planned for later days is replaced, and said."""
    given: Mapping[str, Any] = effect.given
    held = world.contracts.get(given["order_form"])
    if held is None or (reasons := list(_against_day(given, held, "E1"))):
        return effect.refused(*([_no_contract(given)] if held is None else reasons))
    before = held.facts.level_on(given["first_day"])
    if before == given["level"] and not _another_level_within(given, held):
        return effect
    facts = with_level_from(held.facts, given["level"], given["first_day"])
    gone = [f"{level} from {first}" for first, level in held.facts.levels if first > given["first_day"]]
    follows = tuple(of_level(held, world, given["level"], given["first_day"]))
    world.put(replace(held, facts=facts))
    found = (
        [Change(f"level from {given['first_day']}", str(before), given["level"])] if before != given["level"] else []
    )
    if gone:
        found.append(Change("levels planned for later", ", ".join(gone), "replaced"))
    return replace(effect, changes=tuple(found), follows=follows)


def _another_level_within(given: Mapping[str, Any], held: Held) -> bool:
    """Whether another level is on record for one of the days that the row's level reaches over."""
    last = given["last_day"]
    return any(given["first_day"] < first <= last and level != given["level"] for first, level in held.facts.levels)


def product_row(effect: Effect, world: World) -> Effect:
    """E9: a product is added on the days of the row, or ends earlier."""
    given: Mapping[str, Any] = effect.given
    held = world.contracts.get(given["order_form"])
    if held is None:
        return effect.refused(_no_contract(given))
    if reasons := list(_against_product(given, held, world)):
        return effect.refused(*reasons)
    known, (first, last) = _days_of(given["product"], held), _asked(given, held)
    before = {"product": given["product"], "first_day": known[0][0], "last_day": known[0][1]} if known else {}
    after = {"product": given["product"], "first_day": first, "last_day": last}
    rest = tuple(one for one in held.products if one[0] != given["product"])
    world.put(replace(held, products=(*rest, (given["product"], first, last))))
    return replace(effect, changes=changes(before, after), is_new=not known)


def _against_product(given: Mapping[str, Any], held: Held, world: World) -> Iterator[Against]:
    known, (first, last) = _days_of(given["product"], held), _asked(given, held)
    if known == [(first, last)]:
        return
    if given["product"] not in world.products:
        help_ = f"Write one of: {', '.join(sorted(world.products))}."
        yield against("product", "no_product", f"No product has the key {given['product']}.", help_, "E9")
    elif len(known) > 1:
        sentence = "The contract has held the product in several periods, and a list has room for one."
        yield against("product", "several_periods", sentence, "Leave the row out.", "E9")
    elif known and (first != known[0][0] or not first <= last <= known[0][1]):
        sentence = f"The product is held from {known[0][0]} to {known[0][1]}; a list adds one, or ends it earlier."
        yield against("first_day", "stays", sentence, "Leave the row out, or change it on the contract's page.", "E9")
    elif not held.facts.start <= first <= last <= held.facts.last:
        term = f"{held.facts.start} to {held.facts.last}"
        sentence = f"{first} to {last} are not days of the term, {term}."
        yield against("first_day", "outside_term", sentence, "Choose days of the term, or leave both empty.", "E9")
    if held.facts.status == "terminated":
        yield against(
            "", "terminated", "The contract is terminated, so it stays as it was.", "Leave the row out.", "E14"
        )


def _days_of(product: str, held: Held) -> list[tuple[date, date]]:
    return [(first, last) for key, first, last in held.products if key == product]


def _asked(given: Mapping[str, Any], held: Held) -> tuple[date, date]:
    """The days that a row asks for; an empty cell is what is on record, or the term."""
    first, last = (_days_of(given["product"], held) or [(held.facts.start, held.facts.last)])[0]
    return given.get("first_day", first), given.get("last_day", last)


def seats_row(effect: Effect, world: World) -> Effect:
    """S11: what was paid for a month. A month that is corrected changes no credit that was decided before."""
    given: Mapping[str, Any] = effect.given
    held = world.contracts.get(given["order_form"])
    if held is None:
        return effect.refused(_no_contract(given))
    month: date = given["month"]
    if not first_of_month(held.facts.start) <= month <= held.facts.last:
        term = f"{held.facts.start} to {held.facts.last}"
        sentence = f"{month:%Y-%m} is not a month of the term, {term}."
        return effect.refused(against("month", "outside_term", sentence, "Choose a month of the term.", "S11"))
    known = held.fees.get(month, (None, None))
    if known is None:
        sentence = f"The fees changed within {month:%Y-%m}, and a list has room for one line a month."
        return effect.refused(against("month", "several_lines", sentence, "Change it on the contract's page.", "S11"))
    seats, cost = known
    after = {"paid_seats": given["paid_seats"], "cost_per_seat": given["cost_per_seat"]}
    fees = {**held.fees, month: (given["paid_seats"], given["cost_per_seat"])}
    world.put(replace(held, fees=fees))
    return replace(effect, changes=changes({"paid_seats": seats, "cost_per_seat": cost}, after), is_new=seats is None)


def _against_day(given: Mapping[str, Any], held: Held, clause: str) -> Iterator[Against]:
    differs = held.facts.level_on(given["first_day"]) != given["level"] or _another_level_within(given, held)
    if held.facts.status == "terminated" and differs:
        yield against("", "terminated", "The contract is terminated, so its levels stay.", "Leave the row out.", "E14")
    if not held.facts.start <= given["first_day"] <= held.facts.last:
        term = f"{held.facts.start} to {held.facts.last}"
        sentence = f"{given['first_day']} is not a day of the term, {term}."
        yield against("first_day", "outside_term", sentence, "Choose a day of the term.", clause)


def _no_contract(given: Mapping[str, Any]) -> Against:
    help_ = (
        "Add it to the contracts, in a sheet of the same workbook or in a file before this one; or mend its own row."
    )
    return against("order_form", "no_contract", f"No contract has the order form {given['order_form']}.", help_)
