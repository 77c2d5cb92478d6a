"""Statements that are sent prepared, with their values beside them: for the few that go often, or with a long text.

Django's cursor writes the values into the text, so that the server reads each as one that it has not seen before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Self

from django.db import connection
from psycopg import Cursor

THRESHOLD = 5
"""Any: what goes by these cursors says itself that it is to be prepared. Set for that moment only, since psycopg keeps the last hundred
texts of a connection whose statements may become prepared, and of Django's each with its values: megabytes, of the clock's batches."""


@contextmanager
def cursor() -> Iterator[Cursor[Any]]:
    """Of psycopg's own, to `execute(…, prepare=True)`, in the caller's transaction if there is one. A pooler between us and PostgreSQL must
    know of prepared statements (PgBouncer 1.21 does)."""
    connection.ensure_connection()
    line: Any = connection.connection
    line.prepare_threshold = THRESHOLD
    try:
        with connection.wrap_database_errors, Cursor(line) as own:
            yield own
    finally:
        line.prepare_threshold = None


class _Prepared(Cursor[Any]):
    """One that Django can wrap, so that what it is asked is counted among the questions of a page."""

    def execute(self, query: Any, params: Any = None, **how: Any) -> Self:
        """Of what is prepared already psycopg keeps no text, which Django's log of questions reads."""
        super().execute(query, params, prepare=True, **how)
        self._query = self._query or SimpleNamespace(query=query.encode())  # type: ignore[assignment]
        return self


def ask_for_a_page(statement: str, values: Sequence[Any]) -> Any:
    """As `ask`, for a long question that is read and planned once for a connection: that takes longer than to answer it."""
    return rows_for_a_page(statement, values)[0]


def rows_for_a_page(statement: str, values: Sequence[Any]) -> list[Any]:
    """The same with all rows of the answer."""
    with connection.cursor():
        line: Any = connection.connection
    wrapped: Any = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    line.prepare_threshold = THRESHOLD
    try:
        with wrapped(_Prepared(line)) as own:
            own.execute(statement, values)
            rows: list[Any] = own.fetchall()
            return rows
    finally:
        line.prepare_threshold = None


def ask(statement: str, values: Sequence[Any]) -> Any:
    """The first row of the answer, in one round trip."""
    with cursor() as own:
        return own.execute(statement, values, prepare=True).fetchone()


def tell(statement: str, each: Iterable[Sequence[Any]]) -> None:
    """The same statement with these values, one after the other, in the caller's transaction: nobody waits for an answer before the
    next values are made, so that the server writes while Python goes on. An error of any is raised here. A pooler between must carry
    pipelined statements besides prepared ones."""
    if not connection.in_atomic_block:
        raise RuntimeError("what is sent without waiting is one transaction")
    with cursor() as own, own.connection.pipeline():
        for values in each:
            own.execute(statement, values, prepare=True)
