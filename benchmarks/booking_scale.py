"""bench-booking-scale: what a request takes on an installation of 10,000 contracts against one of 10, and after 10 years against 1.

Work and floor are the same: requests for integration consultations, spread over ten contracts, by one process. More
contracts: beside 9,990 others, in a database of their own. More history: each of ten contracts has 20 delivered engagements,
with their ledger, in each of nine years before. In turn, A B A B; every contract is full afterwards. Left out: form,
session, page.
"""

from __future__ import annotations

import argparse
import statistics
import time
from datetime import date

from benchmarks._booking_ground import FIRST, NOW, WORDING, contracts, day_of, somebody, standing
from config.embedded import DATABASE

PLACES = 6
GOAL = 1.15
HISTORY = """
SET session_replication_role = replica;
WITH engagement AS (
    INSERT INTO entitlements_engagement (reference, contract_id, year_id, activity_id, state, day, wished_day, topic,
        ps_reference, requested_at, requested_by_id, advice_accepted_at, advice_accepted_by_id, advice_wording,
        preparation_confirmed_at, preparation_confirmed_by_id, decline_reason, ended_side, end_reason, count_reason,
        give_back_reason, form_key)
    SELECT left(replace(gen_random_uuid()::text, '-', ''), 17), contract_id, year.id, 'roadmap', 'delivered',
           lower(days) + i, lower(days) + i, '', '', lower(days), %(by)s, lower(days), %(by)s, 'Advice', lower(days), %(by)s,
           '', '', '', '', '', gen_random_uuid()
      FROM entitlements_contractyear AS year, generate_series(1, 20) AS i
     WHERE contract_id = ANY(%(contracts)s) AND upper(days) <= %(now)s::date RETURNING id, year_id, day)
INSERT INTO entitlements_usageentry (year_id, engagement_id, kind, places, day, happened_at, by_id, reason)
SELECT year_id, id, 'hold', 1, day, day, %(by)s, '' FROM engagement
"""


def with_history(postgres, keys, by):
    import psycopg

    values = {"by": by.pk, "contracts": [contract for contract, _ in keys], "now": NOW}
    with psycopg.connect(postgres.url("postgres"), autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(HISTORY, values)
        connection.execute("ANALYZE")
    return keys


def fill(keys, by):
    """Book every place of these contracts; milliseconds for one, the median. The answer: each is full, and refuses one more."""
    from entitlements.actions.refused import Refused
    from entitlements.actions.requests import request_engagement
    from entitlements.models import Activity, Contract, UsageEntry

    activity, known = (
        Activity.objects.get(pk="integration"),
        Contract.objects.in_bulk([contract for contract, _ in keys]),
    )
    wish = {"activity": activity, "advice_wording": WORDING, "by": by, "now": NOW}
    took = []
    for n in range(PLACES):
        for contract, _ in keys:
            begun = time.perf_counter()
            request_engagement(contract=known[contract], wished_day=day_of(200 + n), **wish)
            took.append(time.perf_counter() - begun)
    for contract, year in keys:
        try:
            request_engagement(contract=known[contract], wished_day=day_of(210), **wish)
        except Refused:
            pass
        else:
            raise AssertionError("one more than there are places")
        assert UsageEntry.objects.filter(year=year, kind="hold").count() == PLACES
    return statistics.median(took) * 1e3


def copied(postgres):
    """A copy of the database as it is; its name."""
    import psycopg
    from django.db import connections

    connections.close_all()
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE small TEMPLATE {DATABASE}")
    return "small"


def fill_in(name, postgres, by):
    """As `fill`, in another database."""
    from django.db import connections

    here = connections["default"].settings_dict
    connections.close_all()
    here["NAME"] = name
    try:
        return fill(contracts(postgres, 10, by, database=name), by)
    finally:
        connections.close_all()
        here["NAME"] = DATABASE


def compare(name, floor, work, floored, pairs):
    figures = [(work(), floored()) for _ in range(pairs)]
    ratio = statistics.median(ours / bare for ours, bare in figures)
    ours, bare = (statistics.median(column) for column in zip(*figures, strict=True))
    print(f"{name}: {ours:.2f} ms, {floor} {bare:.2f} ms")
    return f'bench: {name} ratio={ratio:.2f} goal={GOAL} floor="{floor}" n={pairs * 10 * PLACES}'


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--contracts", type=int, default=10_000)
    options.add_argument("--pairs", type=int, default=7)
    given = options.parse_args()
    lines = []
    with standing() as postgres:
        by = somebody()
        fill(contracts(postgres, 10, by), by)
        ten_years = {"years": 10, "first": date(FIRST.year - 9, 1, 1)}
        lines.append(
            compare(
                "booking-scale-history",
                "1 year of history",
                lambda: fill(with_history(postgres, contracts(postgres, 10, by, **ten_years), by), by),
                lambda: fill(contracts(postgres, 10, by), by),
                given.pairs,
            )
        )
        small = copied(postgres)
        contracts(postgres, given.contracts - 10, by)
        lines.append(
            compare(
                "booking-scale",
                "10 contracts",
                lambda: fill(contracts(postgres, 10, by), by),
                lambda: fill_in(small, postgres, by),
                given.pairs,
            )
        )
    print(*lines, sep="\n")


if __name__ == "__main__":
    main()
