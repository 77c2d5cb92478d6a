"""Two drawings of alert logs from the rules' own values: the volume test (PL7) and the delivery periods (PL6). Pure: no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from entitlements.rules.spans import Span
from sla.rules.volume import Quarter, VolumeExclusion

WIDTH, HEIGHT = 630, 160
BEFORE, AFTER = 96, 8
"""PL7: how many quarter hours are drawn before and after the own one: a day, and two hours."""


@dataclass(frozen=True, slots=True)
class Bar:
    """PL7: one quarter hour of the drawing, and where it stands there. `own`: the one in which the alert was received."""

    start: datetime
    volume: int
    incidents: int
    own: bool
    x: int
    height: int

    @property
    def y(self) -> int:
        return HEIGHT - self.height


@dataclass(frozen=True, slots=True)
class VolumePlot:
    """PL7: the quarter hours around a failed alert against the median and eleven times it, with the failure's window shaded."""

    bars: tuple[Bar, ...]
    width: int
    median_y: int | None
    limit_y: int | None
    shade: tuple[int, int] | None

    @property
    def beside(self) -> int:
        """Where the names of the lines stand, clear of the columns."""
        return self.width + 6

    @property
    def wide(self) -> int:
        return self.width + 100

    @property
    def told(self) -> tuple[Bar, ...]:
        """For the table behind it: the quarter hours in which there was anything."""
        return tuple(bar for bar in self.bars if bar.volume or bar.own)


def drawn_around(test: VolumeExclusion, quarter: timedelta) -> Span:
    """PL7: from when to when quarter hours are drawn."""
    return Span(test.until - BEFORE * quarter, test.until + (AFTER + 1) * quarter)


def volume_plot(
    test: VolumeExclusion, quarters: Sequence[Quarter], quarter: timedelta, failed: Span | None
) -> VolumePlot:
    """S7: the drawing of a volume test. `quarters` are those on record around it; `failed` is the time from due to logged."""
    drawn = drawn_around(test, quarter)
    known = {one.start: one for one in quarters}
    starts = [drawn.start + n * quarter for n in range(BEFORE + AFTER + 1)]
    shown = [known.get(start, Quarter(start, 0, 0)) for start in starts]
    tallest = max([Fraction(one.volume) for one in shown] + [test.limit or Fraction(0), Fraction(1)])
    step = WIDTH // len(starts)

    def height(figure: Fraction | int) -> int:
        return int(figure * (HEIGHT - 10) / tallest)

    def across(instant: datetime) -> int:
        return int((min(max(instant, drawn.start), drawn.end) - drawn.start) * step // quarter)

    bars = (
        Bar(one.start, one.volume, one.incidents, one.start == test.until, n * step, height(one.volume))
        for n, one in enumerate(shown)
    )
    visible = failed & drawn if failed else None
    shade = (across(visible.start), max(across(visible.end) - across(visible.start), 1)) if visible else None
    return VolumePlot(
        bars=tuple(bars),
        width=step * len(starts),
        median_y=None if test.median is None else HEIGHT - height(test.median),
        limit_y=None if test.limit is None else HEIGHT - height(test.limit),
        shade=shade,
    )


EDGES = tuple(timedelta(seconds=n) for n in (1, 5, 15, 30, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1800, 3600))
"""PL6: up to which delivery period alerts are counted together; the limit of the terms is always one more."""


@dataclass(frozen=True, slots=True)
class Curve:
    """PL6: of one channel, how many of its alerts had a delivery period of at most each edge, out of how many."""

    channel: str
    counts: tuple[int, ...]
    total: int
    points: str
    dashes: str
    key_y: int


@dataclass(frozen=True, slots=True)
class DeliveryPlot:
    """PL6: the share of alerts delivered within a time, by channel, with a line for the limit of each edition. `ticks` name the edges."""

    edges: tuple[timedelta, ...]
    curves: tuple[Curve, ...]
    limits_x: tuple[int, ...]
    ticks: tuple[tuple[int, str], ...]
    width: int = WIDTH + 170

    @property
    def lines(self) -> list[tuple[timedelta, list[int]]]:
        """For the table behind it: of each edge the count of every channel."""
        return [(edge, [curve.counts[n] for curve in self.curves]) for n, edge in enumerate(self.edges)]


DASHES = ("none", "7 3", "2 3", "9 3 2 3", "4 2", "12 4")
"""PL6: what tells the channels apart, also in grey."""


def edges_with(limits: Iterable[timedelta]) -> tuple[timedelta, ...]:
    """PL6: the edges, with the limits of the terms among them."""
    return tuple(sorted({*EDGES, *limits}))


def delivery_plot(counts: Mapping[str, tuple[Sequence[int], int]], limits: Sequence[timedelta]) -> DeliveryPlot:
    """S4, S5: the drawing of delivery periods. `counts` are, by channel, how many lie at or below each edge, and how many in all.

    The edges stand at equal distances: most alerts take seconds, and those that matter minutes.
    """
    edges = edges_with(limits)
    places = [(n + 1) * (WIDTH // len(edges)) for n in range(len(edges))]
    curves = (
        _curve(n, channel, tuple(below), total, places) for n, (channel, (below, total)) in enumerate(counts.items())
    )
    ticks = tuple((x, _tick(edge)) for x, edge in zip(places, edges, strict=True))
    return DeliveryPlot(edges, tuple(curves), tuple(places[edges.index(one)] for one in limits), ticks)


def _curve(n: int, channel: str, counts: tuple[int, ...], total: int, places: Sequence[int]) -> Curve:
    heights = [HEIGHT - (count * (HEIGHT - 10) // total if total else 0) for count in counts]
    points = " ".join(f"{x},{y}" for x, y in zip([0, *places], [HEIGHT, *heights], strict=True))
    return Curve(channel, counts, total, points, DASHES[n % len(DASHES)], 20 + 16 * n)


def _tick(edge: timedelta) -> str:
    seconds = edge // timedelta(seconds=1)
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min" if seconds < 3600 else f"{seconds // 3600} h"
