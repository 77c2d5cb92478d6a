"""Backup and restore, of the database and of the evidence files together, while people and the clock work (P24)."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg

from config import embedded
from config.embedded import Servers
from config.place import TEMPORARY, Place
from tests.chaos.report import Told, scenario
from tests.chaos.stage import Stage


@scenario("restored", promises=["P24"], short=True)
def restored(stage: Stage) -> Told:
    """A backup that is taken while everybody works comes back in a new cluster, row by row and file by file"""
    from entitlements.seals import seal_log

    told, folder = Told(), stage.bench.folder / "backup"
    writer = Writer(stage)
    seal_log()
    seal_log()  # what was begun when the first was made comes under the second
    with writer:
        stage.until(lambda: writer.done >= 3, "documents are handed in")
        ring = threading.Thread(target=lambda: stage.manage("sweep"))
        ring.start()
        before = writer.done
        taken = stage.manage("backup", str(folder))
        after = writer.done
        ring.join()
    told.figures["Backup"] = taken.stdout.strip() or taken.stderr.strip()
    with elsewhere(stage, folder) as there:
        begun = time.monotonic()
        _bring_back(there, folder)
        for command in (
            ("migrate", "--check", "--database", "owner"),
            ("backup", str(folder), "--compare"),
            ("verify",),
        ):
            done = there.manage(*command)
            told.figures[f"manage.py {command[0]}"] = (done.stdout or done.stderr).strip() or "nothing to say"
            if done.returncode:
                told.differences.append(f"{command}: {done.stderr.strip()[-600:]}")
        due = there.manage("sweep", "--dry-run")
        told.recovery = time.monotonic() - begun
        told.figures["manage.py sweep --dry-run"] = "; ".join(due.stdout.strip().splitlines()) or due.stderr[-300:]
        told.differences += [*there.of_files(), *there.turned()]
        told.differences += _twin(there, folder)
    told.done = [
        f"`manage.py backup` while a sweep ran and documents were handed in, each with its row, one after the other ({before} before it "
        f"began, {after} when it was done); the dump brought back into a new cluster, the files into an empty folder; then the clock",
    ]
    told.compared = [
        "number of rows and digest of every table, and the SHA-256 of every file, with what the backup's own snapshot had; that no row "
        "names a file that is not there; migrations, the seals of the event log, the sweep in its dry form; the twin: one file "
        "that is gone, and one row that was changed, are named",
    ]  # fmt: skip
    if taken.returncode:
        told.differences.append(f"the backup failed: {taken.stderr.strip()[-600:]}")
    if after <= before:
        told.differences.append("nothing was handed in while the backup was taken: this shows nothing")
    return told


class Writer(threading.Thread):
    """Somebody who hands in one document after another, until they are stopped; each is a file first, and then a row."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(daemon=True)
        self.done, self._stop_it, self._claims = 0, threading.Event(), stage.world.drafts
        self.error: Exception | None = None

    def __enter__(self) -> Writer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_it.set()
        self.join()
        if self.error:
            raise self.error

    def run(self) -> None:
        from django.db import connections

        from entitlements.clock import database_now
        from sla.actions.claims import remove_evidence
        from sla.models import Claim
        from tests import factories as make

        try:
            claims = list(Claim.objects.filter(reference__in=self._claims))
            while not self._stop_it.is_set():
                file = make.document(content=f"order,sum\n{uuid4()},1.00\n".encode() * 200)
                claim = claims[self.done % len(claims)]
                kept = make.evidence(claim=claim, file=file, now=database_now())
                remove_evidence(
                    evidence=kept, by=claim.opened_by, now=database_now()
                )  # there is room for 50; the file stays
                self.done += 1
        except Exception as error:
            self.error = error
        finally:
            connections.close_all()


class There:
    """The other installation: a cluster of its own with the roles and an empty database, and an empty evidence folder."""

    def __init__(self, stage: Stage, servers: Servers, evidence: Path) -> None:
        self.stage, self.servers, self.evidence = stage, servers, evidence

    def url(self, login: str = embedded.LOGIN) -> str:
        return self.servers.postgres.url(login)

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The heads that are held against the log are this process's: those of before the backup. A later one is rightly missing."""
        from django.conf import settings

        urls = {"DATABASE_URL": self.url(), "DATABASE_OWNER_URL": self.url(embedded.OWNER)}
        return self.stage.manage(*arguments, **urls, EVIDENCE_ROOT=str(self.evidence), SEALS_FILE=settings.SEALS_FILE)

    def of_files(self) -> list[str]:
        """Each row that names a file that is not there, asked apart from the product."""
        with psycopg.connect(self.url("postgres")) as connection:
            named = {name for (name,) in connection.execute("SELECT stored_as FROM sla_evidence")}
        kept = set(os.listdir(self.evidence))
        return [f"a row names {one}, and there is no such file" for one in sorted(named - kept)]

    def turned(self) -> list[str]:
        """The clock goes on there, and what was due is done as of its deadline."""
        done = self.manage("sweep")
        with psycopg.connect(self.url("postgres")) as connection:
            (late,) = connection.execute(
                "SELECT count(*) FROM sla_claim WHERE state = 'draft' AND sends_itself_at IS NULL "
                "AND closes_at < now() - interval '6 minutes' OR state = 'lapsed' AND closed_at <> closes_at"
            ).fetchone() or (0,)
        return [f"{late} drafts have not lapsed as of their deadlines: {done.stderr[-300:]}"] if late else []


@contextmanager
def elsewhere(stage: Stage, folder: Path):
    place = TEMPORARY / f"makegood-test-{os.getpid()}-{os.urandom(3).hex()}"
    servers = Servers(Place(place, place))
    evidence = stage.bench.folder / "evidence-elsewhere"
    evidence.mkdir()
    try:
        servers.place.prepare()
        servers.start(replace(servers.postgres, durable=False))
        yield There(stage, servers, evidence)
    finally:
        servers.postgres.stop("immediate")
        servers.remove()
        shutil.rmtree(evidence)
        shutil.rmtree(folder, ignore_errors=True)


def _bring_back(there: There, folder: Path) -> None:
    from entitlements import backups

    with psycopg.connect(there.url("postgres")) as connection:
        restore = backups.program("pg_restore", connection.info.server_version // 10_000)
    command = [restore, "--exit-on-error", "--dbname", there.url(embedded.OWNER), folder / backups.DUMP]
    subprocess.run(command, check=True, capture_output=True)
    for file in (folder / backups.FILES).iterdir():
        shutil.copy(file, there.evidence)


def _twin(there: There, folder: Path) -> list[str]:
    """What is not as it was has to be named."""
    gone = next(there.evidence.iterdir())
    gone.unlink()
    with psycopg.connect(there.url(embedded.OWNER), autocommit=True) as connection:
        connection.execute(
            "UPDATE entitlements_customer SET name = name || '.' WHERE id = (SELECT min(id) FROM entitlements_customer)"
        )
    said = there.manage("backup", str(folder), "--compare").stderr
    wanted = (f"{gone.name} is missing", "entitlements_customer has as many rows as it had, and not the same")
    return [f"the twin: it was not named that {one}" for one in wanted if one not in said]
