"""What lapses by the hundred when its time is over: drafts and reports whose window ended (S13), a batch by one statement.

Each is done as by `lapse_claim` and `close_failure`, down to its lines in the log and its letters; a test compares them. The rows
come locked by the caller, in whose transaction it happens, and the statement looks at their state again. It goes row by row inside
the database, since what the triggers log of a row hangs on the line of its own act.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from django.db import connection

from sla import lapse_letters, reminders
from sla.lapse_letters import Rows
from sla.models import Claim, Failure

Matter = TypeVar("Matter", Claim, Failure)


def lapse_drafts(claims: Sequence[Claim], now: datetime) -> Sequence[Claim]:
    """S13: drafts past their window, and not waiting to send themselves, lapse as of their deadlines. Those that did."""
    reminders.note_missed([one for one in claims if one.sends_itself_at is None], now=now)
    return _done(claims, "SELECT lapse_drafts(%s)", lapse_letters.of_drafts(claims, now=now))


def close_reports(failures: Sequence[Failure], now: datetime) -> Sequence[Failure]:
    """S13: reports of which no claim was begun are closed as of their deadlines. Those that were."""
    reminders.note_missed(failures, now=now)
    return _done(failures, "SELECT close_reports(%s)", lapse_letters.of_reports(failures, now=now))


def _done(matters: Sequence[Matter], statement: str, letters: Rows) -> Sequence[Matter]:
    if not connection.in_atomic_block:
        raise RuntimeError("what lapses is locked by its caller")
    asked = [{"id": key, "letters": rows} for key, rows in letters.items()]
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(asked, default=str)])
        done = {key for (key,) in cursor.fetchall()}
    return [matter for matter in matters if matter.pk in done]
