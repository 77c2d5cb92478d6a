"""T4: the product's own record of the times at which it did not work, written by its clock when it turns again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.health import SWEEP_LATE
from entitlements.models import Standstill, SweepRun

Count = Callable[[datetime, datetime], int]
"""How many windows ended from the one instant (UTC) to before the other."""


@transaction.atomic
def note_standstill(*, windows: Count, now: datetime) -> Standstill | None:
    """T4: put on record that the clock stood still until `now` (UTC), from its last turn; None if it did not.

    Of several turns that begin at once after it, one notes it.
    """
    last = SweepRun.objects.order_by("-pk").first()
    turned_at = (last.ended_at or last.started_at) if last else now
    if now - turned_at <= SWEEP_LATE:
        return None
    record("clock.stood_still", matter="clock", by=None, now=now)
    found = Standstill(
        what=Standstill.What.CLOCK, began_at=turned_at, ended_at=now, windows_ended=windows(turned_at, now)
    )
    Standstill.objects.bulk_create([found], ignore_conflicts=True)
    return Standstill.objects.get(what=found.what, began_at=turned_at)


@transaction.atomic
def note_pages(*, answered: bool, windows: Count, now: datetime) -> Standstill | None:
    """T4: put on record whether the pages answered the clock at `now` (UTC). The standstill that begins or ends with it, or None."""
    pages = Standstill.objects.filter(what=Standstill.What.PAGES, ended_at__isnull=True)
    lasting = pages.select_for_update().first()
    if answered is (lasting is None):
        return None
    record("pages.answer" if answered else "pages.silent", matter="pages", by=None, now=now)
    if lasting is None:
        Standstill.objects.bulk_create([Standstill(what=Standstill.What.PAGES, began_at=now)], ignore_conflicts=True)
        return pages.get()
    lasting.ended_at, lasting.windows_ended = now, windows(lasting.began_at, now)
    lasting.save()
    return lasting
