"""The manager's letter of the morning (N26): what failed, what is due today, what waits, each with the list that it counts."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from entitlements.admin import queues as work
from entitlements.health import pulse, signs
from entitlements.models import Letter, User
from entitlements.rules.days import at_local_time, local_day
from sla import digest_letters as letters
from sla.admin import queues as claims
from sla.models.claims import ClaimQuerySet

EIGHT = time(8)
MOST = 10
LINES: tuple[tuple[str, tuple[work.Queue, ...]], ...] = (
    (
        "What failed",
        (
            work.FAILED,
            claims.NOT_GIVEN,
            claims.CORRECTIONS_UNTOLD,
            claims.OUTCOMES_UNTOLD,
            work.MISSED,
            work.QUARANTINE,
        ),
    ),
    (
        "Overdue",
        (
            *(claims.ELECTIONS_OVER, claims.STANDSTILLS, claims.MAINTENANCE_NOT_BEGUN, claims.CALENDARS_OVERDUE),
            *(work.FOLLOW_UPS_OVERDUE, work.OUTCOMES_OVERDUE, work.TO_CONFIRM, work.OVERDUE),
        ),
    ),
    ("Due within 24 hours", (claims.DRAFTS_24H, claims.WINDOWS_24H, claims.ELECTIONS_24H, claims.NOTICES_24H)),
    (
        "Waiting",
        (
            *(claims.TO_APPROVE, claims.TO_POST, claims.TO_RELEASE, claims.TERMS_TO_CORRECT, claims.LATE_TO_CONFIRM),
            *(claims.TO_DECIDE, claims.ENTERED, claims.SECOND_LOOKS, claims.CALENDARS, work.WAITING),
        ),
    ),
    ("Today", (work.TODAY,)),
)


@transaction.atomic
def write_digests(*, now: datetime) -> int:
    """One letter for everybody at the desk whose eight o'clock has come, if there is anything to say. How many were new.

    After days on which the clock stood still only the last one goes: it says how things are now. The key of the letter (whose,
    and of which morning) makes a second impossible.
    """
    mornings = {person: morning(person, now) for person in User.objects.filter(is_staff=True, is_active=True)}
    told = set(
        Letter.objects.filter(kind=letters.KIND, deadline__in=set(mornings.values())).values_list("person", "deadline")
    )
    waiting = [
        (person, at) for person, at in mornings.items() if (person.pk, at) not in told and person.joined_at <= at
    ]
    groups = _groups(now) if waiting else []
    troubles = [sign for sign in signs(pulse(now), now) if sign.alarm] if waiting else []
    if not groups and not troubles:
        return 0
    for person, at in waiting:
        letters.digest(person, at, groups, troubles, next_deadlines=_next(now), now=now)
    return len(waiting)


def morning(person: User, now: datetime) -> datetime:
    """The last eight o'clock in the person's zone (an instant in UTC)."""
    zone = letters.zone_of(person)
    today = local_day(now, zone)
    at = at_local_time(datetime.combine(today, EIGHT), zone)
    return at if at <= now else at_local_time(datetime.combine(today - timedelta(days=1), EIGHT), zone)


def _groups(now: datetime) -> list[dict[str, Any]]:
    count = work.counts([queue for _, queues in LINES for queue in queues], now)
    found = [
        {"title": title, "lines": [letters.line(queue, count[queue]) for queue in queues if count[queue]]}
        for title, queues in LINES
    ]
    return [group for group in found if group["lines"]]


def _next(now: datetime) -> list[dict[str, Any]]:
    """The windows and elections that end first, each with its deadline in the zone that counts."""
    rows = [
        one
        for queue in (claims.DRAFTS_24H, claims.WINDOWS_24H, claims.ELECTIONS_24H)
        for one in _with_send_by(queue.rows(now), now)
        .select_related("contract__customer")
        .order_by(*queue.order)[:MOST]
    ]
    return sorted((letters.window(one) for one in rows), key=lambda one: one["closes_at"])[:MOST]


def _with_send_by(rows: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    return rows.with_send_by(now) if isinstance(rows, ClaimQuerySet) else rows
