"""What a row would do to what is booked (E6, E14), by the rules that the desk's own previews go by. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from entitlements.imports.effects import Held, World
from entitlements.rules.cap_tables import CapLine
from entitlements.rules.cap_values import UNLIMITED, Cap, as_figure
from entitlements.rules.days import day_in_words
from entitlements.rules.editions import ACTIVITIES
from entitlements.rules.engagements import EngagementFacts, ended_by_termination
from entitlements.rules.level_changes import level_change

Follows = Iterator[tuple[str, str]]


def of_termination(held: Held, last_day: date) -> Follows:
    """E14: each engagement that is cancelled."""
    ended = set(ended_by_termination(held.engagements, last_day))
    for one in sorted((one for one in held.engagements if one.id in ended), key=lambda one: (one.day, one.id)):
        yield "E14", f"Cancelled: {_named(held, one)}."
    if not ended:
        yield "E14", "Nothing that is booked or asked for is cancelled."


def of_level(held: Held, world: World, level: str, first: date) -> Follows:
    """E6: the caps that differ on the first day, and what stands above its cap afterwards."""
    if not world.editions:
        return
    change = level_change(held.facts, held.engagements, world.editions, level, first)
    for cap in change.caps:
        if cap.differs:
            yield (
                "E6",
                f"Cap on {day_in_words(first)}: {ACTIVITIES[cap.activity]} {_line(cap.before)} → {_line(cap.after)}.",
            )
    new = {one.id for one in change.newly_over}
    for over in change.over:
        since = "by this change" if over.id in new else "already today"
        stands = f"number {over.used} where the cap is {_cap(over.cap)}, {since}"
        yield "E6", f"Above its cap: {_named(held, over.engagement)}, {stands}. It stays booked."


def _named(held: Held, one: EngagementFacts) -> str:
    return f"{held.references.get(one.id, one.id)}, {ACTIVITIES[one.activity]}, {day_in_words(one.day)}"


def _line(line: CapLine) -> str:
    return _cap(line.cap) + (" in all" if line.is_pool else "")


def _cap(cap: Cap) -> str:
    return "no limit" if cap is UNLIMITED else str(as_figure(cap))
