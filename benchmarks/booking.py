"""bench-booking: the request action in full against the same rows written by pgbench, 4 processes and 4 clients.

Work: `request_engagement` as the portal calls it: the book read, the rules of E6 and E9 asked, and under the year's lock engagement,
ledger row, action's line and the triggers' line. A request has no letter. Floor: the same rows, triggers included, by one prepared
statement in pgbench that takes the same lock, and neither reads nor decides. Spread: each contract is asked as often as it has
places. All on one: contracts one after another, each asked by all four at once, a third more often than it has places. In turn,
A B A B; afterwards each contract is full and refuses one more. Left out: form, session and page; loading contract and activity.
"""

from __future__ import annotations

import argparse
import random
import statistics

from benchmarks._booking_ground import CLIENTS, Bookers, contracts, day_of, floor, p99, somebody, standing

GOLD = 6  # integration consultations a year, by the paper
PLACES_ON_ONE = 60


def full(keys, places):
    """The answer: every contract has exactly its places, by the engagements and by the ledger."""
    from django.db.models import Count, Sum

    from entitlements.models import Engagement, UsageEntry

    years = [year for _, year in keys]
    booked = Engagement.objects.filter(year__in=years).values_list("year").annotate(n=Count("pk")).order_by()
    entered = UsageEntry.objects.filter(year__in=years).values_list("year").annotate(n=Sum("places")).order_by()
    assert dict(booked) == dict(entered) == dict.fromkeys(years, places)
    return len(years)


def spread(postgres, bookers, by, dice, n):
    keys = contracts(postgres, n // GOLD, by)
    asks = [(contract, day_of(dice.randrange(170, 350))) for contract, _ in keys for _ in range(GOLD)]
    dice.shuffle(asks)
    booked, refused, seconds, took = bookers.run(asks)
    assert (booked, refused) == (len(asks), 0)
    again = bookers.run([(contract, day_of(351)) for contract, _ in keys])
    assert again[:2] == (0, len(keys)), again[:2]
    full(keys, GOLD)
    return booked / seconds, took


def on_one(postgres, bookers, by, dice, n):
    keys = contracts(postgres, max(n // PLACES_ON_ONE, 1), by, cap=PLACES_ON_ONE)
    places = rushed = 0
    all_took = []
    for contract, _ in keys:
        asks = [(contract, day_of(dice.randrange(170, 350))) for _ in range(PLACES_ON_ONE * 4 // 3)]
        booked, _, seconds, took = bookers.run(asks)
        places, rushed = places + booked, rushed + seconds
        all_took += took
    full(keys, PLACES_ON_ONE)
    return places / rushed, all_took


def measure(name, goal, work, floored, pairs, n):
    ratios, ours, floors, tails = [], [], [], []
    for _ in range(pairs):
        (speed, took), (bare, bare_took) = work(), floored()
        ratios.append(speed / bare)
        ours.append(speed)
        floors.append(bare)
        tails.append((p99(took), p99(bare_took)))
    tail, bare_tail = (statistics.median(column) for column in zip(*tails, strict=True))
    print(
        f"{name}: {statistics.median(ours):.0f} bookings/s, pgbench {statistics.median(floors):.0f}; "
        f"ratios {min(ratios):.2f}–{max(ratios):.2f}; p99 {tail * 1e3:.1f} ms, pgbench {bare_tail * 1e3:.1f} ms "
        f"({tail / bare_tail:.1f} ×, goal 3)"
    )
    ratio = statistics.median(ratios)
    return f'bench: {name} ratio={ratio:.2f} goal={goal} floor="the same rows by pgbench, {CLIENTS} clients" n={n}'


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bookings", type=int, default=1800, help="a phase, spread")
    options.add_argument("--on-one", type=int, default=300, help="a phase, all on one")
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    dice = random.Random(given.seed)
    with standing() as postgres:
        by = somebody()
        bookers = Bookers(by)
        spread(postgres, bookers, by, dice, 240)
        lines = [
            measure(
                "booking-on-one",
                0.25,
                lambda: on_one(postgres, bookers, by, dice, given.on_one),
                lambda: floor(postgres, contracts(postgres, 1, by), given.on_one * 2, by),
                given.pairs,
                given.on_one,
            ),
            measure(
                "booking",
                0.45,
                lambda: spread(postgres, bookers, by, dice, given.bookings),
                lambda: floor(postgres, contracts(postgres, given.bookings // GOLD, by), given.bookings * 2, by),
                given.pairs,
                given.bookings,
            ),
        ]
    print("left out: form, session and page; loading contract and activity")
    print(*lines, sep="\n")


if __name__ == "__main__":
    main()
