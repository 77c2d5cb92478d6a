"""S9: the realized loss, line by line, with everything that was struck out; S10: the method of the rate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from entitlements.rules.money import cents, exact, total
from entitlements.rules.spans import Span, union
from entitlements.rules.working import Step


class LineKind(StrEnum):
    """S9: what a line claims: the profit of a sale, or a cost, which is never part of the loss."""

    SALE = "sale"
    REPAIR = "repair"
    REPLACEMENT = "replacement"
    SUBSTITUTE = "substitute"


class Strike(StrEnum):
    """S9: why a line is struck out, in the order in which the reasons are named."""

    OUTSIDE_REMEDY_PERIOD = "outside_remedy_period"
    COMPLETED = "completed"
    NO_DOCUMENT = "no_document"
    NOT_THIRD_PARTY = "not_third_party"
    OTHER_CAUSE = "other_cause"
    NOT_AFFECTED_SYSTEMS = "i_not_affected_systems"
    OTHER_SYSTEM_DOWN = "ii_other_system_down"
    REPAIR_OR_SUBSTITUTE_COST = "iii_repair_or_substitute_cost"
    ANOTHER_ATTEMPT = "another_attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """S9: one attempt at a transaction, `key` naming the transaction. Money in the contract's currency; `attempted` is UTC.

    Customary expenses count as far as they are documented; the others are kept beside them and deduct nothing.
    """

    key: str
    attempted: datetime
    revenue: Decimal
    documented_expenses: tuple[Decimal, ...]
    undocumented_expenses: tuple[Decimal, ...]
    completed: bool
    documented: bool
    third_party: bool
    due_to_failure: bool
    affected_systems: bool
    other_system_down: bool
    kind: LineKind = LineKind.SALE
    repeats: bool = False
    """It was found to be another attempt at a transaction that stands under a key of its own."""

    @property
    def profit(self) -> Fraction:
        """S9: revenue less all documented customary expenses, exact; below zero for a loss."""
        return exact(self.revenue) - sum(map(exact, self.documented_expenses), Fraction())

    @property
    def working(self) -> Step:
        return Step(
            "attempt",
            "S9",
            self.profit,
            inputs=(
                ("key", self.key),
                ("attempted", self.attempted),
                ("revenue", self.revenue),
                ("documented_expenses", self.documented_expenses),
                ("undocumented_expenses", self.undocumented_expenses),
                ("completed", self.completed),
                ("documented", self.documented),
                ("third_party", self.third_party),
                ("due_to_failure", self.due_to_failure),
                ("affected_systems", self.affected_systems),
                ("other_system_down", self.other_system_down),
                ("kind", self.kind.value),
                *((("repeats", True),) if self.repeats else ()),
            ),
        )


@dataclass(frozen=True, slots=True)
class Line:
    """S9: one transaction with all its attempts. `strikes` is empty if it counts; `counted` is the attempt that it is judged by."""

    attempts: tuple[Attempt, ...]
    counted: Attempt
    strikes: tuple[Strike, ...]

    @property
    def key(self) -> str:
        return self.counted.key

    @property
    def profit(self) -> Fraction:
        return self.counted.profit

    @property
    def working(self) -> Step:
        return Step(
            "transaction",
            "S9",
            Fraction() if self.strikes else self.profit,
            inputs=(
                ("key", self.key),
                ("counted_attempt", self.counted.attempted),
                ("struck", tuple(strike.value for strike in self.strikes)),
            ),
            steps=tuple(attempt.working for attempt in self.attempts),
        )


@dataclass(frozen=True)
class RealizedLoss:
    """S9: the realized loss over the remedy period, with the lines kept and the lines struck."""

    lines: tuple[Line, ...]
    remedy: tuple[Span, ...]

    @cached_property
    def kept(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.strikes)

    @property
    def struck(self) -> Mapping[str, tuple[Strike, ...]]:
        """Each struck transaction with every reason, in the order of the table."""
        return {line.key: line.strikes for line in self.lines if line.strikes}

    @cached_property
    def exact(self) -> Fraction:
        """The loss as it is used further on. **Reading** in the vendor's favour: losses on single lines reduce the sum,
        which is never below zero; `without_netting` is the other one."""
        return max(profit_of(line.counted for line in self.kept), Fraction())

    @property
    def amount(self) -> Decimal:
        """The loss as it is shown, rounded once."""
        return cents(self.exact)

    @cached_property
    def without_netting(self) -> Decimal:
        """The other reading: lines that would have lost money count as nothing, shown to whoever decides."""
        return cents(profit_of(line.counted for line in self.kept if line.profit > 0))

    @property
    def working(self) -> Step:
        return self._working(self.lines)

    def working_with(self, first: Iterable[Attempt], of: int) -> Step:
        """The working as a page shows it: the same figures, and below them only the `first` lines of so many, or
        none."""
        shown = realized_loss(first, self.remedy).lines
        note = f"The first {len(shown):,} of {of:,} are shown here." if of > len(shown) > 0 else ""
        return self._working(shown, note)

    def _working(self, lines: tuple[Line, ...], note: str = "") -> Step:
        return Step(
            "realized loss",
            "S9",
            self.amount,
            inputs=(("remedy", self.remedy), ("exact", self.exact), ("without_netting", self.without_netting)),
            steps=tuple(line.working for line in lines),
            note=note,
        )


def realized_loss(attempts: Iterable[Attempt], remedy: Iterable[Span]) -> RealizedLoss:
    """S9: profit of the transactions attempted in the `remedy` periods and not completed because of the failure.

    Attempts with one key are one transaction, counted once; all of them are handed in, also the later ones that succeeded.
    """
    periods = union(remedy)
    by_key: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        by_key.setdefault(attempt.key, []).append(attempt)
    return RealizedLoss(tuple(_line(tuple(tried), periods) for tried in by_key.values()), periods)


def claimed(lines: Iterable[Attempt]) -> Decimal:
    """S19: what the customer claims: the profit of every line as it is stated, whatever is found against it; rounded once."""
    return cents(profit_of(lines))


def profit_of(lines: Iterable[Attempt]) -> Fraction:
    """S9: what they come to, exact: revenue less documented customary expenses."""
    there = list(lines)
    spent = (one for line in there for one in line.documented_expenses)
    return total(line.revenue for line in there) - total(spent)


def _line(attempts: tuple[Attempt, ...], periods: tuple[Span, ...]) -> Line:
    """S9: a transaction is judged by the attempt that is least open to objection, the earliest of equals (doubt goes to the
    customer), but completed at any attempt it is completed."""
    completed = any(attempt.completed for attempt in attempts)
    judged = [(_strikes(attempt, periods, completed), attempt) for attempt in attempts]
    strikes, counted = min(judged, key=lambda one: (len(one[0]), one[1].attempted))
    return Line(attempts, counted, strikes)


def _strikes(attempt: Attempt, periods: tuple[Span, ...], completed: bool) -> tuple[Strike, ...]:
    reasons = {
        Strike.OUTSIDE_REMEDY_PERIOD: not any(span.contains(attempt.attempted) for span in periods),
        Strike.COMPLETED: completed,
        Strike.NO_DOCUMENT: not attempt.documented,
        Strike.NOT_THIRD_PARTY: not attempt.third_party,
        Strike.OTHER_CAUSE: not attempt.due_to_failure,
        Strike.NOT_AFFECTED_SYSTEMS: not attempt.affected_systems,
        Strike.OTHER_SYSTEM_DOWN: attempt.other_system_down,
        Strike.REPAIR_OR_SUBSTITUTE_COST: attempt.kind is not LineKind.SALE,
        Strike.ANOTHER_ATTEMPT: attempt.repeats,
    }
    return tuple(strike for strike, holds in reasons.items() if holds)
