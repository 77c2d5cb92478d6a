"""bench-assess: what the alert logs of all customers come to, and those of one, against DuckDB and Polars over the same rows.

Work: `late_by_customer` as the pages ask it, with zones, editions, maintenance and outages loaded from the tables, over six months:
who failed, what the volume excludes, and the remedy time as a union. Floor: the faster of the two engines, each with the rows in its
own memory, its columns typed, and the window of the median left to begin with the rows (it does, in every zone). In turn, A B A B;
every answer is the same to the microsecond. Told beside it: one customer among ten times as many rows of others, each in one go.
Left out: loading the rows into any of the three. The engines are no part of the product: pip install -r benchmarks/requirements.txt
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from benchmarks._assess_ground import END, START, log_of, standing, typed_copy

GOAL_ALL, GOAL_ONE, GOAL_SCALE = 0.5, 0.3, 1.3
NOW = END + timedelta(days=1)

DUCK = """
WITH late AS (
    SELECT customer, received, received + delay AS due, coalesce(least(receipt, own), acknowledged) AS ended
      FROM log WHERE initial AND first AND urgent AND registered IN ('US', 'CA') AND located IN ('US', 'CA') {only}
       AND coalesce(least(receipt, own), acknowledged) - (received + delay) > INTERVAL 5 MINUTE),
own AS (SELECT DISTINCT customer, time_bucket(INTERVAL 15 MINUTE, received) AS start FROM late),
quarter AS (
    SELECT customer, time_bucket(INTERVAL 15 MINUTE, received) AS start, count(DISTINCT (incident, received)) AS volume,
           count(DISTINCT incident) FILTER (WHERE initial) AS incidents FROM log WHERE true {only} GROUP BY 1, 2),
busy AS (SELECT customer, start, volume FROM own JOIN quarter USING (customer, start) WHERE incidents > 0 AND volume > 11),
shut AS (
    SELECT busy.customer, busy.start FROM busy JOIN quarter ON quarter.customer = busy.customer
       AND quarter.start < busy.start AND quarter.incidents > 0
     GROUP BY busy.customer, busy.start, busy.volume HAVING busy.volume > 11 * quantile_cont(quarter.volume, 0.5)),
judged AS (
    SELECT late.*, shut.customer IS NOT NULL AS by_volume
      FROM late LEFT JOIN shut ON shut.customer = late.customer AND shut.start = time_bucket(INTERVAL 15 MINUTE, received)),
spans AS (
    SELECT customer, by_volume, epoch_us(due) + 300000000 AS since, epoch_us(ended) AS until,
           max(CASE WHEN NOT by_volume THEN epoch_us(ended) END) OVER (
               PARTITION BY customer, by_volume ORDER BY due ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM judged)
SELECT customer, count(*), count(*) FILTER (WHERE by_volume), count(*) FILTER (WHERE NOT by_volume),
       coalesce(sum(greatest(until - greatest(since, coalesce(before, since)), 0)) FILTER (WHERE NOT by_volume), 0)
  FROM spans GROUP BY customer"""


def ours(customers):
    from entitlements.rules.spans import Span
    from sla.evidence.circumstances import circumstances_of
    from sla.evidence.questions import late_by_customer

    found = late_by_customer(circumstances_of(customers, Span(START, END), NOW))
    microsecond = timedelta(microseconds=1)
    return {key: (one.late, one.by_volume, one.failures, one.remedy // microsecond) for key, one in found.items()}


def duck(log, only=""):
    rows = log.execute(DUCK.format(only=only)).fetchall()
    return {customer: tuple(int(figure) for figure in figures) for customer, *figures in rows}


def polars(frame):
    """The same by Polars."""
    import polars as pl

    quarter = pl.col("received").dt.truncate("15m").alias("start")
    ended = pl.coalesce(pl.min_horizontal("receipt", "own"), "acknowledged").alias("ended")
    inside = pl.col("registered").is_in(["US", "CA"]) & pl.col("located").is_in(["US", "CA"])
    scope = pl.col("initial") & pl.col("first") & pl.col("urgent") & inside
    late = (
        frame.filter(scope)
        .select("customer", quarter, (pl.col("received") + pl.col("delay")).alias("due"), ended)
        .filter(pl.col("ended") - pl.col("due") > timedelta(minutes=5))
    )
    triggers = pl.struct("incident", "received").n_unique().alias("volume")
    begun = pl.col("incident").filter(pl.col("initial")).n_unique().alias("incidents")
    quarters = frame.group_by("customer", quarter).agg(triggers, begun).filter(pl.col("incidents") > 0)
    own = late.select("customer", "start").unique().join(quarters, on=["customer", "start"])
    before = quarters.select("customer", pl.col("start").alias("earlier"), pl.col("volume").alias("counted"))
    shut = (
        own.filter(pl.col("volume") > 11)
        .join(before, on="customer")
        .filter(pl.col("earlier") < pl.col("start"))
        .group_by("customer", "start", "volume")
        .agg(pl.col("counted").median())
        .filter(pl.col("volume") > 11 * pl.col("counted"))
        .select("customer", "start", pl.lit(value=True).alias("shut"))
    )
    judged = late.join(shut, on=["customer", "start"], how="left").with_columns(pl.col("shut").fill_null(value=False))
    since, until = pl.col("due").dt.epoch("us") + 300_000_000, pl.col("ended").dt.epoch("us")
    paid = (
        judged.filter(~pl.col("shut"))
        .select("customer", since.alias("since"), until.alias("until"))
        .sort("customer", "since")
        .with_columns(pl.col("until").cum_max().shift(1).over("customer").alias("before"))
        .with_columns(pl.max_horizontal("since", "before").alias("from"))
        .group_by("customer")
        .agg((pl.col("until") - pl.col("from")).clip(lower_bound=0).sum().alias("remedy"))
    )
    counts = judged.group_by("customer").agg(pl.len().alias("late"), pl.col("shut").sum().alias("by_volume"))
    rows = counts.join(paid, on="customer", how="left").collect().iter_rows()
    return {customer: (late, shut, late - shut, remedy or 0) for customer, late, shut, remedy in rows}


def timed(do):
    begun = time.perf_counter()
    answer = do()
    return time.perf_counter() - begun, answer


def compare(name, goal, n, pairs, work, floors):
    """In turn, after one turn of each that is not counted; all answers are equal."""
    took = {key: [] for key in ("ours", *floors)}
    for turn in range(pairs + 1):
        answers = {key: timed(do) for key, do in {"ours": work, **floors}.items()}
        assert all(answer == answers["ours"][1] for _, answer in answers.values()), f"{name}: the answers differ"
        for key, (seconds, _) in answers.items():
            took[key] += [seconds] if turn else []
    medians = {key: statistics.median(times) for key, times in took.items()}
    fastest = min(floors, key=medians.__getitem__)
    ratio = statistics.median(mine / floor for mine, floor in zip(took["ours"], took[fastest], strict=True))
    print(f"{name}: " + ", ".join(f"{key} {1e3 * one:,.1f} ms" for key, one in medians.items()))
    print(f'bench: {name} ratio={ratio:.2f} goal={goal} floor="{fastest}" n={n}', flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=1_000_000, help="notifications; in full 10000000")
    options.add_argument("--customers", type=int, default=200)
    options.add_argument("--pairs", type=int, default=5)
    given = options.parse_args()
    try:
        import duckdb
        import polars as pl
    except ImportError as missing:
        raise SystemExit(f"{missing}. The floor needs both: pip install -r benchmarks/requirements.txt") from missing

    with standing() as postgres, tempfile.TemporaryDirectory() as folder:
        customers = log_of(postgres, given.customers, given.rows)
        log = duckdb.connect()
        log.execute("SET TimeZone = 'UTC'")
        typed_copy(postgres, log, Path(folder, "log.csv"))
        file = Path(folder, "log.parquet")
        log.execute(f"COPY (SELECT * REPLACE (epoch_us(delay) AS delay) FROM log) TO '{file}' (FORMAT parquet)")
        frame = pl.read_parquet(file).with_columns(pl.duration(microseconds="delay").alias("delay"))
        print(
            f"{given.rows:,} notifications of {given.customers} customers; the goal is for 10,000,000 (--rows 10000000)"
        )
        floors = {"DuckDB": lambda: duck(log), "Polars": lambda: polars(frame.lazy())}
        compare("assess-all", GOAL_ALL, given.rows, given.pairs, lambda: ours(customers), floors)
        one = customers[len(customers) // 2]
        of_one = {
            "DuckDB": lambda: duck(log, f"AND customer = {one}"),
            "Polars": lambda: polars(frame.lazy().filter(pl.col("customer") == one)),
        }
        compare("assess-one", GOAL_ONE, given.rows, given.pairs, lambda: ours([one]), of_one)
        ratio = among_many_or_few(postgres, one, 10 * given.pairs)
        print(
            f'bench: assess-scale ratio={ratio:.2f} goal={GOAL_SCALE} floor="a tenth of the others\' rows" n={given.rows}'
        )


def among_many_or_few(postgres, one, times):
    """How many times as long the same customer takes as when nine tenths of the others' rows are gone."""
    from benchmarks._assess_ground import thinned

    among_many, answer = repeated(times, lambda: ours([one]))
    thinned(postgres, keep=one)
    among_few, again = repeated(times, lambda: ours([one]))
    assert again == answer
    return among_many / among_few


def repeated(times, do):
    """The median seconds of that many turns after one that is not counted, and the answer."""
    took = [timed(do) for _ in range(times + 1)]
    return statistics.median(seconds for seconds, _ in took[1:]), took[0][1]


if __name__ == "__main__":
    main()
