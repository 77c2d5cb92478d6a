"""Spans of time: half open, `[start, end)`, in UTC. Union, cut-out and total, exact to the microsecond."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `start` (included) to `end` (not included), both instants with a zone; never empty, never backwards."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a span needs instants with a zone")
        if self.end <= self.start:
            raise ValueError(f"a span must end after it starts: {self.start} – {self.end}")

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def contains(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def covers(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def __and__(self, other: Span) -> Span | None:
        """The part that both have; None if there is none."""
        return span_or_none(max(self.start, other.start), min(self.end, other.end))


def span_or_none(start: datetime, end: datetime) -> Span | None:
    """`[start, end)`, or None where nothing lies between them."""
    return Span(start, end) if start < end else None


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans that overlap or touch become one; any gap separates. In order of time."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def cut(spans: Iterable[Span], cuts: Iterable[Span]) -> tuple[Span, ...]:
    """What is left of the union of `spans` when every span of `cuts` is taken out of it."""
    left: list[Span] = []
    taken = union(cuts)
    for span in union(spans):
        start = span.start
        for gap in taken:
            if gap.end <= start or gap.start >= span.end:
                continue
            if gap.start > start:
                left.append(Span(start, gap.start))
            start = max(start, gap.end)
        if start < span.end:
            left.append(Span(start, span.end))
    return tuple(left)


def intersection(spans: Iterable[Span], others: Iterable[Span]) -> tuple[Span, ...]:
    """What lies both in the union of `spans` and in the union of `others`."""
    kept = union(others)
    return tuple(part for span in union(spans) for other in kept if (part := span & other))


def total(spans: Iterable[Span]) -> timedelta:
    """The time under the union of the spans: no instant counts twice."""
    return sum((span.length for span in union(spans)), timedelta())
