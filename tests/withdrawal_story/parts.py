"""A part of the story, of every withdrawal and zone, on a PostgreSQL of its own, and what there is to report of it."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from benchmarks._booking_ground import standing

OFTEN = 15
"""Seconds between two words about how far it is."""


@dataclass
class Report:
    """How many ended how, by zone; what happened on the way; how many deadlines lay on a change of the clocks; what is not as it has to be."""

    zones: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    on_the_way: Counter[str] = field(default_factory=Counter)
    withdrawals: set[str] = field(default_factory=set)
    changes: int = 0
    seconds: float = 0
    wrong: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        of = f"in {len(self.zones)} zones, in {len(self.withdrawals)} withdrawals"
        return [
            f"{self.zones.total():,} contracts {of}: {_list(self.zones)}",
            f"ended: {_list(self.ends)}",
            f"on the way: {_list(self.on_the_way)}",
            f"seven days with a change of the clocks in them: {self.changes:,}",
            f"played in {self.seconds:,.0f} s; compared with the replay: {len(self.wrong)} disagreements",
            *(f"  {sentence}" for sentence in self.wrong[:50]),
        ]

    def add(self, other: Report) -> None:
        for name in ("zones", "ends", "on_the_way"):
            getattr(self, name).update(getattr(other, name))
        self.withdrawals |= other.withdrawals
        self.changes, self.seconds = self.changes + other.changes, max(self.seconds, other.seconds)
        self.wrong += other.wrong


def play(contracts: int, hours: float, part: int, parts: int) -> Report:
    """One part of them, of every withdrawal and zone."""
    with standing():
        from django.test import override_settings

        with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
            return _play(contracts, timedelta(hours=hours), part, parts)


def _play(contracts: int, apart: timedelta, part: int, parts: int) -> Report:
    from tests.withdrawal_story import told
    from tests.withdrawal_story.compare import disagreements
    from tests.withdrawal_story.play import Stage

    begun, places = time.monotonic(), sum(len(wave.zones) for wave in told.WAVES)
    own = [n for n in range(contracts) if n // places % parts == part]
    stage = Stage(list(told.contracts(own)), told.WAVES, turns_apart=apart)
    stage.play(tell=_progress(f"part {part + 1} of {parts}"))
    return _report(stage, disagreements(stage), time.monotonic() - begun)


def _progress(name: str) -> Callable[[int, int], None]:
    """Says every while how many of the turns of the clock are played, and how long the others will take at that pace."""
    begun = said = time.monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said < OFTEN and done != of:
            return
        said, left = now, (now - begun) / done * (of - done)
        sys.stderr.write(f"{name}: {done:,} of {of:,} turns, about {left / 60:.1f} min left\n")

    return tell


def _report(stage, wrong: list[str], seconds: float) -> Report:
    from sla.models import Election

    report = Report(on_the_way=stage.counted, wrong=wrong, seconds=seconds)
    for one in Election.objects.filter(reference__in=stage.worlds):
        report.zones[one.zone] += 1
        report.ends[f"{one.decided_by} {one.choice}".strip() if one.state == "decided" else one.state] += 1
        report.changes += _is_about_a_change(one)
        report.withdrawals.add(f"{stage.worlds[one.reference].told.wave.released}")
    return report


def _list(counted: Counter[str]) -> str:
    return "; ".join(f"{name} {number:,}" for name, number in sorted(counted.items()))


def _is_about_a_change(one) -> bool:
    if not one.deadline:
        return False
    return one.reached_at.astimezone(one.tz).utcoffset() != one.deadline.astimezone(one.tz).utcoffset()
