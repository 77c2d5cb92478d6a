"""`python -m tests.chaos`: plays the scenarios one after the other, prints how each went, and writes var/chaos/report.md.

make chaos ARGS="--only NAME --only NAME --short --seed N --kills N --list"
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
import traceback
from contextlib import ExitStack

from config.place import CHECKOUT
from tests.chaos import report
from tests.chaos.bench import KILLS, Bench, set_up


def main() -> int:
    given = _options()
    os.chdir(CHECKOUT)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGHUP, _stop)
    from tests.chaos import scenarios

    scenarios.load()
    if given.list:
        for one in report.SCENARIOS.values():
            print(f"{one.name:<24} {', '.join(one.promises):<12} {one.title}")
        return 0
    chosen = _chosen(given)
    begun = time.monotonic()
    try:
        with set_up(seed=given.seed, short=given.short, kills=given.kills) as bench:
            outcomes, ground = _play(bench, chosen)
    except KeyboardInterrupt:
        print("Stopped. Nothing is left running.", flush=True)
        return 130
    text = report.written(outcomes, seed=given.seed, seconds=time.monotonic() - begun, ground=ground)
    report.keep(text)
    red = [one for one in outcomes if not one.green]
    print(f"\n{len(outcomes) - len(red)} of {len(outcomes)} green, {time.monotonic() - begun:,.0f} s: {report.FILE}")
    return int(bool(red))


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="make chaos", description="The product under fire (docs/operations.md).")
    options.add_argument("--only", action="append", metavar="NAME", help="this scenario; can be said again for more")
    options.add_argument("--short", action="store_true", help="few matters, and only what has a short form")
    options.add_argument("--seed", type=int, default=10, help="the ground of another seed")
    options.add_argument(
        "--kills", type=int, default=KILLS, metavar="N", help="kill-the-web kills so often at least (P1: 500)"
    )
    options.add_argument("--list", action="store_true", help="name the scenarios")
    return options.parse_args()


def _chosen(given: argparse.Namespace) -> list[report.Scenario]:
    if unknown := set(given.only or ()) - report.SCENARIOS.keys():
        sys.exit(f"No such scenario: {', '.join(sorted(unknown))}. There are: {', '.join(report.SCENARIOS)}.")
    every = [one for one in report.SCENARIOS.values() if not given.only or one.name in given.only]
    return [one for one in every if one.short or given.only or not given.short]


def _play(bench: Bench, chosen: list[report.Scenario]) -> tuple[list[report.Outcome], str]:
    from tests.chaos import state, world
    from tests.chaos.stage import Stage, pointed_at

    begun, outcomes, base = time.monotonic(), list[report.Outcome](), world.now()
    with ExitStack() as grounds:
        made = {}
        for small in {one.small or bench.short for one in chosen}:
            size, database = (world.SHORT, "chaos_small") if small else (world.FULL, "chaos_ground")
            grounds.enter_context(bench.copy(database))
            with pointed_at(bench, database):
                made[small] = world.build(seed=bench.seed, size=size, base=base, database=database)
                state.know_the_ground()
        _say(f"The ground is made ({time.monotonic() - begun:,.0f} s).")
        for one in chosen:
            _say(f"{one.name}: {one.title}")
            begun, told = time.monotonic(), report.Told()
            try:
                with Stage(bench, made[one.small or bench.short], one.name) as stage:
                    told = one.play(stage)
            except Exception as error:
                told.differences.append(f"it broke off: {error}")
                traceback.print_exc()
            outcomes.append(report.Outcome(one, told, time.monotonic() - begun))
            _tell(outcomes[-1])
    sizes = "; ".join(str(one.size) for one in made.values())
    return outcomes, f"The ground, all made by the product's own actions: {sizes}."


def _tell(one: report.Outcome) -> None:
    for line in one.told.differences[: report.MOST_SAID]:
        _say(f"    {line}")
    _say(f"  {'green' if one.green else 'RED'} after {one.seconds:,.1f} s")


def _say(line: str) -> None:
    print(line, flush=True)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
