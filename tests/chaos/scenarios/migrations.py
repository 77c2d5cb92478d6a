"""An installation of an earlier release is migrated while the earlier program goes on writing (P25)."""

from __future__ import annotations

import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import itemgetter
from typing import Any

import psycopg
from psycopg import sql

from config import embedded
from tests.chaos.day import Errand, in_a_process
from tests.chaos.report import Told, scenario
from tests.chaos.stage import Stage, pointed_at

EARLIER = "0035"
"""Of sla: all that came after the tables of the first release."""

TWIN_UP_TO = "0038"
"""The three that lock most of what the writers write to."""

MOST_SECONDS = 2.0
WRITERS, READERS = 3, 2
WRITES_AFTER = 20


@scenario("migrations", promises=["P25"], small=True)
def migrations(stage: Stage) -> Told:
    """An earlier release is migrated while its program goes on writing and reading: nobody waits long, and nothing is lost"""
    done = stage.manage("migrate", "sla", EARLIER, "--database", "owner")
    assert done.returncode == 0, done.stderr[-2000:]
    old = _OldModels()
    told = Told()
    with stage.bench.copy("chaos_twin", of=stage.database), pointed_at(stage.bench, "chaos_twin"):
        twin = replace(stage.errand(), database="chaos_twin")
        with _under_way(stage, old, "chaos_twin") as traffic:
            traffic.new_claims.clear()
            code = in_a_process(as_django_does, twin)
    told.twin("that migrates the first three as Django does", traffic.held_up())
    told.figures["The twin, Django's own migrate of the first three"] = (
        f"{traffic}; it {'came to its end' if code == 0 else 'broke off'}"
    )
    columns = _columns(stage.bench.postgres, stage.database)
    before = _digests(stage.bench.postgres, stage.database, columns)
    with _under_way(stage, old, stage.database) as traffic:
        traffic.new_claims.clear()
        begun = time.monotonic()
        done = stage.manage("migrate", "--database", "owner")
        took = time.monotonic() - begun
        after = len(traffic.written)
        traffic.new_claims.set()
        stage.until(
            lambda: len(traffic.written) >= after + WRITES_AFTER or traffic.troubles, "the earlier program goes on"
        )
    told.figures["Migrated"] = f"{done.stdout.count('... OK')} migrations, {took:.1f} s, while {traffic}"
    found = _digests(stage.bench.postgres, stage.database, columns, upto=before)
    if done.returncode:
        told.differences.append(f"it did not come to its end: {done.stderr.strip()[-1500:]}")
    told.differences += [*traffic.held_up(), *traffic.troubles]
    told.differences += [f"{table} is not as it was" for table in before if found[table] != before[table]]
    told.differences += _not_there(traffic.written)
    told.differences += _other_schema(stage)
    told.done = [
        f"the ground taken back to sla.{EARLIER}, {WRITERS} writers and {READERS} readers with the models of then, then `manage.py migrate` "
        f"as an operator rings it; {after} reports, each with a letter, were written and drafts changed meanwhile, {len(traffic.written) - after} with new drafts after it",
    ]  # fmt: skip
    told.compared.append(
        f"how long each of them waited for a lock (at most {MOST_SECONDS:.0f} s), and that nobody was ended by a deadlock; every "
        "row of before, in the columns of before; each write that was committed is there; the earlier program works on the new schema, once all is migrated, with new drafts too; the "
        "schema is that of a new database"
    )
    return told


def as_django_does(errand: Errand) -> None:
    """Migrate the first three as Django would."""
    from django.core.management import call_command
    from django.core.management.commands.migrate import Command

    call_command(Command(), "sla", TWIN_UP_TO, database="owner", verbosity=0)


class _OldModels:
    """The models as the earlier program has them."""

    def __init__(self) -> None:
        from django.db import connections
        from django.db.migrations.loader import MigrationLoader

        loader = MigrationLoader(connections["owner"])
        nodes = [*loader.graph.leaf_nodes(), loader.get_migration_by_prefix("sla", EARLIER)]
        last = [(one[0], one[1]) if isinstance(one, tuple) else (one.app_label, one.name) for one in nodes]
        self._apps = loader.project_state([one for one in last if one[0] != "sla" or one[1].startswith(EARLIER)]).apps
        connections["owner"].close()

    def __getattr__(self, name: str) -> Any:
        app = "sla" if name in ("Claim", "ClaimFailure", "Failure") else "entitlements"
        return self._apps.get_model(app, name)


@dataclass
class Traffic:
    """What was written, and how those who wrote and read fared meanwhile."""

    written: list[tuple[str, str, datetime]] = field(default_factory=list)
    wrote: set[int] = field(default_factory=set)
    read: int = 0
    longest: float = 0.0
    longest_for: str = "nothing"
    deadlocks: int = 0
    troubles: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    new_claims: threading.Event = field(default_factory=threading.Event)
    """Cleared between sla.0036, which adds a column without a default, and sla.0063, which gives it one."""

    def held_up(self) -> list[str]:
        """Who waited for too long, or was ended, for the sake of the migration: a sentence each. Whatever else broke off is not in it."""
        waited = [f"somebody waited {self.longest:.2f} s for a lock ({self.longest_for})"]
        return [
            *(waited if self.longest > MOST_SECONDS else []),
            *([f"{self.deadlocks} deadlocks"] if self.deadlocks else []),
        ]

    def __str__(self) -> str:
        return (
            f"{len(self.written)} were written and {self.read} pages read; the longest wait for a lock was {self.longest:.2f} s "
            f"({self.longest_for}), deadlocks {self.deadlocks}, broken off {len(self.troubles)}"
        )


@contextmanager
def _under_way(stage: Stage, old: _OldModels, database: str) -> Iterator[Traffic]:
    traffic = Traffic()
    traffic.new_claims.set()
    contracts = list(old.Claim.objects.filter(state="draft").values_list("contract", flat=True).distinct())
    works = [(_write, n) for n in range(WRITERS)] + [(_read, n) for n in range(READERS)]
    threads = [threading.Thread(target=_go_on, args=(work, old, traffic, contracts, n)) for work, n in works]
    threads.append(threading.Thread(target=_watch, args=(stage, database, traffic)))
    for one in threads:
        one.start()
    try:
        stage.until(lambda: len(traffic.wrote) == WRITERS or traffic.troubles, "everybody writes")
        yield traffic
    finally:
        traffic.over.set()
        for one in threads:
            one.join()


def _go_on(work: Any, old: _OldModels, traffic: Traffic, contracts: list[int], n: int) -> None:
    from django.db import connections

    try:
        while not traffic.over.is_set():
            work(old, traffic, contracts, n)
            time.sleep(0.01)
    except Exception as error:
        traffic.troubles.append(f"{work.__name__.strip('_')}: {error!r}"[:600])
    finally:
        connections.close_all()


def _write(old: _OldModels, traffic: Traffic, contracts: list[int], n: int) -> None:
    """A report, a letter and its draft, or a change to one, as one act under the lock of a contract."""
    from django.db import transaction

    from entitlements.actions.log import record
    from entitlements.clock import database_now

    with transaction.atomic():
        contract = old.Contract.objects.select_for_update(no_key=True).get(pk=contracts[n % len(contracts)])
        held = old.ClaimFailure.objects.filter(claim__contract=contract, claim__state="draft").order_by("-pk").first()
        failure, claim = old.Failure.objects.get(pk=held.failure_id), old.Claim.objects.get(pk=held.claim_id)
        letter = old.Letter.objects.order_by("pk").first()
        key = uuid.uuid4()
        record("claim.opened", matter=claim.reference, by=None, now=database_now())
        failure.pk, failure.form_key, failure.reference = None, key, f"FLR-{key.hex[:14]}"
        failure.save(force_insert=True)
        letter.pk, letter.matter, letter.message_id = None, failure.reference, f"<{key}@vendor.example>"
        letter.save(force_insert=True)
        if traffic.new_claims.is_set():
            claim.pk, claim.reference = None, f"CLM-{key.hex[:14]}"
            claim.save(force_insert=True)
            held.pk, held.claim, held.failure = None, claim, failure
            held.save(force_insert=True)
        claim.saved_at = database_now()
        claim.save(update_fields=["saved_at"])
    traffic.wrote.add(n)
    traffic.written.append((failure.reference, claim.reference, claim.saved_at))


def _read(old: _OldModels, traffic: Traffic, contracts: list[int], n: int) -> None:
    """What a customer's home reads."""
    from django.db import transaction

    with transaction.atomic():
        claims = old.Claim.objects.filter(contract__in=contracts).select_related("contract__customer", "opened_by")
        list(claims.order_by("-pk")[:20])
        list(old.Failure.objects.filter(contract__in=contracts).order_by("-pk")[:20])
    traffic.read += 1


_WAITING = """
    SELECT extract(epoch FROM clock_timestamp() - l.waitstart), coalesce(l.relation::regclass::text, l.locktype)
      FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE NOT l.granted AND l.waitstart IS NOT NULL AND a.datname = current_database() AND a.usename = %s
"""
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def _watch(stage: Stage, database: str, traffic: Traffic) -> None:
    """How long those who write and read wait for a lock of whoever it be, by PostgreSQL's own account."""
    with psycopg.connect(stage.bench.postgres.url("postgres", database), autocommit=True) as watcher:
        while not traffic.over.wait(0.02):
            for seconds, what in watcher.execute(_WAITING, [embedded.LOGIN]):
                if seconds > traffic.longest:
                    traffic.longest, traffic.longest_for = float(seconds), what
        time.sleep(1.1)  # the statistics of a backend come a second later
        row = watcher.execute(_DEADLOCKS).fetchone()
        traffic.deadlocks = row[0] if row else 0


OF_DJANGO = ("django_", "auth_", "cache")


def _columns(postgres: embedded.Postgres, database: str) -> dict[str, list[str]]:
    """Of each table of ours."""
    asked = """
        SELECT c.relname, array_agg(a.attname::text ORDER BY a.attname)
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition GROUP BY 1
    """
    with psycopg.connect(postgres.url("postgres", database)) as connection:
        return {name: columns for name, columns in connection.execute(asked) if not name.startswith(OF_DJANGO)}


Digests = dict[str, tuple[int, int, int]]


def _digests(
    postgres: embedded.Postgres, database: str, columns: dict[str, list[str]], upto: Digests | None = None
) -> Digests:
    """Of each table in these columns, as far as they are still there: the newest key, how many rows, and the sum of their digests; of
    rows that were there then."""
    now = _columns(postgres, database)
    found = {}
    with psycopg.connect(postgres.url("postgres", database)) as connection:
        for table, names in columns.items():
            if "id" not in names or table not in now:
                continue
            digest = sql.SQL(
                "SELECT coalesce(max(id), 0), count(*), coalesce(sum(hashtextextended(ROW({})::text, 0)), 0) FROM {} WHERE id <= {}"
            ).format(
                sql.SQL(", ").join(map(sql.Identifier, (one for one in names if one in now[table]))),
                sql.Identifier(table),
                sql.Literal(upto[table][0] if upto else 2**62),
            )
            found[table] = connection.execute(digest).fetchone() or (0, 0, 0)
    return found


def _not_there(written: list[tuple[str, str, datetime]]) -> list[str]:
    from entitlements.models import Letter
    from sla.models import Claim, Failure

    failures = set(Failure.objects.values_list("reference", flat=True))
    letters = set(Letter.objects.values_list("matter", flat=True))
    lost = [one for one, _, _ in written if one not in failures & letters]
    saved = {claim: at for _, claim, at in sorted(written, key=itemgetter(2))}
    there = dict(Claim.objects.values_list("reference", "saved_at"))
    lost += [claim for claim, at in saved.items() if there.get(claim) != at]
    return [f"{one} was committed, and is not there" for one in lost]


def _other_schema(stage: Stage) -> list[str]:
    """How it differs from that of the ground, which was made anew; but for the order of columns."""
    ground, here = _schema(stage, stage.world.database), _schema(stage, stage.database)
    return [f"the schema lacks {one}" for one in sorted(ground - here)[:5]] + [
        f"the schema has {one} too many" for one in sorted(here - ground)[:5]
    ]


def _schema(stage: Stage, database: str) -> set[str]:
    from entitlements import backups

    with psycopg.connect(stage.bench.postgres.url("postgres", database)) as connection:
        dump = backups.program("pg_dump", connection.info.server_version // 10_000)
    command = [dump, "--schema-only", "--restrict-key=x", "--dbname", stage.bench.postgres.url("postgres", database)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.strip().rstrip(",;") for line in lines}
