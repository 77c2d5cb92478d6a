"""The sessions that a customer has booked and that lie ahead, the next first (C2.5, E10)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from entitlements.access import Visitor, of_contracts_visible_to
from entitlements.models import BookedSession

MOST = 5


class Ahead(NamedTuple):
    """A booked session, and which part of its engagement it is, where that has two."""

    session: BookedSession
    part: int | None

    @property
    def zone(self) -> str:
        return self.session.engagement.contract.zone


def sessions_ahead(reader: Visitor, now: datetime) -> list[Ahead]:
    """The next sessions of the reader's customers that have not begun at `now` (UTC), at most five, in one query."""
    booked = BookedSession.objects.filter(
        of_contracts_visible_to(reader, "engagement__contract"),
        released_at__isnull=True,
        held_at__isnull=True,
        during__startswith__gt=now,
    ).select_related("engagement__contract__customer", "engagement__activity", "engineer__user")
    found = list(booked.order_by("during")[:MOST])
    together = Counter(one.engagement_id for one in found)
    return [Ahead(one, one.part if one.part > 1 or together[one.engagement_id] > 1 else None) for one in found]
