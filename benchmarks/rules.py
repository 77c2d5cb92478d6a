"""bench-rules: the year cards of many contracts from loaded facts, against a bare counting loop over the same facts.

Work: for each contract the card of a loaded contract year (`year_card`), and of every line what a page shows: the target, the
cap, what is delivered, held and left. Floor: the same figures by counting alone, for each contract what is delivered and held
in the year by activity, set beside a table of caps, with the level known beforehand; no editions, pools or overrides, nothing
kept after a cancellation, N/A as 0, no working. Both in one process, A B A B. Left out: reading the rows, drawing the page.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from entitlements.rules.caps import UNLIMITED, ContractFacts, EngagementFacts, Override, year_card
from entitlements.rules.editions import ACTIVITIES, LEVELS
from entitlements.rules.engagements import HELD
from tests.worked_examples.paper import PAPER

ON = date(2026, 6, 1)
GOAL = 3
TABLE = {level: [(activity, PAPER.caps.get((level, activity), 0)) for activity in ACTIVITIES] for level in LEVELS}


def contracts(n, engagements, seed):
    """Contracts of all levels and start days with their engagements, one in ten with a change of level, one in ten with an override."""
    rng = random.Random(seed)
    zone = ZoneInfo("America/New_York")
    for number in range(n):
        start = date(2025, 1, 1) + timedelta(days=rng.randrange(365))
        levels = [(start, rng.choice(list(LEVELS)))]
        if number % 10 == 0:
            levels.append((start + timedelta(days=rng.randrange(1, 400)), rng.choice(list(LEVELS))))
        overrides = ()
        if number % 10 == 1:
            cap = rng.choice([3, 5, UNLIMITED])
            overrides = (Override("integration", cap, reference="Order form 1", reason="as agreed"),)
        facts = ContractFacts(start, start + timedelta(days=3 * 365), zone, tuple(levels), overrides=overrides)
        booked = [
            EngagementFacts(
                id=f"{number}-{i}",
                activity=rng.choice(list(ACTIVITIES)),
                day=start + timedelta(days=rng.randrange(700)),
                state=rng.choices(["delivered", "scheduled", "requested", "cancelled"], [5, 2, 2, 1])[0],
            )
            for i in range(engagements)
        ]
        yield facts, booked


def cards(data):
    """The work: what the product calls."""
    out = []
    for facts, year, booked in data:
        card = year_card(facts, year, booked, [PAPER], ON)
        out.append([(line.target, line.cap, line.delivered, line.held, line.left) for line in card])
    return out


def bare(data):
    """The floor: the same engagements counted, and set beside a table."""
    out = []
    for first, last, level, booked in data:
        delivered, held = dict.fromkeys(ACTIVITIES, 0), dict.fromkeys(ACTIVITIES, 0)
        for engagement in booked:
            if first <= engagement.day <= last:
                if engagement.state == "delivered":
                    delivered[engagement.activity] += 1
                elif engagement.state in HELD:
                    held[engagement.activity] += 1
        out.append(
            [
                (activity, cap, delivered[activity], held[activity], max(cap - delivered[activity] - held[activity], 0))
                for activity, cap in TABLE[level]
            ]
        )
    return out


def check(cards_made, counted):
    """The same figures in both, those of a pool summed, what is left where the floor knows the cap: how many lines agree."""
    lines = 0
    for card, row in zip(cards_made, counted, strict=True):
        plain = {activity: figures for activity, *figures in row}
        alone = {target for target, *_ in card if target in plain}
        for target, cap, delivered, held, left in card:
            members = [target] if target in plain else [activity for activity in plain if activity not in alone]
            assert delivered == sum(plain[activity][1] for activity in members), (card, row)
            assert held == sum(plain[activity][2] for activity in members), (card, row)
            if target in plain and cap == plain[target][0]:
                assert left == plain[target][3], (card, row)
            lines += 1
    return lines


def timed(work, data):
    begun = time.perf_counter()
    answer = work(data)
    return time.perf_counter() - begun, answer


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--contracts", type=int, default=1000)
    options.add_argument("--engagements", type=int, default=6)
    options.add_argument("--pairs", type=int, default=15)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    loaded = contracts(given.contracts, given.engagements, given.seed)
    data = [(facts, facts.year_of(ON), booked) for facts, booked in loaded]
    plain = [(year.first, year.last, facts.level_on(ON), booked) for facts, year, booked in data]
    lines = check(cards(data), bare(plain))
    pairs = [(timed(cards, data)[0], timed(bare, plain)[0]) for _ in range(given.pairs)]
    ratio = statistics.median(ours / floor for ours, floor in pairs)
    ours, floor = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{given.contracts} year cards, {lines} lines checked: {ours * 1e3:.1f} ms; bare loop {floor * 1e3:.1f} ms")
    print("left out: reading the rows, drawing the page")
    print(f'bench: rules ratio={ratio:.2f} goal={GOAL} floor="bare counting loop" n={given.contracts}')


if __name__ == "__main__":
    main()
