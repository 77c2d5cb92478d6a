"""S9: what a decision found of each line, read from its frozen working, for the claim's page and the letter alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from entitlements import wording
from entitlements.rules.money import cents, exact
from entitlements.rules.working import Figure, Step
from sla.models import LostTransaction
from sla.rules.losses import Strike

OUTSIDE = "Outside the remedy period"
MOST_NAMED = 6
"""So many lines a letter names by number; of more it says how many they are."""


class Found(NamedTuple):
    """A line that a decision did not count: its number, its reasons in words, and its profit as it was stated."""

    line: str
    why: str
    profit: Fraction


def not_counted(working: dict[str, Any] | None) -> Mapping[str, str]:
    """The lines that a decision did not count, by number, each with its reasons in words."""
    return {found.line: found.why for found in _found(working)} if working else {}


def not_counted_in_brief(working: dict[str, Any]) -> list[dict[str, Any]]:
    """The same summed up by reason, for a letter: `why`, `lines` in words, and the `profit` that was stated, in cents."""
    by_reason: dict[str, list[Found]] = {}
    for found in _found(working):
        by_reason.setdefault(found.why, []).append(found)
    return [
        {
            "why": why,
            "lines": _in_few_words([one.line for one in lines]),
            "profit": cents(sum((one.profit for one in lines), Fraction())),
        }
        for why, lines in by_reason.items()
    ]


def _found(working: dict[str, Any]) -> Iterator[Found]:
    for _, step in Step.from_json(working).walk():
        if step.name != "transaction":
            continue
        said = dict(step.inputs)
        if said["struck"]:
            attempt = next(one for one in step.steps if dict(one.inputs)["attempted"] == said["counted_attempt"])
            yield Found(str(said["key"]), _in_words(said["struck"]), _profit(attempt.result))


def _profit(figure: Figure) -> Fraction:
    return exact(figure) if isinstance(figure, (Fraction, int)) else Fraction()


def _in_few_words(lines: Sequence[str]) -> str:
    """Line 4; lines 4, 5 and 9; 38 lines, the first of them 4, 5, 9, 12, 16 and 17."""
    named = lines[:MOST_NAMED]
    numbers = " and ".join(part for part in (", ".join(named[:-1]), named[-1]) if part)
    if len(lines) > MOST_NAMED:
        return f"{wording.counted(len(lines), 'line')}, the first of them {numbers}"
    return f"{'Lines' if len(lines) > 1 else 'Line'} {numbers}"


def _in_words(strikes: Figure) -> str:
    labels = dict(LostTransaction.Strike.choices) | {Strike.OUTSIDE_REMEDY_PERIOD.value: OUTSIDE}
    return "; ".join(str(labels[str(one)]) for one in strikes) if isinstance(strikes, tuple) else ""
