"""What the booking benchmarks stand on: throw-away servers, many contracts at once, four processes that book, and pgbench.

Import `standing()` and nothing of Django before it: settings are read when the servers run.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import subprocess
import tempfile
import time
import uuid
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import environ

from config.embedded import DATABASE, OWNER, Postgres
from tests.config.throwaway import throwaway

CHECKOUT = Path(__file__).parent.parent
NOW = datetime(2026, 6, 10, 14, 0, tzinfo=UTC)
FIRST = date(2026, 1, 1)
CLIENTS = 4
WORDING = "We take this as advice and carry it out ourselves."

# As the product writes it, without reading the book and without asking a rule: one statement, which is one transaction.
FLOOR = """
\\set year random(:first_year, :last_year)
\\set day random(170, 350)
WITH place AS (SELECT id, contract_id FROM entitlements_contractyear WHERE id = :year::bigint FOR NO KEY UPDATE),
event AS (
    INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, "table", row_id)
    SELECT '2026-06-10 14:00+00', 'engagement.requested', 'ENG-' || :client_id::text, {by}, '', '', ''
      FROM place RETURNING id),
told AS (SELECT set_config('makegood.event', id::text, true) AS event FROM event),
engagement AS (
    INSERT INTO entitlements_engagement (reference, contract_id, year_id, activity_id, state, day, wished_day, topic,
        ps_reference, requested_at, requested_by_id, advice_accepted_at, advice_accepted_by_id, advice_wording,
        preparation_confirmed_at, preparation_confirmed_by_id, decline_reason, ended_side, end_reason, count_reason,
        give_back_reason, form_key)
    SELECT left(replace(gen_random_uuid()::text, '-', ''), 17), contract_id, place.id, 'integration', 'requested',
           date '2026-01-01' + :day::int, date '2026-01-01' + :day::int, '', '', '2026-06-10 14:00+00', {by},
           '2026-06-10 14:00+00', {by}, '{wording}', '2026-06-10 14:00+00', {by}, '', '', '', '', '', gen_random_uuid()
      FROM place, told RETURNING id, year_id, day)
INSERT INTO entitlements_usageentry (year_id, engagement_id, kind, places, day, happened_at, by_id, reason)
SELECT year_id, id, 'hold', 1, day, '2026-06-10 14:00+00', {by}, '' FROM engagement;
"""

# Contracts on Gold with all products. Seeded without triggers, by the superuser: it is not what is measured.
SEED = """
WITH customer AS (
    INSERT INTO entitlements_customer (name, external_id)
    SELECT 'Customer ' || %(batch)s || n, %(batch)s || n FROM generate_series(1, %(n)s) AS n RETURNING id),
contract AS (
    INSERT INTO entitlements_contract (customer_id, order_form, account, term, zone, currency, plan, discount_percent, status)
    SELECT id, %(batch)s || id, 'account', daterange(%(first)s::date, (%(first)s::date + %(years)s * interval '1 year')::date),
           'America/New_York', 'USD', 'Business', 0, 'active' FROM customer RETURNING id, term),
level AS (
    INSERT INTO entitlements_levelperiod (contract_id, level, days) SELECT id, 'gold', term FROM contract),
product AS (
    INSERT INTO entitlements_contractproduct (contract_id, product_id, days)
    SELECT contract.id, product.key, term FROM contract, entitlements_product AS product),
override AS (
    INSERT INTO entitlements_capoverride (contract_id, activity_id, pool_key, cap, unlimited, document, reason, agreed_at,
                                          agreed_by_id)
    SELECT id, 'integration', '', %(cap)s::int, false, 'Order form', 'as agreed', %(now)s, %(by)s FROM contract
     WHERE %(cap)s::int IS NOT NULL)
INSERT INTO entitlements_contractyear (contract_id, n, days, ends_at)
SELECT id, n, daterange((%(first)s::date + (n - 1) * interval '1 year')::date, (%(first)s::date + n * interval '1 year')::date),
       %(first)s::date + n * interval '1 year' FROM contract, generate_series(1, %(years)s) AS n
RETURNING id, contract_id, n
"""


@contextmanager
def standing(*, durable: bool = False):
    """A migrated throw-away PostgreSQL, and Django pointed at it. `durable`: a commit waits for the disk, as in production."""
    environ.Env.read_env(CHECKOUT / ".env.example")
    with throwaway() as servers:
        if durable:
            wait_for_the_disk(servers.postgres)
        database = {"DATABASE_URL": servers.postgres.url(), "DATABASE_OWNER_URL": servers.postgres.url(OWNER)}
        os.environ.update(database, DJANGO_SETTINGS_MODULE="config.settings", DEMO="0", REDIS_URL="memory://")
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", database="owner", verbosity=0)
        yield servers.postgres


def wait_for_the_disk(postgres: Postgres) -> None:
    """Start the server again as production starts it."""
    postgres.stop()
    replace(postgres, durable=True).start()


def somebody():
    from entitlements.models import User

    return User.objects.create_user(f"{uuid.uuid4().hex[:8]}@customer.example", name="Somebody")


def contracts(postgres: Postgres, n: int, by, *, years=1, cap: int | None = None, first=FIRST, database=DATABASE):
    """Seed contracts; (contract, year) keys of the year in which NOW lies, in order of the years' keys."""
    import psycopg

    values = {
        "batch": uuid.uuid4().hex[:8],
        "n": n,
        "years": years,
        "cap": cap,
        "first": first,
        "now": NOW,
        "by": by.pk,
    }
    this_year = NOW.year - first.year + 1
    with psycopg.connect(postgres.url("postgres", database), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        rows = psycopg.ClientCursor(connection).execute(SEED, values).fetchall()
        connection.execute("ANALYZE")
    return sorted(((contract, year) for year, contract, number in rows if number == this_year), key=lambda row: row[1])


class Bookers:
    """Four processes, each with its own connection, that do what they are given at one moment."""

    def __init__(self, by):
        from django.db import connections

        connections.close_all()
        fork = multiprocessing.get_context("fork")
        self.start = fork.Barrier(CLIENTS)
        self.pipes = []
        for _ in range(CLIENTS):
            here, there = fork.Pipe()
            fork.Process(target=_book, args=(there, self.start, by), daemon=True).start()
            self.pipes.append(here)

    def run(self, asks):
        """Ask for (contract, day); how many were booked, how many refused, the seconds, and how long each took."""
        for n, pipe in enumerate(self.pipes):
            pipe.send(asks[n::CLIENTS])
        results = [pipe.recv() for pipe in self.pipes]
        if failed := [result for result in results if isinstance(result, Exception)]:
            raise failed[0]
        seconds = max(end for _, end, *_ in results) - min(begun for begun, *_ in results)
        booked, refused = sum(one[2] for one in results), sum(one[3] for one in results)
        return booked, refused, seconds, [one for result in results for one in result[4]]


def _book(pipe, start, by):
    from entitlements.actions.refused import Refused
    from entitlements.actions.requests import request_engagement
    from entitlements.models import Activity, Contract, PolicyEdition

    activity = Activity.objects.get(pk="integration")
    PolicyEdition.objects.facts()
    while True:
        asks = pipe.recv()
        known = Contract.objects.in_bulk({contract for contract, _ in asks})
        booked, took = 0, []
        start.wait()
        begun = time.perf_counter()
        try:
            for contract, day in asks:
                once = time.perf_counter()
                try:
                    request_engagement(
                        contract=known[contract],
                        activity=activity,
                        wished_day=day,
                        advice_wording=WORDING,
                        by=by,
                        now=NOW,
                    )
                    booked += 1
                except Refused:
                    pass
                took.append(time.perf_counter() - once)
        except Exception as error:
            pipe.send(error)
            continue
        pipe.send((begun, time.perf_counter(), booked, len(asks) - booked, took))


def floor(postgres: Postgres, years, n: int, by):
    """The same rows by pgbench, spread over these years: transactions a second, and how long each took."""
    assert [year for _, year in years] == list(range(years[0][1], years[-1][1] + 1)), "keys without a gap"
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "floor.sql")
        script.write_text(FLOOR.format(by=by.pk, wording=WORDING))
        here = ("-h", str(postgres.place.sockets), "-U", "makegood")
        keys = ("-D", f"first_year={years[0][1]}", "-D", f"last_year={years[-1][1]}")
        how = ("-n", "-M", "prepared", "-c", str(CLIENTS), "-j", str(CLIENTS), "-t", str(n // CLIENTS), "-l")
        options = {"PGOPTIONS": "-c role=makegood_app", "PATH": os.environ["PATH"]}
        command = [str(postgres._binary("pgbench")), *here, *how, *keys, "-f", str(script), "makegood"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=options, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        tps = next(line for line in done.stdout.splitlines() if line.startswith("tps"))
        lines = [line for log in Path(folder).glob("pgbench_log*") for line in log.read_text().splitlines()]
        return float(tps.split()[2]), [int(line.split()[2]) / 1e6 for line in lines]


def p99(seconds) -> float:
    return statistics.quantiles(seconds, n=100)[98]


def day_of(n: int) -> date:
    return FIRST + timedelta(days=n)
