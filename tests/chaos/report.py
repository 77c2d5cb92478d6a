"""What a run tells: each scenario with what was done, what was compared, how long recovery took, and the verdict."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.place import CHECKOUT

if TYPE_CHECKING:
    from tests.chaos.stage import Stage

FILE = CHECKOUT / "var" / "chaos" / "report.md"
MOST_SAID = 20


@dataclass
class Told:
    """What a scenario says of itself. `differences`: a sentence for whatever is not as it has to be; none, and it is green.

    `recovery`: from when what was broken works again until all is done, in seconds; None where that was not measured.
    """

    done: list[str] = field(default_factory=list)
    compared: list[str] = field(default_factory=list)
    recovery: float | None = None
    differences: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def twin(self, without: str, found: Sequence[str]) -> None:
        """The same with a guard off has to go wrong, and that has to be seen: `found` are the sentences in which it was."""
        if found:
            self.compared.append(f"the twin {without}: seen to be wrong, {len(found)} times ({found[0][:160]} …)")
        else:
            self.differences.append(f"the twin {without}: nothing was seen to be wrong, so this shows nothing")


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    promises: Sequence[str]
    short: bool
    small: bool
    play: Callable[[Stage], Told]


@dataclass
class Outcome:
    scenario: Scenario
    told: Told
    seconds: float

    @property
    def green(self) -> bool:
        return not self.told.differences


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    name: str, *, promises: Sequence[str], short: bool = False, small: bool = False
) -> Callable[[Callable[[Stage], Told]], Callable[[Stage], Told]]:
    """Register a function that plays on a stage and tells. The first line of its docstring is its title in the report. `short`: it is
    part of the short form; `small`: it wants few matters in any case."""

    def register(play: Callable[[Stage], Told]) -> Callable[[Stage], Told]:
        title = (play.__doc__ or name).strip().splitlines()[0]
        SCENARIOS[name] = Scenario(name, title, promises, short, small, play)
        return play

    return register


def written(outcomes: Sequence[Outcome], *, seed: int, seconds: float, ground: str) -> str:
    """The report, as it stands in the file."""
    red = [one for one in outcomes if not one.green]
    verdict = (
        "all as it has to be" if not red else "NOT as it has to be: " + ", ".join(one.scenario.name for one in red)
    )
    head = [
        "# Makegood under fire",
        "",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}, Python {platform.python_version()}, "
        f"{seconds:,.0f} s for {len(outcomes)} scenarios, seed {seed}. **Verdict: {verdict}.**",
        "",
        "Real processes on loopback: PostgreSQL, Valkey, the web with two workers, Celery's worker with two "
        "children, beat, a mail server that keeps what it takes, and a gate before each server that can be shut. Only clock-changes and "
        "no-post turn the clock and send the letters in the tool's own process, with moments that are handed in. "
        "“The same end” means: matters, ledgers, letters and event log are, row by row, those of a run of the same ground in which "
        "nothing went wrong, but for what a scenario says that it leaves out; what is due at a deadline carries that deadline to the microsecond.",
        "",
        ground,
        "",
        "| scenario | promises | recovery | verdict |",
        "|---|---|---|---|",
        *(f"| {one.scenario.name} | {', '.join(one.scenario.promises)} | {_recovery(one)} | {_verdict(one)} |" for one in outcomes),
    ]  # fmt: skip
    return "\n".join([*head, *(line for one in outcomes for line in _chapter(one))]) + "\n"


def _chapter(one: Outcome) -> list[str]:
    told, more = one.told, len(one.told.differences) - MOST_SAID
    wrong = [*told.differences[:MOST_SAID], *([f"and {more} more"] if more > 0 else [])]
    return [
        "",
        f"## {one.scenario.name}: {one.scenario.title}",
        "",
        f"{_verdict(one)}, {one.seconds:,.1f} s, {', '.join(one.scenario.promises)}",
        "",
        *(f"- Done: {line}" for line in told.done),
        *(f"- Compared: {line}" for line in told.compared),
        f"- Recovery: {_recovery(one)}",
        *(f"- {name}: {value}" for name, value in told.figures.items()),
        *(f"- **Wrong:** {line}" for line in wrong),
    ]


def _verdict(one: Outcome) -> str:
    return "green" if one.green else "RED"


def _recovery(one: Outcome) -> str:
    return "not measured" if one.told.recovery is None else f"{one.told.recovery:,.1f} s"


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def keep(text: str, file: Path = FILE) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
