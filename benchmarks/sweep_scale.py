"""bench-sweep-scale: a turn with a thousand drafts due, among ten times as many open ones as its floor has; and its peak memory.

Work and floor are the same whole turn, in two databases of one server. In turn, A B A B, each on drafts of its own. Memory: the peak
of a fresh process that turns the clock once, with a thousand due and with many more, with the packages that an installation has: what only
the tests bring (coloured tracebacks, YAML) is hidden from it. The answer: all that was due has lapsed.
"""

from __future__ import annotations

import argparse
import compileall
import os
import re
import statistics
import subprocess
import sys
import time
from importlib.metadata import packages_distributions
from pathlib import Path

from benchmarks._booking_ground import CHECKOUT
from benchmarks._sweep_ground import customers, drafts, inside, standing, tidied, turn
from benchmarks.booking_scale import copied
from config.embedded import DATABASE

DUE = 1_000
GOAL, GOAL_OF_MEMORY, MOST_MEGABYTES = 1.5, 1.1, 80


def timed(postgres, database):
    """Seconds for a turn with a thousand drafts due."""
    drafts(postgres, DUE, due=True, database=database)
    tidied(postgres, database)
    with inside(database):
        begun = time.perf_counter()
        assert turn().done == {"drafts lapsed": DUE}
        return time.perf_counter() - begun


def peak(postgres, due):
    """Megabytes at most of a process that does nothing else; what it has before its turn comes first."""
    drafts(postgres, due, due=True)
    tidied(postgres)
    for package in ("config", "entitlements", "sla"):
        compileall.compile_dir(CHECKOUT / package, quiet=1)  # as an installation has it: to compile takes memory too
    command = [
        sys.executable,
        "-m",
        "benchmarks.sweep_scale",
        "--one-turn",
        str(due),
        "--without",
        ",".join(not_installed()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, env=dict(os.environ), check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return [float(figure) for figure in done.stdout.split()]


def not_installed():
    """The modules of packages that are here and that requirements.lock does not name."""
    locked = re.findall(r"^([\w.-]+)==", (CHECKOUT / "requirements.lock").read_text(), re.MULTILINE)
    known = {_plain(name) for name in locked}
    return [module for module, of in packages_distributions().items() if known.isdisjoint(map(_plain, of))]


def _plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def most_held():
    """Megabytes, at any time since the process began. Not `ru_maxrss`: that begins with what the parent held when it started it."""
    (line,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(line) / 1024


def one_turn(due, without):
    sys.modules.update(dict.fromkeys(without))
    import django

    django.setup()
    from sla.sweep import _jobs

    _jobs  # noqa: B018 - what every worker has loaded is not the turn's
    before = most_held()
    assert turn().done == {"drafts lapsed": due}
    print(before, most_held())


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--open", type=int, default=200_000, help="open drafts; in full 10000000")
    options.add_argument("--due", type=int, default=5_000, help="for the memory; in full 100000")
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--one-turn", type=int, help=argparse.SUPPRESS)
    options.add_argument("--without", default="", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one_turn:
        return one_turn(given.one_turn, given.without.split(","))
    with standing() as postgres:
        customers(postgres)
        drafts(postgres, given.open // 10, due=False)
        small = copied(postgres)
        drafts(postgres, given.open - given.open // 10, due=False)
        timed(postgres, DATABASE)
        figures = [(timed(postgres, DATABASE), timed(postgres, small)) for _ in range(given.pairs)]
        (_, few), (before, many) = peak(postgres, DUE), peak(postgres, given.due)
    ours, bare = (statistics.median(column) for column in zip(*figures, strict=True))
    print(f"{given.open:,} open drafts; the goals are for 10,000,000 and 100,000 due (--open 10000000 --due 100000)")
    print(f"{DUE:,} due: {ours:.2f} s, with a tenth of the open ones {bare:.2f} s")
    print(
        f"peak memory: {few:.0f} MB at {DUE:,} due, {many:.0f} MB at {given.due:,}; {before:.0f} MB before; goal {MOST_MEGABYTES} MB"
    )
    print(f'bench: sweep-memory ratio={many / few:.2f} goal={GOAL_OF_MEMORY} floor="{DUE:,} due" n={given.due}')
    ratio = statistics.median(large / few for large, few in figures)
    print(f'bench: sweep-scale ratio={ratio:.2f} goal={GOAL} floor="{given.open // 10:,} open drafts" n={DUE}')
    return None


if __name__ == "__main__":
    main()
