"""What happened to an engagement, in words for its customer, from the one log (C8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from entitlements.access import Visitor
from entitlements.models import BookedSession, Engagement, Event
from entitlements.rules import engagements as rules

IN_WORDS = {
    "engagement.requested": "Requested",
    "engagement.scheduled": "Accepted and scheduled",
    "engagement.declined": "Declined",
    "engagement.withdrawn": "Withdrawn",
    "engagement.moved": "Moved",
    "engagement.cancelled": "Cancelled",
    "engagement.follow_up_cancelled": "Follow-up cancelled",
    "engagement.session_held": "Session held",
    "outcome.given": "Outcome given",
    "outcome.amended": "Outcome amended",
    "recommendation.moved": "Recommendation moved on",
    "feedback.given": "Feedback given",
    "feedback.changed": "Feedback changed",
    "engagement.lapsed": "Lapsed: its contract year ended before it was scheduled",
}
NEXT_MOVE = {
    "requested": "We have the request, and it holds its place. You need to do nothing: we answer with a time.",
    "scheduled": "The time is booked. Come prepared; the letter has the calendar file.",
    "delivered": "It was delivered.",
    "declined": "We declined the request. Its place is back, and you can ask anew.",
    "withdrawn": "You took the request back. Its place is back, and you can ask anew.",
    "cancelled": "It was cancelled. You can ask anew.",
    "no_show": "Nobody of yours came. We will be in touch about what follows.",
    "lapsed": "The contract year ended before it was scheduled. You can ask anew in the next one.",
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the timeline."""

    title: str
    at: datetime
    by: str
    note: str


def of_engagement(engagement: Engagement, reader: Visitor) -> list[Happened]:
    """Newest first. Whom the vendor let act is the vendor's business; the note is for the customer only where it was meant so."""
    events = Event.objects.filter(matter=engagement.reference, part_of__isnull=True).select_related("actor")
    return [
        Happened(IN_WORDS[event.verb], event.happened_at, _by(event, reader), event.note)
        for event in events.order_by("-id")
        if event.verb in IN_WORDS
    ]


def follow_up_overdue(engagement: Engagement, sessions: Sequence[BookedSession], now: datetime) -> bool:
    """E10: the discovery was held, and the follow-up's planned end is past."""
    follow_up = next((one for one in sessions if one.part == 2 and one.released_at is None), None)
    return rules.follow_up_overdue(
        first_held=engagement.first_session_held_at is not None,
        held=follow_up is not None and follow_up.held_at is not None,
        planned_end=follow_up.during.upper if follow_up else None,
        now=now,
    )


def _by(event: Event, reader: Visitor) -> str:
    if event.actor is None:
        return "automatically"
    if event.actor_id == reader.pk:
        return "by you"
    return f"by {settings.VENDOR_NAME}" if event.actor.is_staff else f"by {event.actor.name}"
