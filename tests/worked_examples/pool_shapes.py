"""The shapes in which an example may write the pools of an edition (E4), all read into the same few facts. No rule lives here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from entitlements.rules.editions import ACTIVITIES, LEVELS, Pool
from tests.worked_examples.paper import PAPER
from tests.worked_examples.readers import mapping, rows, text, whole, word

Table = dict[str, dict[str, Any]]

(PAPER_POOL,) = PAPER.pools
IN_POOL = "pool"
"""What stands in the table in place of a pool's name, or in a cell in place of a number."""

NAMES = ("key", "target", "pool", "id", "name")
KNOWN = {"activities", "cap", "level", "levels", "caps", *NAMES, *LEVELS}


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a pool; None where nothing is."""

    name: str = PAPER_POOL.key
    level: str | None = None
    activities: tuple[str, ...] | None = None
    cap: int | None = None


def pools_of(data: Any, table: Table) -> tuple[Pool, ...]:
    """The pools of an edition. What stands in the table for a pool is taken out of it there."""
    return tuple(pool for told in told_of(data) for pool in settled(told, table))


def told_of(data: Any) -> Iterator[Told]:
    """All pools: by level, by name, or a list of objects or rows."""
    if isinstance(data, list):
        yield from below(data, Told())
    elif mapping(data).keys() & {"activities", "cap"}:
        yield from from_object(data, Told())
    else:
        for key, value in data.items():
            yield from below(value, Told(level=key) if key in LEVELS else Told(name=text(key)))


def below(value: Any, told: Told) -> Iterator[Told]:
    """What stands below a level or a name: a cap, activities, both in a row, an object, or (of a level) several pools."""
    if value is None or isinstance(value, int):
        yield replace(told, cap=told.cap if value is None else whole(value))
    elif isinstance(value, dict):
        if told.level is None or not value.keys().isdisjoint(KNOWN - {PAPER_POOL.key}):
            yield from from_object(value, told)
        else:
            for name, one in value.items():
                yield from below(one, replace(told, name=text(name)))
    elif are_activities(value) or (any(are_activities(one) for one in rows(value)) and not all_lists(value)):
        yield from_row(value, told)
    else:
        for one in rows(value):
            if isinstance(one, dict):
                yield from from_object(one, told)
            else:
                yield from_row(rows(one), told)


def are_activities(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) and one in ACTIVITIES for one in value)


def all_lists(value: list[Any]) -> bool:
    return all(isinstance(one, list) for one in value)


def from_row(value: list[Any], told: Told) -> Told:
    """Activities alone, or a row of a level, a name, the activities and the cap: what is there of them, each once."""
    said: dict[str, Any] = {}
    for one in [value] if are_activities(value) else value:
        if are_activities(one):
            key, read = "activities", tuple(one)
        elif isinstance(one, str):
            key, read = ("level" if one in LEVELS else "name"), one
        else:
            key, read = "cap", whole(one)
        if key in said or (key == "level" and told.level not in (None, one)):
            raise ValueError(f"said twice of a pool: {value!r}")
        said[key] = read
    return replace(told, **said)


def from_object(data: dict[str, Any], told: Told) -> Iterator[Told]:
    """A pool as an object; its levels as `level`, `levels` or `caps`, or each as a key of its own."""
    if unknown := data.keys() - KNOWN:
        raise ValueError(f"keys unknown: {sorted(map(str, unknown))}")
    said = {key: value for key, value in data.items() if value is not None}
    names = [text(said[key]) for key in NAMES if key in said]
    told = replace(told, name=PAPER_POOL.key if PAPER_POOL.key in names else (names or [told.name])[0])
    if "activities" in said:
        told = replace(told, activities=tuple(word(one, ACTIVITIES) for one in rows(said["activities"])))
    if "cap" in said:
        told = replace(told, cap=whole(said["cap"]))
    levels = {level: said[level] for level in LEVELS if level in said}
    for key in ("levels", "caps"):
        if key in said:
            more = said[key]
            levels |= dict.fromkeys(map(text, more)) if isinstance(more, list) else mapping(more)
    if "level" in said:
        levels[text(said["level"])] = None
    if told.level is not None and levels.keys() - {told.level}:
        raise ValueError(f"another level below {told.level}: {data!r}")
    if not levels:
        yield told
    for level, value in levels.items():
        yield from below(value, replace(told, level=word(level, LEVELS)))


def settled(told: Told, table: Table) -> Iterator[Pool]:
    """The pool at its levels with its caps, from the table where it is not said; ValueError if no level or cap is found."""
    activities = told.activities or PAPER_POOL.activities
    levels = [told.level] if told.level else levels_in(table, told, activities)
    if not levels:
        raise ValueError(f"no level for the pool {told.name}")
    for level in levels:
        line = table.get(level, {})
        written = [line.pop(key) for key in dict.fromkeys((told.name, IN_POOL)) if key in line]
        caps = {whole(one) for one in written if one != IN_POOL} | ({told.cap} - {None})
        if not caps and (cell := same_cell(line, activities)) is not None:
            caps = {cell}
        if len(caps) != 1:
            raise ValueError(f"no cap, or more than one, for the pool {told.name} at {level}: {caps}")
        yield Pool(told.name, level, activities, caps.pop())
        for activity in activities:
            line.pop(activity, None)


def levels_in(table: Table, told: Told, activities: tuple[str, ...]) -> list[str]:
    """The levels of a pool of which none is said: where the table names it; else, with a cap, the one where the paper has
    a pool; else those where its activities carry the same number."""
    if named := [level for level, line in table.items() if told.name in line]:
        return named
    if told.cap is not None:
        return [PAPER_POOL.level]
    return [level for level, line in table.items() if same_cell(line, activities) is not None]


def same_cell(line: dict[str, Any], activities: tuple[str, ...]) -> int | None:
    cells = [line.get(activity) for activity in activities]
    return cells[0] if type(cells[0]) is int and all(type(one) is int and one == cells[0] for one in cells) else None
