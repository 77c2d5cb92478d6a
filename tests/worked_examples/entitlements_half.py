"""The entitlements half of the adapter: examples' vocabulary to the project's types and back. No rule lives here."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from zoneinfo import ZoneInfo

from entitlements.rules import caps, days
from entitlements.rules.caps import ContractFacts, EngagementFacts, Override
from entitlements.rules.contract_years import ContractYear, contract_year_of, contract_years
from entitlements.rules.editions import ACTIVITIES, LEVELS, PolicyEdition
from entitlements.rules.products import PRODUCTS, product_check
from entitlements.rules.reminders import due_reminder
from tests.worked_examples.paper import PAPER
from tests.worked_examples.pool_shapes import pools_of
from tests.worked_examples.readers import (
    day,
    fields,
    given,
    instant,
    local_day,
    mapping,
    row,
    rows,
    text,
    whole,
    word,
    written,
    yes_or_no,
    zone,
)

STATES = ("requested", "scheduled", "delivered", "declined", "cancelled", "withdrawn", "no_show")
STATUSES = ("active", "suspended", "terminated")
MATTERS = ("claim", "election", "unused")
NO_FIGURES = {"N/A": caps.NOT_AVAILABLE, "unlimited": caps.UNLIMITED}


def cap(value: Any) -> caps.Cap:
    return NO_FIGURES[word(value, NO_FIGURES)] if isinstance(value, str) else whole(value)


def override(data: Any, targets: Collection[str]) -> Override:
    read = fields(data, "target cap", "from to reference reason")
    return Override(
        target=word(read["target"], targets),
        cap=cap(read["cap"]),
        first=None if read.get("from") is None else day(read["from"]),
        last=None if read.get("to") is None else day(read["to"]),
        reference=text(read.get("reference") or ""),
        reason=text(read.get("reason") or ""),
        on_pool=read["target"] not in ACTIVITIES,
    )


def contract(data: Any, editions: Collection[PolicyEdition] = ()) -> ContractFacts:
    read = fields(data, "start last zone levels", "status overrides")
    targets = {"consultation", *ACTIVITIES}.union(*(edition.pool_keys for edition in editions))
    levels = [(day(first), word(level, LEVELS)) for first, level in (row(one, 2) for one in rows(read["levels"]))]
    return ContractFacts(
        start=day(read["start"]),
        last=day(read["last"]),
        zone=zone(read["zone"]),
        levels=tuple(sorted(levels)),
        status=word(given(read, "status", "active"), STATUSES),
        overrides=tuple(override(one, targets) for one in rows(read.get("overrides") or [])),
    )


def engagement(data: Any, in_zone: ZoneInfo) -> EngagementFacts:
    read = fields(data, "id activity", "day at state cancelled_by counted_by_manager first_session_held ps_reference")
    ended_by, reference = read.get("cancelled_by"), read.get("ps_reference")
    return EngagementFacts(
        id=text(read["id"]),
        activity=word(read["activity"], ACTIVITIES),
        day=local_day(read, in_zone),
        state=word(given(read, "state", "scheduled"), STATES),
        cancelled_by=None if ended_by is None else word(ended_by, ("customer", "vendor")),
        counted_by_manager=yes_or_no(given(read, "counted_by_manager", False)),
        first_session_held=yes_or_no(given(read, "first_session_held", False)),
        ps_reference=None if reference is None else text(reference),
    )


def edition(data: Any) -> PolicyEdition:
    if data == "paper":
        return PAPER
    read = fields(data, "valid_from caps", "pools")
    table = {word(level, LEVELS): dict(mapping(cells)) for level, cells in mapping(read["caps"]).items()}
    pools = pools_of(given(read, "pools", {}), table)
    pooled = {(pool.level, activity) for pool in pools for activity in pool.activities}
    cells = {(level, word(key, ACTIVITIES)): of for level, line in table.items() for key, of in line.items()}
    return PolicyEdition(
        name=f"valid from {read['valid_from']}",
        valid_from=day(read["valid_from"]),
        caps={cell: cap(of) for cell, of in cells.items() if cell not in pooled},
        pools=pools,
    )


def editions_of(data: dict[str, Any]) -> tuple[PolicyEdition, ...]:
    return tuple(edition(one) for one in rows(given(data, "editions", ["paper"])))


def of_contract_years(data: dict[str, Any]) -> list[dict[str, Any]]:
    read = fields(data, "start last")
    return [year(one) for one in contract_years(day(read["start"]), day(read["last"]))]


def year(one: ContractYear) -> dict[str, Any]:
    return {"n": one.n, "first": one.first.isoformat(), "last": one.last.isoformat()}


def of_contract_year_of(data: dict[str, Any]) -> dict[str, Any]:
    read = fields(data, "start last zone", "day at")
    on = local_day(read, zone(read["zone"]))
    found = contract_year_of(day(read["start"]), day(read["last"]), on)
    return {"day": on.isoformat(), "year": found.n if found else None}


def of_first_instant(data: dict[str, Any]) -> dict[str, Any]:
    read = fields(data, "zone day")
    return {"instant": written(days.first_instant(day(read["day"]), zone(read["zone"])))}


def of_months_before(data: dict[str, Any]) -> dict[str, Any]:
    read = fields(data, "zone at months")
    return {"instant": written(days.months_before(instant(read["at"]), whole(read["months"]), zone(read["zone"])))}


def of_check_booking(data: dict[str, Any]) -> dict[str, Any]:
    read = fields(data, "contract engagements candidate", "editions")
    editions = editions_of(read)
    facts = contract(read["contract"], editions)
    engagements = [engagement(one, facts.zone) for one in rows(read["engagements"])]
    answer = caps.check_booking(facts, engagements, engagement(read["candidate"], facts.zone), editions)
    return {
        "allowed": answer.allowed,
        "answer": answer.answer,
        "used_with_it": answer.used_with_it,
        "cap": None if answer.cap is None else caps.as_figure(answer.cap),
        "year": answer.year.n if answer.year else None,
        "blocked": list(answer.blocked),
    }


def of_over_cap(data: dict[str, Any]) -> dict[str, Any]:
    read = fields(data, "contract engagements", "editions")
    editions = editions_of(read)
    facts = contract(read["contract"], editions)
    engagements = [engagement(one, facts.zone) for one in rows(read["engagements"])]
    return {"over": [one.id for one in caps.over_cap(facts, engagements, editions)]}


def of_product_check(data: dict[str, Any]) -> dict[str, Any]:
    read = fields(data, "activity products")
    products = [word(one, PRODUCTS) for one in rows(read["products"])]
    answer = product_check(word(read["activity"], ACTIVITIES), products, PAPER.requirements)
    return {
        "refused": answer.refused,
        "missing": list(answer.missing),
        "recommended_missing": list(answer.recommended_missing),
    }


def of_reminders(data: dict[str, Any]) -> dict[str, Any]:
    read = fields(data, "matter deadline zone now opened", "sent active")
    answer = due_reminder(
        matter=word(read["matter"], MATTERS),
        deadline=instant(read["deadline"]),
        zone=zone(read["zone"]),
        now=instant(read["now"]),
        opened=instant(read["opened"]),
        sent=[text(one) for one in rows(read.get("sent") or [])],
        active=yes_or_no(given(read, "active", True)),
    )
    return {"send": answer.send, "skipped": list(answer.skipped)}


FUNCTIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any] | list[Any]]] = {
    "contract_years": of_contract_years,
    "contract_year_of": of_contract_year_of,
    "first_instant": of_first_instant,
    "months_before": of_months_before,
    "check_booking": of_check_booking,
    "over_cap": of_over_cap,
    "product_check": of_product_check,
    "reminders": of_reminders,
}
