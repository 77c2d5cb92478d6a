"""The working: how an answer came about, as one small tree of named steps.

Every rule's answer has a `working`. Page, letter and PDF print the same tree; a decided claim keeps it as JSON, exact to the
microsecond and the last digit, so that the decision can be replayed and compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from entitlements.rules.spans import Span

MOST_SHOWN = 100
"""A claim has up to 50,000 lines, each of them a step."""

Figure = None | bool | int | str | Decimal | Fraction | date | datetime | timedelta | Span | tuple["Figure", ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, the clause that it carries out, what went in (label, figure), what came out, and the steps below it."""

    name: str
    clause: str
    result: Figure
    inputs: tuple[tuple[str, Figure], ...] = ()
    steps: tuple[Step, ...] = field(default=())
    note: str = ""

    def walk(self, depth: int = 0) -> list[tuple[int, Step]]:
        """Every step of the tree with its depth, in reading order."""
        below = [pair for step in self.steps for pair in step.walk(depth + 1)]
        return [(depth, self), *below]

    def shortened(self, most: int = MOST_SHOWN) -> Step:
        """The tree as it can be read: at most so many steps below one, which says how many there are."""
        note = self.note
        if (count := len(self.steps)) > most:
            note = f"{note} The first {most:,} of {count:,} are shown here.".strip()
        return replace(self, steps=tuple(step.shortened(most) for step in self.steps[:most]), note=note)

    def as_json(self) -> dict[str, Any]:
        """The tree in types that JSON has, from which `from_json` makes an equal one."""
        return {
            "name": self.name,
            "clause": self.clause,
            "result": figure_as_json(self.result),
            "inputs": [[label, figure_as_json(figure)] for label, figure in self.inputs],
            "steps": [step.as_json() for step in self.steps],
            "note": self.note,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Step:
        return cls(
            name=data["name"],
            clause=data["clause"],
            result=figure_from_json(data["result"]),
            inputs=tuple((label, figure_from_json(figure)) for label, figure in data["inputs"]),
            steps=tuple(cls.from_json(step) for step in data["steps"]),
            note=data["note"],
        )


def figure_as_json(figure: Figure) -> Any:
    """A figure as JSON: plain where JSON has the type, else `{type: text}`."""
    match figure:
        case None | bool() | int() | str():
            return figure
        case Decimal() | Fraction():
            return {type(figure).__name__.lower(): str(figure)}
        case datetime():
            return {"instant": figure.isoformat()}
        case date():
            return {"day": figure.isoformat()}
        case timedelta():
            return {"microseconds": figure // timedelta(microseconds=1)}
        case Span():
            return {"span": [figure.start.isoformat(), figure.end.isoformat()]}
        case tuple():
            return [figure_as_json(one) for one in figure]
    raise TypeError(f"not a figure of a working: {figure!r}")


def figure_from_json(data: Any) -> Figure:
    """The figure that `figure_as_json` wrote."""
    if isinstance(data, list):
        return tuple(figure_from_json(one) for one in data)
    if not isinstance(data, dict):
        plain: bool | int | str | None = data
        return plain
    ((kind, text),) = data.items()
    match kind:
        case "decimal":
            return Decimal(text)
        case "fraction":
            return Fraction(text)
        case "instant":
            return datetime.fromisoformat(text)
        case "day":
            return date.fromisoformat(text)
        case "microseconds":
            return timedelta(microseconds=text)
        case "span":
            return Span(datetime.fromisoformat(text[0]), datetime.fromisoformat(text[1]))
    raise ValueError(f"not a figure of a working: {data!r}")
