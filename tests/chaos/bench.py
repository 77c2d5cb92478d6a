"""What a whole run stands on: the two servers, and the ground, which is made once and copied for each scenario."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from config import embedded, up
from config.migrating import one_model_at_a_time
from tests.config import throwaway

SECRET_KEY = "only-for-chaos-" + "x" * 40
SUPPORT = "support@vendor.example"
KILLS = 12


@dataclass(frozen=True)
class Bench:
    """The servers, a folder of the run's own, and its seed.

    PostgreSQL hands each commit to the operating system before it answers, as in production, so that killing it takes nothing back; it
    does not wait for the disk, which matters only where the machine itself loses its power.
    """

    servers: embedded.Servers
    folder: Path
    seed: int
    short: bool
    kills: int
    """How often kill-the-web kills at least."""

    @property
    def postgres(self) -> embedded.Postgres:
        return self.servers.postgres

    @property
    def valkey(self) -> embedded.Valkey:
        return self.servers.valkey

    @contextmanager
    def copy(self, name: str, *, of: str = embedded.DATABASE) -> Iterator[str]:
        """A database of its own, copied from another that nobody is connected to; dropped afterwards."""
        with self.as_superuser() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {of} OWNER {embedded.OWNER} STRATEGY file_copy")
        try:
            yield name
        finally:
            self.postgres.start()
            with self.as_superuser() as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def as_superuser(self) -> psycopg.Connection:
        return psycopg.connect(self.postgres.url("postgres", "postgres"), autocommit=True)


@contextmanager
def set_up(*, seed: int, short: bool = False, kills: int = KILLS) -> Iterator[Bench]:
    """Servers that are gone afterwards, migrated; and Django in this process, as the demo has it: plain http on loopback."""
    with ExitStack() as at_the_end:
        folder = Path(tempfile.mkdtemp(prefix="makegood-chaos-"))
        at_the_end.callback(shutil.rmtree, folder, ignore_errors=True)
        servers = at_the_end.enter_context(throwaway.throwaway())
        bench = Bench(servers, folder, seed, short, kills)
        os.environ.update(environment(bench, embedded.DATABASE), EMAIL_URL="memorymail://", LOG_LEVEL="ERROR")
        import django

        django.setup()
        _migrate(bench)
        up.VAR.mkdir(exist_ok=True)
        up.collect_static()  # as production has them; without them no page is made
        yield bench


def environment(bench: Bench, database: str) -> dict[str, str]:
    """What every process of the bench finds in its environment; a stage puts its gates in the place of the servers."""
    evidence = bench.folder / "evidence"
    evidence.mkdir(exist_ok=True)
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEMO": "1",
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": bench.postgres.url(database=database),
        "DATABASE_OWNER_URL": bench.postgres.url(embedded.OWNER, database),
        "REDIS_URL": bench.valkey.url(),
        "SITE_URL": "http://localhost",
        "SUPPORT_EMAIL": SUPPORT,
        "EVIDENCE_ROOT": str(evidence),
        "SEALS_FILE": str(bench.folder / f"seals-of-{database}.txt"),
    }


def _migrate(bench: Bench) -> None:
    from django.core.management import call_command
    from django.db import connections

    if not throwaway.is_migrated(bench.servers):
        with one_model_at_a_time():
            call_command("migrate", database="owner", verbosity=0)
        connections.close_all()
        throwaway.keep(bench.servers)
    connections.close_all()
    with bench.as_superuser() as connection:
        connection.execute("ALTER ROLE ALL SET synchronous_commit = on")
