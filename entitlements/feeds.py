"""E15: what an engineer's private calendar feed says: every session with its UID and SEQUENCE, and for a time what was cancelled."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from entitlements.actions.engineers import hash_of
from entitlements.calendars import CalendarEvent, feed_file
from entitlements.models import BookedSession, CalendarFeed, Engineer

KEPT = timedelta(days=30)
"""How long what is over or cancelled stays in the feed: a figure of ours."""


def engineer_of(token: str) -> Engineer | None:
    """Whose feed the token opens; None for a wrong one, one that was ended, or somebody whose account has ended."""
    live = CalendarFeed.objects.filter(token_hash=hash_of(token), ended_at__isnull=True, engineer__user__is_active=True)
    feed = live.select_related("engineer__user").first()
    return feed.engineer if feed else None


def feed_of(engineer: Engineer, *, now: datetime) -> str:
    """The text of the engineer's feed. Of a session that was moved or passed on, its last state with this engineer."""
    since = now - KEPT
    known = engineer.sessions.filter(
        Q(released_at__isnull=True, during__endswith__gt=since) | Q(released_at__isnull=False, released_at__gt=since)
    ).select_related("engagement__contract__customer", "engagement__activity")
    last = {session.calendar_uid: session for session in known.order_by("pk")}
    events = sorted((_event(session) for session in last.values()), key=lambda event: (event.start, event.uid))
    return feed_file(events, name=f"{settings.VENDOR_NAME}: {engineer}", now=now)


def _event(session: BookedSession) -> CalendarEvent:
    """What the engineer needs to find it at the desk, and no more of the customer."""
    engagement = session.engagement
    gone = session.released_at is not None
    return CalendarEvent(
        uid=session.calendar_uid,
        sequence=session.calendar_sequence + gone,
        start=session.during.lower,
        end=session.during.upper,
        title=f"{engagement.activity}, {engagement.contract.customer} ({engagement.reference})",
        text=settings.SITE_URL + reverse("admin:engagement", args=[engagement.reference]),
        cancelled=gone,
        where=session.meet_at,
    )
