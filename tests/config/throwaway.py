"""Servers for one run of the tests, and the migrated cluster that they begin with.

Rendering the state of every migration takes longer than most tests, so the migrated cluster is kept between runs, beside the
checkout's own servers, under a name made from all that a migration may read.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from config.embedded import Servers
from config.place import CHECKOUT, TEMPORARY, EmbeddedError, Place

IN_MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3
"""A file system in memory, and how many bytes have to be free in it: many times what two servers need."""
MADE_FROM = ("*/migrations/*.py", "*/models/*.py", "config/embedded.py", "requirements.lock")
SECONDS_OLD = 15 * 60


def quickest() -> Path:
    """Where files are best made that soon go: a database of a test is thirteen hundred, which a disk's file system may take most of a
    second to make."""
    with suppress(OSError):
        if os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM:
            return IN_MEMORY
    return TEMPORARY


@contextmanager
def throwaway(folder: Path = TEMPORARY) -> Iterator[Servers]:
    """Servers that are gone afterwards, with all they keep in this folder; their PostgreSQL is a copy of the kept cluster, if one is
    kept."""
    sweep_away_what_was_left()
    place = folder / f"makegood-test-{os.getpid()}-{os.urandom(3).hex()}"
    servers = Servers(Place(place, place), durable=False)
    try:
        servers.place.prepare()
        if (cluster := kept()).exists():
            servers.place.run("cp", "-a", cluster, servers.postgres.data)
        servers.start()
        yield servers
    finally:
        servers.postgres.stop("immediate")
        servers.remove()


def sweep_away_what_was_left() -> None:
    """Stop and delete the throw-away servers of runs that were killed."""
    for left in (one for folder in (TEMPORARY, IN_MEMORY) for one in folder.glob("makegood-test-*")):
        if not _is_alive(int(left.name.split("-")[2])):
            with suppress(EmbeddedError, OSError):
                Servers(Place(left, left)).remove()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def kept() -> Path:
    """Where the cluster is kept that the present migrations make."""
    digest = hashlib.sha256()
    for pattern in MADE_FROM:
        for path in sorted(CHECKOUT.glob(pattern)):
            digest.update(f"{path.relative_to(CHECKOUT)}\n".encode() + path.read_bytes())
    return Place.of_checkout().state / f"template-{digest.hexdigest()[:16]}"


def is_migrated(servers: Servers) -> bool:
    with psycopg.connect(servers.postgres.url()) as connection:
        return connection.execute("SELECT to_regclass('django_migrations')").fetchone() != (None,)


def keep(servers: Servers) -> None:
    """Keep a copy of this cluster, which stops for the moment. If somebody else kept one meanwhile, theirs stays."""
    folder = kept()
    Place.of_checkout().prepare()
    for old in folder.parent.glob("template-*"):
        with suppress(FileNotFoundError):  # the other process of this run takes the same ones away
            if time.time() - old.stat().st_ctime > SECONDS_OLD:  # a younger one may be being copied
                shutil.rmtree(old, ignore_errors=True)
    half = folder.with_name(f"half-{os.getpid()}")
    servers.postgres.stop()
    servers.place.run("cp", "-a", servers.postgres.data, half)
    with suppress(OSError):
        half.rename(folder)
    shutil.rmtree(half, ignore_errors=True)
    servers.start()
