"""The entitlements half of the adapter: examples' vocabulary to the project's types and back. No rule lives here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from entitlements.rules import caps, days
from entitlements.rules.caps import ContractFacts, EngagementFacts, Override
from entitlements.rules.contract_years import ContractYear, contract_year_of, contract_years
from entitlements.rules.editions import ACTIVITIES, LEVELS, PolicyEdition, Pool
from entitlements.rules.products import PRODUCTS, product_check
from entitlements.rules.reminders import due_reminder
from tests.worked_examples.paper import PAPER

STATES = ("requested", "scheduled", "delivered", "declined", "cancelled", "withdrawn", "no_show")
STATUSES = ("active", "suspended", "terminated")
MATTERS = ("claim", "election", "unused")
NO_FIGURES = {"N/A": caps.NOT_AVAILABLE, "unlimited": caps.UNLIMITED}


def fields(data: Any, required: str, optional: str = "") -> dict[str, Any]:
    """The object's values by key: every required key must be there, and no key that is not named."""
    if not isinstance(data, dict):
        raise ValueError(f"not an object: {data!r}")
    must, may = set(required.split()), set(optional.split())
    if wrong := (must - data.keys()) | (data.keys() - must - may):
        raise ValueError(f"keys missing or unknown: {sorted(wrong)}")
    return data


def word(value: Any, vocabulary: Collection[str]) -> str:
    if not isinstance(value, str) or value not in vocabulary:
        raise ValueError(f"not one of {sorted(vocabulary)}: {value!r}")
    return value


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"not a text: {value!r}")
    return value


def yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"neither true nor false: {value!r}")
    return value


def whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"not a whole number from zero up: {value!r}")
    return value


def rows(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"not a list: {value!r}")
    return value


def day(value: Any) -> date:
    return date.fromisoformat(text(value))


def instant(value: Any) -> datetime:
    """An instant `…Z`, with or without a fraction of a second."""
    if not text(value).endswith("Z"):
        raise ValueError(f"an instant ends with Z: {value!r}")
    return datetime.fromisoformat(value)


def zone(value: Any) -> ZoneInfo:
    return ZoneInfo(word(value, available_timezones()))


def written(moment: datetime | None) -> str | None:
    """An instant as the examples write it: UTC, `Z`, no more of the fraction than it needs."""
    if moment is None:
        return None
    whole_seconds, _, fraction = moment.astimezone(days.UTC).isoformat().removesuffix("+00:00").partition(".")
    return f"{whole_seconds}.{fraction.rstrip('0')}Z" if fraction else f"{whole_seconds}Z"


def local_day(data: dict[str, Any], in_zone: ZoneInfo) -> date:
    """`day`, or the local date of `at`: one of the two."""
    if ("day" in data) == ("at" in data):
        raise ValueError("give a day or an instant")
    return day(data["day"]) if "day" in data else days.local_day(instant(data["at"]), in_zone)


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
    levels = [(day(first), word(level, LEVELS)) for first, level in rows(read["levels"])]
    return ContractFacts(
        start=day(read["start"]),
        last=day(read["last"]),
        zone=zone(read["zone"]),
        levels=tuple(sorted(levels)),
        status=word(read.get("status", "active"), STATUSES),
        overrides=tuple(override(one, targets) for one in rows(read.get("overrides") or [])),
    )


def engagement(data: Any, in_zone: ZoneInfo) -> EngagementFacts:
    read = fields(data, "id activity", "day at state cancelled_by counted_by_manager first_session_held ps_reference")
    ended_by, reference = read.get("cancelled_by"), read.get("ps_reference")
    return EngagementFacts(
        id=text(read["id"]),
        activity=word(read["activity"], ACTIVITIES),
        day=local_day(read, in_zone),
        state=word(read.get("state", "scheduled"), STATES),
        cancelled_by=None if ended_by is None else word(ended_by, ("customer", "vendor")),
        counted_by_manager=yes_or_no(read.get("counted_by_manager", False)),
        first_session_held=yes_or_no(read.get("first_session_held", False)),
        ps_reference=None if reference is None else text(reference),
    )


def edition(data: Any) -> PolicyEdition:
    if data == "paper":
        return PAPER
    read = fields(data, "valid_from caps", "pools")
    table = {word(level, LEVELS): dict(cells) for level, cells in read["caps"].items()}
    pools = tuple(pools_of(read.get("pools") or {}, table))
    pooled = {(pool.level, activity) for pool in pools for activity in pool.activities}
    cells = {(level, word(key, ACTIVITIES)): cap(of) for level, row in table.items() for key, of in row.items()}
    return PolicyEdition(
        name=f"valid from {read['valid_from']}",
        valid_from=day(read["valid_from"]),
        caps={cell: of for cell, of in cells.items() if cell not in pooled},
        pools=pools,
    )


def pools_of(data: Any, table: dict[str, dict[str, Any]]) -> Iterator[Pool]:
    """The pools of an edition, by level or by name. A pool's cap may also stand in the table under the pool's name, and is taken out of it there."""
    if isinstance(data, list):
        for one in data:
            yield from pools_named(one.get("name") or one.get("pool") or "consultation", one, table)
        return
    for key, below in data.items():
        if key not in LEVELS:
            yield from pools_named(key, {"activities": below} if isinstance(below, list) else below, table)
        elif isinstance(below, list):
            for one in below:
                yield pool(one.get("name") or one.get("pool") or "consultation", key, one)
        elif "activities" in below:
            yield pool("consultation", key, below)
        else:
            for name, one in below.items():
                yield pool(name, key, one)


def pools_named(name: str, data: Any, table: dict[str, dict[str, Any]]) -> Iterator[Pool]:
    read = fields(data, "activities", "name pool level cap caps levels")
    if "level" in read:
        yield pool(name, word(read["level"], LEVELS), {"activities": read["activities"], "cap": read.get("cap")})
        return
    by_level = read.get("caps") or read.get("levels")
    if by_level is None:
        by_level = {level: row.pop(name) for level, row in table.items() if name in row}
    if isinstance(by_level, list):
        by_level = {level: read.get("cap") for level in by_level}
    for level, of in by_level.items():
        yield pool(name, word(level, LEVELS), {"activities": read["activities"], "cap": of})


def pool(name: str, level: str, data: Any) -> Pool:
    if not isinstance(data, dict):
        data = {"activities": ["integration", "product_feature"], "cap": data}
    read = fields(data, "activities cap", "name pool")
    activities = tuple(word(one, ACTIVITIES) for one in rows(read["activities"]))
    return Pool(text(name), level, activities, whole(read["cap"]))


def editions_of(data: dict[str, Any]) -> tuple[PolicyEdition, ...]:
    return tuple(edition(one) for one in rows(data.get("editions", ["paper"])))


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
        active=yes_or_no(read.get("active", True)),
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
