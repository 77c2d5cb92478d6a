"""The first line of every action: what is done, to what, by whom, as of when (M10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from entitlements.models import User, many

_WRITE = """
    WITH event AS (
        INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, "table", row_id)
        VALUES (%s, %s, %s, %s, %s, '', '') RETURNING id)
    SELECT set_config('makegood.event', id::text, true) FROM event
"""
_WRITE_EACH = """
    WITH event AS (
        INSERT INTO entitlements_event (happened_at, verb, matter, note, "table", row_id)
        SELECT act.at, %s, act.matter, '', '', '' FROM unnest(%s::text[], %s::timestamptz[]) AS act(matter, at)
        RETURNING id, matter)
    SELECT set_config('makegood.event', jsonb_object_agg(part.reference, event.id)::text, true)
      FROM event JOIN unnest(%s::text[], %s::text[]) AS part(reference, matter) USING (matter)
"""


def record(verb: str, *, matter: str, by: User | None, now: datetime, note: str = "") -> None:
    """Write the action's line in the event log; every row changed after it in this transaction is logged as part of it.

    `by` None is the clock; `now` is the business time (UTC). Call it first, inside the action's transaction.
    """
    _refuse_outside_a_transaction(verb)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [now, verb, matter, by.pk if by else None, note])


def record_each(verb: str, moments: Mapping[str, datetime], *, also: Mapping[str, str] | None = None) -> None:
    """The same for what the clock does to many matters by one statement: a line for each, at its own moment (UTC).

    A row changed after it is logged as part of the line of its `matter` or `reference`; `also` says to which of the matters the rows
    of other references belong.
    """
    _refuse_outside_a_transaction(verb)
    parts = {**{matter: matter for matter in moments}, **(also or {})}
    columns = [moments, map(str, moments.values()), parts, parts.values()]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_EACH, [verb, *map(many.array, columns)])


def _refuse_outside_a_transaction(verb: str) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError(f"{verb}: an action is one transaction")
