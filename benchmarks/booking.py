"""bench-booking: the request action in full against the same rows written by pgbench, 4 processes and 4 clients.

Work: `request_engagement` as the portal calls it: the book read, the rules of E6 and E9 asked, and under the year's lock engagement,
ledger row, action's line and the triggers' line. A request has no letter. Floor: the same rows, triggers included, by one prepared
statement in pgbench that takes the same lock, and neither reads nor decides. Spread: each contract is asked as often as it has
places. All on one: contracts one after another, each asked by all four at once, a third more often than it has places. In turn,
A B A B; afterwards each contract is full and refuses one more. All contracts are there before the first turn, and both sides have
met their statements: what seeding does to plans is not measured. Left out: form, session and page; loading contract and activity.

By default no commit waits for a disk: what is compared is the work of the processors, which is stricter to us. `--durable` lets both
wait as in production; then the disk is most of what either does, and the ratio says what a customer waits.
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


def spread(keys, bookers, dice):
    asks = [(contract, day_of(dice.randrange(170, 350))) for contract, _ in keys for _ in range(GOLD)]
    dice.shuffle(asks)
    booked, refused, seconds, took = bookers.run(asks)
    assert (booked, refused) == (len(asks), 0)
    again = bookers.run([(contract, day_of(351)) for contract, _ in keys])
    assert again[:2] == (0, len(keys)), again[:2]
    full(keys, GOLD)
    return booked / seconds, took


def on_one(keys, bookers, dice):
    places = rushed = 0
    all_took = []
    for contract, _ in keys:
        asks = [(contract, day_of(dice.randrange(170, 350))) for _ in range(PLACES_ON_ONE * 4 // 3)]
        booked, _, seconds, took = bookers.run(asks)
        places, rushed = places + booked, rushed + seconds
        all_took += took
    full(keys, PLACES_ON_ONE)
    return places / rushed, all_took


def measure(name, goal, n, turns):
    """`turns` are pairs of what measures ours and what measures the floor; each gives a speed and how long each took."""
    ratios, ours, floors, tails = [], [], [], []
    for work, floored in turns:
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


def options():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bookings", type=int, default=1800, help="a phase, spread")
    options.add_argument("--on-one", type=int, default=300, help="a phase, all on one")
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--durable", action="store_true", help="commits wait for the disk")
    return options.parse_args()


def main():
    given = options()
    dice = random.Random(given.seed)
    with standing(durable=given.durable) as postgres:
        by = somebody()
        bookers = Bookers(by)
        spread(contracts(postgres, 200, by), bookers, dice)  # plans for empty tables would be kept
        many = [[contracts(postgres, given.bookings // GOLD, by) for _ in range(2)] for _ in range(given.pairs)]
        one = contracts(postgres, 1, by)
        few = [
            contracts(postgres, max(given.on_one // PLACES_ON_ONE, 1), by, cap=PLACES_ON_ONE)
            for _ in range(given.pairs)
        ]
        spread(contracts(postgres, 50, by), bookers, dice)
        lines = [
            measure(
                "booking-on-one",
                0.25,
                given.on_one,
                [
                    (lambda keys=keys: on_one(keys, bookers, dice), lambda: floor(postgres, one, given.on_one * 2, by))
                    for keys in few
                ],
            ),
            measure(
                "booking",
                0.45,
                given.bookings,
                [
                    (
                        lambda ours=ours: spread(ours, bookers, dice),
                        lambda bare=bare: floor(postgres, bare, given.bookings * 2, by),
                    )
                    for ours, bare in many
                ],
            ),
        ]
    print("left out: form, session and page; loading contract and activity")
    print(*lines, sep="\n")


if __name__ == "__main__":
    main()
