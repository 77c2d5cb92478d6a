"""The maturity scorecard (E13): three dimensions, levels on a published scale, and what changed since the year before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from entitlements.rules.days import add_months

DIMENSIONS: Mapping[str, str] = {
    "foundations": "Foundations of Automation",
    "design": "Design Maturity",
    "outcomes": "Outcomes/KPI Maturity",
}
"""E13: the three dimensions, with their names."""

SCALE: Mapping[int, tuple[str, str]] = {
    1: ("Ad hoc", "done by hand, by whoever is there"),
    2: ("Repeatable", "some jobs are written down or scripted"),
    3: ("Defined", "agreed, shared, and used by more than one team"),
    4: ("Managed", "measured, with somebody who answers for it"),
    5: ("Optimized", "improved by its own figures"),
}
"""The scale as it is published to customers: a level's name, and what it means. In our own words."""


@dataclass(frozen=True)
class Scorecard:
    """The levels of one assessment, by dimension, and its local date. ValueError for an unknown dimension or level."""

    day: date
    levels: Mapping[str, int]

    def __post_init__(self) -> None:
        if unknown := set(self.levels) - set(DIMENSIONS):
            raise ValueError(f"no such dimension: {sorted(unknown)}")
        for level in self.levels.values():
            check_level(level)


@dataclass(frozen=True, slots=True)
class Change:
    """A dimension now and a year before; `before` None: it was not assessed then."""

    dimension: str
    level: int
    before: int | None

    @property
    def name(self) -> str:
        return DIMENSIONS[self.dimension]

    @property
    def word(self) -> str:
        return SCALE[self.level][0]

    @property
    def difference(self) -> int | None:
        return None if self.before is None else self.level - self.before

    @property
    def in_words(self) -> str:
        """'up 1', 'down 2', 'the same'; empty if there is nothing to compare with."""
        if self.before is None:
            return ""
        by = self.level - self.before
        return f"up {by}" if by > 0 else f"down {-by}" if by < 0 else "the same"


def year_before(year_first: date, scorecards: Iterable[Scorecard]) -> Scorecard | None:
    """E13: what an assessment of the contract year that begins on `year_first` is compared with: the customer's latest one of the
    twelve months before that day, under whichever contract; None if there was none.
    """
    earliest = add_months(year_first, -12)
    earlier = [one for one in scorecards if earliest <= one.day < year_first]
    return max(earlier, key=lambda one: one.day, default=None)


def compared(now: Scorecard, before: Scorecard | None) -> tuple[Change, ...]:
    """E13: each dimension that was assessed, in the order of the model, beside its level of the year before."""
    old = before.levels if before else {}
    return tuple(Change(key, now.levels[key], old.get(key)) for key in DIMENSIONS if key in now.levels)


def message(changes: Iterable[Change]) -> str:
    """E13: the comparison in one sentence, for readers who do not look at the drawing."""
    changes = tuple(changes)
    if all(one.before is None for one in changes):
        return "First assessment: there is none of the year before to compare with."
    rose = [one for one in changes if (one.difference or 0) > 0]
    fell = [one for one in changes if (one.difference or 0) < 0]
    said = [f"{_moved(ones)} {verb}" for verb, ones in (("rose", rose), ("fell", fell)) if ones]
    same = [one.name for one in changes if one.difference == 0]
    said += [f"{_listed(same)} stayed where {'it was' if len(same) == 1 else 'they were'}"] if same else []
    new = [one.name for one in changes if one.before is None]
    said += [f"{_listed(new)} had not been assessed"] if new else []
    return f"Since the year before, {'; '.join(said)}."


def _moved(changes: Iterable[Change]) -> str:
    return _listed([f"{one.name} (from {one.before} to {one.level})" for one in changes])


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def check_level(level: int) -> None:
    """E13: raises ValueError for what is no level of the scale."""
    if type(level) is not int or level not in SCALE:
        raise ValueError(f"not a level of the scale: {level!r}")
