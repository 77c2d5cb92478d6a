"""`python -m tests.withdrawal_story`: the story for 2,000 contracts, on a PostgreSQL of its own, and its report."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from datetime import timedelta

from benchmarks._booking_ground import standing


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--contracts", type=int, default=2_000)
    options.add_argument("--hours", type=float, default=3, help="between two turns of the clock")
    given = options.parse_args()
    with standing():
        from django.test import override_settings

        with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
            sys.exit(_play(given.contracts, timedelta(hours=given.hours)))


def _play(contracts: int, apart: timedelta) -> int:
    from tests.withdrawal_story import told
    from tests.withdrawal_story.compare import disagreements
    from tests.withdrawal_story.play import Stage

    begun = time.monotonic()
    stage = Stage(list(told.contracts(range(contracts))), told.WAVES, turns_apart=apart)
    stage.play()
    played = time.monotonic() - begun
    wrong = disagreements(stage)
    for line in report(stage):
        print(line)
    print(f"played in {played:,.0f} s; compared with the replay: {len(wrong)} disagreements")
    for sentence in wrong[:50]:
        print(" ", sentence)
    return int(bool(wrong))


def report(stage) -> list[str]:
    """How many ended how, by zone and release; what happened on the way; how many deadlines lay on a change of the clocks."""
    from sla.models import Election

    found = list(Election.objects.filter(reference__in=stage.worlds))
    places = Counter((f"{one.noticed_at:%B}" if one.noticed_at else "", one.zone) for one in found)
    ends = Counter(f"{one.decided_by} {one.choice}".strip() if one.state == "decided" else one.state for one in found)
    zones = Counter(one.zone for one in found)
    changes = sum(_is_about_a_change(one) for one in found)
    return [
        f"{len(found):,} contracts in {len(zones)} zones, in {len(stage.waves)} withdrawals: {_list(zones)}",
        f"ended: {_list(ends)}",
        f"on the way: {_list(stage.counted)}",
        f"seven days with a change of the clocks in them: {changes:,}; latest notices by month and zone: {len(places)} pairs",
    ]


def _list(counted: Counter[str]) -> str:
    return "; ".join(f"{name} {number:,}" for name, number in sorted(counted.items()))


def _is_about_a_change(one) -> bool:
    if not one.deadline:
        return False
    return one.reached_at.astimezone(one.tz).utcoffset() != one.deadline.astimezone(one.tz).utcoffset()


if __name__ == "__main__":
    main()
