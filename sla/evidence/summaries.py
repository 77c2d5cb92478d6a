"""What the notifications of a customer and a span come to, from their groups: counts, reasons, and the drawing of PL6. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sla.evidence.lists import EXCLUDED, Group
from sla.evidence.plots import DeliveryPlot, delivery_plot
from sla.evidence.questions import FAILED, LATE, Verdict
from sla.evidence.wording import REASONS, VERDICTS, channel_in_words
from sla.rules.delivery import OutOfScope


@dataclass(frozen=True, slots=True)
class Summary:
    """S4, S5: the groups of a span. `everywhere`: the drawing also holds what is out of scope for its country alone. `limits`: of
    each edition that counts anywhere in the span, in order of time (S1)."""

    groups: tuple[Group, ...]
    everywhere: bool
    limits: tuple[timedelta, ...]
    remedy: timedelta

    @property
    def notifications(self) -> int:
        return sum(one.count for one in self.groups)

    @property
    def in_scope(self) -> int:
        return self.notifications - self._count([Verdict.OUT_OF_SCOPE])

    @property
    def late(self) -> int:
        return self._count(LATE)

    @property
    def excluded(self) -> int:
        return self._count(EXCLUDED)

    @property
    def failures(self) -> int:
        return self._count(FAILED)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """S4: how many are out of scope for each reason; one may have several."""
        counts = Counter(dict.fromkeys(OutOfScope, 0))
        for one in self.groups:
            counts.update(dict.fromkeys(one.out_of_scope, one.count))
        return [(REASONS[why], counts[why]) for why in OutOfScope]

    @property
    def shut_out(self) -> list[tuple[str, str, int, int, int]]:
        """PL6: what is late and excluded, by channel and reason; how wide its line is drawn, and where it stands."""
        lines = [one for one in self._by_verdict() if one[1] in EXCLUDED]
        most = max((count for _, _, count in lines), default=0)
        return [
            (channel_in_words(channel), VERDICTS[verdict], count, 300 * count // most, 18 * n)
            for n, (channel, verdict, count) in enumerate(lines)
        ]

    @property
    def shut_out_height(self) -> int:
        return 18 * len(self.shut_out)

    @property
    def plot(self) -> DeliveryPlot:
        """PL6: over what was delivered or has failed; what is excluded stands apart, what waits in time is not known yet."""
        counts: dict[str, tuple[list[int], int]] = {}
        for one in filter(self._drawn, self.groups):
            below, total = counts.get(one.channel, ([0] * len(one.below), 0))
            counts[one.channel] = [a + b for a, b in zip(below, one.below, strict=True)], total + one.count
        return delivery_plot({channel_in_words(name): told for name, told in sorted(counts.items())}, self.limits)

    def _drawn(self, one: Group) -> bool:
        if one.verdict == Verdict.OUT_OF_SCOPE:
            return self.everywhere and one.out_of_scope == (OutOfScope.COUNTRY,)
        return one.verdict not in (*EXCLUDED, Verdict.OPEN)

    def _by_verdict(self) -> list[tuple[str, Verdict, int]]:
        counts: Counter[tuple[str, Verdict]] = Counter()
        for one in self.groups:
            counts[one.channel, one.verdict] += one.count
        return [(channel, verdict, count) for (channel, verdict), count in sorted(counts.items())]

    def _count(self, verdicts: Iterable[Verdict]) -> int:
        return sum(one.count for one in self.groups if one.verdict in set(verdicts))
