"""The year's statement for a customer (E2, E5, E13): what it was entitled to, used and did not use, what it was advised, and what
became of that. The places are the year card's own lines, so that both never differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from entitlements.rules.cap_tables import CardLine
from entitlements.rules.cap_values import as_figure
from entitlements.rules.contract_years import ContractYear


@dataclass(frozen=True, slots=True)
class Advised:
    """A recommendation that was given: out of which activity, on which local date its engagement counts, and its state."""

    activity: str
    day: date
    state: str


@dataclass(frozen=True)
class StatementLine:
    """One line of the statement: an activity, or the activities of a pool together."""

    card: CardLine
    states: Counter[str]

    @property
    def entitled(self) -> int | str:
        return as_figure(self.card.cap)

    @property
    def used(self) -> int:
        return self.card.used

    @property
    def unused(self) -> int | str:
        """E3: what is left of the cap; at the end of the year it lapses."""
        return as_figure(self.card.left)

    @property
    def advised(self) -> int:
        return self.states.total()

    @property
    def done(self) -> int:
        return self.states["done"]

    @property
    def declined(self) -> int:
        return self.states["declined"]

    @property
    def to_do(self) -> int:
        return self.states["open"] + self.states["in_progress"]


@dataclass(frozen=True)
class Statement:
    """The statement of one contract year, in the policy's order."""

    lines: tuple[StatementLine, ...]

    def total(self, column: str) -> int:
        """The sum of a column, over the lines where it is a number: of `entitled`, `used` and `unused` only where the cap is one,
        as on the year card.
        """
        lines = self.lines if column in ("advised", "done", "declined", "to_do") else self._with_a_number
        return sum(getattr(line, column) for line in lines)

    @property
    def _with_a_number(self) -> Sequence[StatementLine]:
        return [line for line in self.lines if isinstance(line.card.cap, int)]


def statement(year: ContractYear, card: Iterable[CardLine], advised: Iterable[Advised]) -> Statement:
    """E3, E13: the statement of a contract year from its card and the contract's recommendations; those of other years are passed over."""
    of_the_year = [one for one in advised if one.day in year]
    lines = (
        StatementLine(line, Counter(one.state for one in of_the_year if one.activity in line.activities))
        for line in card
    )
    return Statement(tuple(lines))
