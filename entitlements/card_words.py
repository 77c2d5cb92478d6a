"""A line of the year card in words: one sentence for how its figure came about, and its working by names (E2–E5, E8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from entitlements.rules.cap_values import NOT_AVAILABLE, UNLIMITED, Cap, as_figure
from entitlements.rules.caps import CardLine
from entitlements.rules.editions import LEVELS
from entitlements.rules.working import Figure, Step
from entitlements.wording import MINUS


def cap_in_words(cap: Cap) -> str:
    return "no limit" if cap is UNLIMITED else str(as_figure(cap))


def sentence(line: CardLine, names: Mapping[str, str], *, over: bool = False) -> str:
    """'6 by the policy at Gold Services − 2 delivered − 1 booked − 0 counted otherwise = 3 left'; `over`: the year has ended, and
    what is left has lapsed (E3)."""
    source = _source(line, names)
    if line.cap is NOT_AVAILABLE:
        return f"Not available {source}"
    if line.cap is UNLIMITED:
        return f"No limit {source}; {line.used} used"
    parts = (f"{line.delivered} delivered", f"{line.held} booked", f"{line.kept} counted otherwise")
    result = f"{cap_in_words(line.left)} {'lapsed' if over else 'left'}"
    above = f", and {line.used - line.cap} above the cap" if isinstance(line.cap, int) and line.used > line.cap else ""
    return f" {MINUS} ".join((f"{line.cap} {source}", *parts)) + f" = {result}{above}"


def working_by_names(line: CardLine, names: Mapping[str, str]) -> Step:
    """The line's working with names in the place of keys, without what there is none of."""
    return _named(line.working, {**LEVELS, **names})


def _source(line: CardLine, names: Mapping[str, str]) -> str:
    if line.override is not None:
        paper = f" in {line.override.reference}" if line.override.reference else ""
        return f"as agreed{paper}, where the policy has {cap_in_words(line.policy)}"
    level = f"at {LEVELS[line.level]}" if line.level else "without a level on record"
    together = " and ".join(names.get(one, one) for one in line.activities)
    return f"for {together} together, by the policy {level}" if line.is_pool else f"by the policy {level}"


def _named(step: Step, names: Mapping[str, str]) -> Step:
    inputs = tuple((label, _figure(value, names)) for label, value in step.inputs if value is not None)
    steps = tuple(_named(below, names) for below in step.steps)
    return replace(step, name=names.get(step.name, step.name), inputs=inputs, steps=steps)


def _figure(figure: Figure, names: Mapping[str, str]) -> Figure:
    if isinstance(figure, tuple):
        return tuple(_figure(one, names) for one in figure)
    return names.get(figure, figure) if isinstance(figure, str) else figure
