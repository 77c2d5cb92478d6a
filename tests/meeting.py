"""A place in a function of the database that nobody passes until so many stand there.

For the twins of races: without its guard each of them has looked before any other has written, however the threads are put in turn.
"""

from __future__ import annotations

PLACE = 4712


def meeting(many: int, key: str = "0") -> str:
    """PL/pgSQL that waits until so many connections have come to it by the same key, an expression; half a minute at most."""
    return f"""
        PERFORM pg_advisory_lock_shared({PLACE}, ({key})::int);
        FOR moment IN 1..3000 LOOP
            EXIT WHEN (SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
                        WHERE datname = current_database() AND (classid, objid) = ({PLACE}, {key})) >= {many};
            PERFORM pg_sleep(0.01);
        END LOOP;
    """
