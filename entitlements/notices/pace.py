"""How many letters go a minute, all senders together (P18): counted in the database, where each is noted before it goes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from entitlements.models import LetterEvent, LetterEventKind

MINUTE = timedelta(minutes=1)
LOCK = 5_321_725  # any number; nobody else takes it


def free_at(now: datetime) -> datetime:
    """When one more letter may go: `now`, or when the oldest of the last minute's is a minute old. Locks until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    gone = LetterEvent.objects.filter(kind=LetterEventKind.HANDED_OVER, at__gt=now - MINUTE).order_by("-at")
    oldest = gone.values_list("at", flat=True)[settings.LETTERS_A_MINUTE - 1 :].first()
    return now if oldest is None else oldest + MINUTE
