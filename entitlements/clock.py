"""The one business clock: PostgreSQL's. Read at the edge (views, tasks, commands), once, and handed in from there (T4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

from django.db import connection
from django.db.models import DateTimeField, Func


def database_now() -> datetime:
    """This instant by the database's clock, in UTC; not the start of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0].astimezone(UTC)


class ClockTimestamp(Func):
    """The same instant, read with the rows of a question."""

    function, arity, output_field = "clock_timestamp", 0, DateTimeField()


def ticking() -> Callable[[], datetime]:
    """The database's clock, asked once and carried on by this process's own count: for work of some minutes with many moments."""
    asked, counted = database_now(), monotonic()
    return lambda: asked + timedelta(seconds=monotonic() - counted)
