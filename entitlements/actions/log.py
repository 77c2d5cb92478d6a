"""The first line of every action: what is done, to what, by whom, as of when (M10)."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from entitlements.models import User

_WRITE = """
    WITH event AS (
        INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, "table", row_id)
        VALUES (%s, %s, %s, %s, %s, '', '') RETURNING id)
    SELECT set_config('makegood.event', id::text, true) FROM event
"""


def record(verb: str, *, matter: str, by: User | None, now: datetime, note: str = "") -> None:
    """Write the action's line in the event log; every row changed after it in this transaction is logged as part of it.

    `by` None is the clock; `now` is the business time (UTC). Call it first, inside the action's transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{verb}: an action is one transaction")
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [now, verb, matter, by.pk if by else None, note])
