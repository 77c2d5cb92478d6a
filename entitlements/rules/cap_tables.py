"""The caps in force on a day, line by line: the policy's, the pool's (E4) and the override's (E8), and what is used of
each (E2).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from entitlements.rules.cap_values import NOT_AVAILABLE, Cap, Override, as_figure, left
from entitlements.rules.working import Figure, Step


@dataclass(frozen=True)
class CapLine:
    """The cap in force for an activity, or for a pool as one, at a level (None: no level on record).

    `activities` are counted together under it. `policy` is the edition's cap, `override` what a binding agreement put
    in its place; both are kept, to be shown side by side (E8). `pool` is the pool whose place in the policy this line
    takes.
    """

    level: str | None
    target: str
    activities: tuple[str, ...]
    policy: Cap
    pool: str | None = None
    override: Override | None = None
    cap: Cap = field(init=False)

    def __post_init__(self) -> None:
        """E8: the override goes before the policy."""
        object.__setattr__(self, "cap", self.policy if self.override is None else self.override.cap)

    @cached_property
    def untouched(self) -> CardLine:
        """The line on a card on which nothing is used of it: one value, shared by the cards of all contracts."""
        return card_line(self, 0, 0, 0)

    @property
    def is_pool(self) -> bool:
        return self.pool == self.target

    @property
    def clause(self) -> str:
        """The clause from which the cap in force comes."""
        return "E8" if self.override else "E4" if self.is_pool else "E2"

    @property
    def working(self) -> Step:
        """The step for the cap in force: the policy's cap and the override side by side, with the document and the
        reason (E8).
        """
        inputs: tuple[tuple[str, Figure], ...] = (
            ("level", self.level),
            ("counted together", self.activities),
            ("pool", self.pool),
            ("policy", as_figure(self.policy)),
        )
        override = self.override
        if override is not None:
            inputs += (
                ("override", as_figure(override.cap)),
                ("document", override.reference),
                ("reason", override.reason),
            )
        return Step("cap in force", self.clause, as_figure(self.cap), inputs)

    def under(self, overrides: Mapping[str, Override]) -> list[CapLine]:
        """E8: this line of the policy under the overrides of a day, by target.

        An activity with its own override leaves the pool, which goes on with the others.
        """
        own = [activity for activity in self.activities if activity in overrides]
        staying = tuple(activity for activity in self.activities if activity not in own)
        lines = [self._with(self.target, staying, overrides.get(self.target))] if staying else []
        return lines + [self._with(activity, (activity,), overrides[activity]) for activity in own]

    def _with(self, target: str, activities: tuple[str, ...], override: Override | None) -> CapLine:
        return CapLine(self.level, target, activities, self.policy, self.pool, override)


class CardLine(NamedTuple):
    """One line of a year card: an activity, or the activities of a pool together.

    `used` are the counted engagements of the whole year (E5), also those dated after the card's day: they hold their
    place. Of them `delivered`, and `held` by what is requested or scheduled. `left` of the cap in force is a number
    from zero up, or N/A, or UNLIMITED.
    """

    line: CapLine
    target: str
    cap: Cap
    delivered: int
    held: int
    used: int
    left: Cap

    @property
    def is_pool(self) -> bool:
        return self.line.is_pool

    @property
    def activities(self) -> tuple[str, ...]:
        return self.line.activities

    @property
    def level(self) -> str | None:
        return self.line.level

    @property
    def policy(self) -> Cap:
        """E2: the policy's cap, beside which the override stands (E8)."""
        return self.line.policy

    @property
    def override(self) -> Override | None:
        return self.line.override

    @property
    def kept(self) -> int:
        """E5: the places of engagements that ended otherwise and count all the same."""
        return self.used - self.delivered - self.held

    @property
    def available(self) -> bool:
        """E2: False means not available at this level, which is not the same as used up."""
        return self.cap is not NOT_AVAILABLE

    @property
    def working(self) -> Step:
        """How the line came about: the cap in force and where it comes from, and what is used of it."""
        line = self.line
        used = (("delivered", self.delivered), ("held", self.held), ("kept", self.kept))
        return Step(
            line.target,
            "E3",
            as_figure(self.left),
            (("counted together", line.activities),),
            (line.working, Step("used", "E5", self.used, used)),
        )


def card_line(line: CapLine, delivered: int, held: int, kept: int) -> CardLine:
    """E2, E5: the line of a card when so many are delivered, held (requested or scheduled), and ended otherwise but counted."""
    used = delivered + held + kept
    return CardLine(line, line.target, line.cap, delivered, held, used, left(used, line.cap))


class CapTable(NamedTuple):
    """Every cap in force on a day at a level, in the policy's order; `place` is the index of its line, by activity or
    pool.
    """

    level: str | None
    lines: tuple[CapLine, ...]
    place: Mapping[str, int]

    def line_of(self, activity: str) -> CapLine:
        """The line of an activity; one that nobody has heard of is not available."""
        index = self.place.get(activity)
        return _unlisted(self.level, activity) if index is None else self.lines[index]

    def under(self, overrides: Mapping[str, Override], pool_keys: Collection[str]) -> CapTable:
        """E8: the table under the overrides of a day, by target.

        An override for an activity that the policy does not list gives it a line. **Reading:** an override on a pool
        replaces the pool's cap where the level has that pool, and makes no pool elsewhere.
        """
        lines = list(self.lines)
        for index in sorted({self.place[target] for target in overrides if target in self.place}, reverse=True):
            lines[index : index + 1] = lines[index].under(overrides)
        for target, override in overrides.items():
            if not (target in self.place or target in pool_keys or override.on_pool):
                lines += _unlisted(self.level, target).under(overrides)
        if len(lines) == len(self.lines):
            return CapTable(self.level, tuple(lines), self.place)
        return cap_table(self.level, lines)


def cap_table(level: str | None, lines: Iterable[CapLine]) -> CapTable:
    """E2: the table of these lines."""
    lines = tuple(lines)
    place = {name: index for index, line in enumerate(lines) for name in (line.target, *line.activities)}
    return CapTable(level, lines, place)


def _unlisted(level: str | None, activity: str) -> CapLine:
    return CapLine(level, activity, (activity,), NOT_AVAILABLE)
