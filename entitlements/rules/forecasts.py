"""How many places of a contract year will lapse unused (E3): a forecast with its method and its range. It refuses nobody anything."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from entitlements.rules.working import Step

SHORTEST_HISTORY = timedelta(days=90)
LONGEST_HISTORY = timedelta(days=365)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of the `left` places, how many lapse at the year's end if the customer goes on as in the `history` days before today.

    `likely` by the average pace, `fewest` and `most` by the busiest and the quietest stretch of the same length.
    """

    left: int
    fewest: int
    likely: int
    most: int
    history: int
    sessions: int
    remaining: int
    ahead: int

    @property
    def working(self) -> Step:
        return Step(
            "places that will lapse",
            "E3",
            self.likely,
            inputs=(
                ("left today", self.left),
                ("days looked back", self.history),
                ("sessions in them", self.sessions),
                ("days to the year's end", self.remaining),
                ("sessions ahead already", self.ahead),
                ("at the busiest pace", self.fewest),
                ("at the quietest pace", self.most),
            ),
        )


def forecast_unused(left: int, days: Iterable[date], *, start: date, today: date, last: date) -> Forecast | None:
    """E3: the forecast for a contract that runs since `start` and whose year ends with `last`, as of `today` (all local days).

    `days` are those of all its engagements that count, also of earlier years. None where there is too little to go by: less than
    90 days of history, or no session in it.
    """
    ordered = sorted(days)
    first = max(start, today - LONGEST_HISTORY + _DAY)
    past = ordered[bisect_left(ordered, first) : bisect_right(ordered, today)]
    history, remaining = (today - first).days + 1, (last - today).days
    if history < SHORTEST_HISTORY.days or not past or remaining < 0:
        return None
    ahead = bisect_right(ordered, last) - bisect_right(ordered, today)
    quietest, busiest = _stretches(past, first, today, min(remaining, history))
    scale = Fraction(remaining, min(remaining, history) or 1)

    def lapsing(expected: Fraction) -> int:
        return max(left - max(_rounded(expected) - ahead, 0), 0)

    likely = lapsing(Fraction(len(past) * remaining, history))
    return Forecast(
        left=left,
        fewest=min(lapsing(busiest * scale), likely),
        likely=likely,
        most=max(lapsing(quietest * scale), likely),
        history=history,
        sessions=len(past),
        remaining=remaining,
        ahead=ahead,
    )


def _stretches(days: Sequence[date], first: date, last: date, length: int) -> tuple[int, int]:
    """The fewest and the most of the days in any stretch of so many days between first and last."""
    starts = (first + n * _DAY for n in range((last - first).days + 2 - length))
    counts = [bisect_left(days, start + length * _DAY) - bisect_left(days, start) for start in starts]
    return min(counts), max(counts)


def _rounded(number: Fraction) -> int:
    """Half up."""
    return (2 * number.numerator + number.denominator) // (2 * number.denominator)
