"""`python -m tests.withdrawal_story`: the story for 2,000 contracts, each process its part of them, and the report of all."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

from tests.withdrawal_story.parts import Report, play


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--contracts", type=int, default=2_000)
    options.add_argument("--hours", type=float, default=3, help="between two turns of the clock")
    options.add_argument("--processes", type=int, default=2)
    given = options.parse_args()
    whole, parts = Report(), [(given.contracts, given.hours, n, given.processes) for n in range(given.processes)]
    with ProcessPoolExecutor(given.processes, multiprocessing.get_context("spawn")) as pool:
        for report in pool.map(play, *zip(*parts, strict=True)):
            whole.add(report)
    print(*whole.lines(), sep="\n")
    sys.exit(bool(whole.wrong))


if __name__ == "__main__":
    main()
