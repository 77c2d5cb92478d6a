"""What is on record of an engineer: zone, skills, working hours, and the private feed of their calendar (E15)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import BooleanField, F, Func, QuerySet

from entitlements import wording
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Activity, BookedSession, CalendarFeed, Engineer, User, WorkingHours
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal

Week = Mapping[int, Sequence[tuple[int, int]]]
"""By weekday (0 is Monday) from which to which minute of the day."""

MOST_LISTED = 5


@transaction.atomic
def change_engineer(
    *, engineer: Engineer, zone: str, skills: Collection[str], takes_engagements: bool, by: User, now: datetime
) -> Engineer:
    """E15: the zone of an engineer, the activities that they can hold (keys), and whether they take engagements.

    Refused when sessions that are booked would lie outside the working hours, since these are times of the zone's clock.
    """
    record("engineer.changed", matter=engineer.matter, by=by, now=now)
    engineer = locked_engineers(engineer)[engineer.pk]
    engineer.zone, engineer.is_active = zone, takes_engagements
    engineer.save()
    engineer.skills.set(Activity.objects.filter(pk__in=skills))
    _refuse_sessions_out_of_hours(engineer)
    return engineer


@transaction.atomic
def set_working_hours(*, engineer: Engineer, first: date, week: Week, by: User, now: datetime) -> None:
    """E15: the working hours from a day on (of the engineer's zone), in place of all that were to hold then; the past stays.

    Refused for a day that is over, and when sessions that are booked would lie outside.
    """
    engineer = locked_engineers(engineer)[engineer.pk]
    if first < local_day(now, engineer.tz):
        raise Refused(Refusal("E15", "hours_in_the_past", "That day is over.", "Let the hours begin today or later."))
    record("engineer.hours_set", matter=engineer.matter, by=by, now=now)
    end_hours(engineer, first)
    WorkingHours.objects.bulk_create(
        WorkingHours(engineer=engineer, days=DateRange(first, None), weekday=weekday, minutes=minutes)
        for weekday, spans in week.items()
        for minutes in spans
    )
    if engineer.leaves_at:
        end_hours(engineer, local_day(engineer.leaves_at, engineer.tz))
    _refuse_sessions_out_of_hours(engineer)


@transaction.atomic
def renew_feed(*, engineer: Engineer, by: User, now: datetime) -> str:
    """E15: a new private address for the engineer's calendar; the one before stops. The token is told once and kept hashed."""
    record("engineer.feed_made", matter=engineer.matter, by=by, now=now)
    engineer.feeds.filter(ended_at__isnull=True).update(ended_at=now)
    token = secrets.token_urlsafe(32)
    CalendarFeed.objects.create(engineer=engineer, token_hash=hash_of(token), made_at=now, made_by=by)
    return token


@transaction.atomic
def end_feed(*, engineer: Engineer, by: User, now: datetime) -> None:
    """E15: the private address of the engineer's calendar stops."""
    record("engineer.feed_ended", matter=engineer.matter, by=by, now=now)
    engineer.feeds.filter(ended_at__isnull=True).update(ended_at=now)


def hash_of(token: str) -> str:
    """What is kept of a feed's token. It is long and random, so that a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def locked_engineers(*engineers: Engineer) -> dict[int, Engineer]:
    """E15: the locks of these engineers' time, by key, taken in the order of their keys; after those of contract years."""
    rows = Engineer.objects.filter(pk__in=[one.pk for one in engineers]).order_by("pk")
    return {one.pk: one for one in rows.select_related("user").select_for_update(of=("self",), no_key=True)}


def end_hours(engineer: Engineer, day: date) -> None:
    """From the day on there are no working hours."""
    engineer.hours.filter(days__startswith__gte=day).delete()
    for hours in engineer.hours.filter(days__contains=day):
        hours.days = DateRange(hours.days.lower, day)
        hours.save()


def out_of_hours(engineer: Engineer) -> QuerySet[BookedSession]:
    """E15: what is booked with the engineer, not held, and outside their working hours as they are on record."""
    works = Func(F("engineer"), F("during"), function="works_through", output_field=BooleanField())
    planned = engineer.sessions.filter(released_at__isnull=True, held_at__isnull=True)
    return planned.annotate(works=works).filter(works=False).select_related("engagement")


def in_short(sessions: Sequence[BookedSession], engineer: Engineer) -> str:
    """Sessions by reference and time, for a refusal; the first few and how many more."""
    listed = [
        f"{one.engagement.reference} on {wording.moment_in_short(one.during.lower, engineer.tz)}"
        for one in sessions[:MOST_LISTED]
    ]
    more = [f"{len(sessions) - MOST_LISTED} more"] if len(sessions) > MOST_LISTED else []
    return "; ".join([*listed, *more])


def _refuse_sessions_out_of_hours(engineer: Engineer) -> None:
    if outside := list(out_of_hours(engineer)):
        sentence = f"Booked outside these hours: {in_short(outside, engineer)}."
        raise Refused(Refusal("E15", "sessions_out_of_hours", sentence, "Move them or pass them on first."))
