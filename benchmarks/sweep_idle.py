"""bench-sweep-idle: a turn of the clock in which nothing is due, among ten times as many open drafts as its floor has.

Work and floor are the same: a whole turn, every job asked, in two databases of one server. In turn, A B A B. Beside it, of each job's
question on the large one, how many pages the server touched (EXPLAIN ANALYZE, BUFFERS): at most five. The answer: nothing was done.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time

from benchmarks._sweep_ground import AS_OF, customers, drafts, inside, standing, tidied, turn
from benchmarks.booking_scale import copied
from config.embedded import DATABASE

GOAL, MOST_BUFFERS = 1.5, 5


def idle(database, turns):
    """Milliseconds for a turn, the median of some."""
    took = []
    with inside(database):
        for _ in range(turns):
            begun = time.perf_counter()
            assert turn().done == {}
            took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1e3


def pages():
    """By job, the pages that its question touches once they are in memory."""
    from sla.batches import due_of
    from sla.sweep import _jobs

    found = {}
    for job in _jobs(AS_OF):
        asked = due_of(job, AS_OF).values_list("pk")[:1]
        asked.explain(analyze=True)
        plan = json.loads(asked.explain(format="json", analyze=True, buffers=True))[0]["Plan"]
        found[job.name] = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return found


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--open", type=int, default=200_000, help="open drafts; in full 10000000")
    options.add_argument("--pairs", type=int, default=7)
    options.add_argument("--turns", type=int, default=10)
    given = options.parse_args()
    with standing() as postgres:
        customers(postgres)
        drafts(postgres, given.open // 10, due=False)
        tidied(postgres)
        small = copied(postgres)
        drafts(postgres, given.open - given.open // 10, due=False)
        tidied(postgres)
        figures = [(idle(DATABASE, given.turns), idle(small, given.turns)) for _ in range(given.pairs)]
        touched = pages()
    ours, bare = (statistics.median(column) for column in zip(*figures, strict=True))
    ratio = statistics.median(large / few for large, few in figures)
    print(f"{given.open:,} open drafts; the goal is for 10,000,000 (--open 10000000)")
    print(
        f"a turn: {ours:.2f} ms, with a tenth {bare:.2f} ms; most pages for one question: {max(touched.values())} of {MOST_BUFFERS}"
    )
    print(f"{touched}")
    floor = f"{given.open // 10:,} open drafts"
    print(f'bench: sweep-idle ratio={ratio:.2f} goal={GOAL} floor="{floor}" n={given.open}')


if __name__ == "__main__":
    main()
