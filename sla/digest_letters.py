"""What the letter of the morning says (N26)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from entitlements import notices
from entitlements.admin.queues import Queue
from entitlements.health import Sign
from entitlements.links import page
from entitlements.models import User
from entitlements.rules.days import zone_or
from sla.models import Claim, Election, Failure

KIND = "morning"


def digest(
    person: User,
    at: datetime,
    groups: Sequence[dict[str, Any]],
    troubles: Sequence[Sign],
    *,
    next_deadlines: Sequence[dict[str, Any]],
    now: datetime,
) -> None:
    """For one person and one morning: its key is the moment at which it was due."""
    notices.write(
        "morning",
        matter=f"desk-{person.pk}",
        to=[person],
        now=now,
        deadline=at,
        context={
            "zone": zone_of(person).key,
            "as_of": now,
            "groups": list(groups),
            "next_deadlines": list(next_deadlines),
            "troubles": [{"words": f"{one.name}: {one.words}", "remedy": one.remedy} for one in troubles],
            "failed": _sum(groups, "What failed") + len(troubles),
            "overdue": _sum(groups, "Overdue"),
            "due": _sum(groups, "Due within 24 hours"),
            "action_url": page("admin:index"),
            "action_label": "Open the desk",
        },
    )


def zone_of(person: User) -> ZoneInfo:
    """Their own; ours where they have none, or one that does not exist."""
    return zone_or(person.zone, otherwise=settings.VENDOR_ZONE)


def line(queue: Queue, count: int) -> dict[str, Any]:
    """How many there are, of what, and where the list is that has exactly these."""
    return {"count": count, "title": queue.title, "url": settings.SITE_URL + queue.url}


def window(matter: Claim | Failure | Election) -> dict[str, Any]:
    if isinstance(matter, Election):
        closes_at, zone = getattr(matter, "ends", matter.deadline), matter.tz.key
    else:
        closes_at, zone = getattr(matter, "send_by", matter.closes_at), matter.contract.zone
    customer = matter.contract.customer.name
    return {"reference": matter.reference, "customer": customer, "closes_at": closes_at, "zone": zone}


def _sum(groups: Sequence[dict[str, Any]], title: str) -> int:
    return sum(one["count"] for group in groups if group["title"] == title for one in group["lines"])
