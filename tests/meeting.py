"""Places at which those who race meet, so that each sees what the other has not written yet, however the threads are put in turn."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import connection

PLACE = 4712
WAITS = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


def until_somebody_waits(*, unless: Callable[[], bool] = lambda: False) -> None:
    """Until another connection waits for a lock that this one has, `unless` there is no need to any more; half a minute at most."""
    given_up = time.monotonic() + 30
    with connection.cursor() as cursor:
        while not unless() and not cursor.execute(WAITS).fetchone():
            assert time.monotonic() < given_up, "nobody came to wait"
            time.sleep(0.01)


def meeting(many: int, key: str = "0") -> str:
    """PL/pgSQL, for the twins of races, that waits until so many connections have come to it by the same key, an expression; half a minute at most."""
    return f"""
        PERFORM pg_advisory_lock_shared({PLACE}, ({key})::int);
        FOR moment IN 1..3000 LOOP
            EXIT WHEN (SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
                        WHERE datname = current_database() AND (classid, objid) = ({PLACE}, {key})) >= {many};
            PERFORM pg_sleep(0.01);
        END LOOP;
    """
