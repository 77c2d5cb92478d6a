"""An act upon what somebody saw: it is done only if nobody acted on the same matter in between (M4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet

from entitlements.actions.refused import Refused
from entitlements.models import Event
from entitlements.rules.refusals import Refusal

T = TypeVar("T")
CHANGED = Refusal("E5", "already_moved_on", "Somebody acted on it while your page was open.", "Look at it again.")


def last_act(matter: str) -> int:
    """The number of the last act in the log for a matter; 0 before the first."""
    return acts_on(matter).values_list("pk", flat=True).first() or 0


def acts_on(matter: str) -> QuerySet[Event]:
    """The acts in the log for a matter, newest first."""
    return Event.objects.filter(matter=matter, table="")


def as_seen(act: Callable[[], T], *, matter: str, seen: int) -> T:
    """Do an act of one transaction on a matter whose last act was `seen`. Raises Refused, and all is as it was, if there is a newer one.

    It is asked after the act, under the locks that the act has taken, so that nobody can come in between.
    """
    with transaction.atomic():
        done = act()
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('makegood.event')")
            (own,) = cursor.fetchone()
        if acts_on(matter).filter(pk__gt=seen).exclude(pk=int(own)).exists():
            raise Refused(CHANGED)
    return done
