"""What happened to an engagement, in words for its customer, from the one log (C8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from entitlements.access import Visitor
from entitlements.acts_in_words import note_in_words
from entitlements.models import BookedSession, Engagement, Event
from entitlements.rules import engagements as rules

IN_WORDS = {
    "engagement.requested": "Requested",
    "engagement.scheduled": "Accepted and scheduled",
    "engagement.declined": "Declined",
    "engagement.withdrawn": "Withdrawn",
    "engagement.moved": "Moved",
    "engagement.passed_on": "With another engineer",
    "engagement.follow_up_booked": "Follow-up booked",
    "engagement.cancelled": "Cancelled",
    "engagement.follow_up_cancelled": "Follow-up cancelled",
    "engagement.session_held": "Session held",
    "engagement.no_show_counted": "No-show counted",
    "engagement.place_given_back": "Place given back",
    "engagement.delivered": "Delivered without its follow-up: the contract ended",
    "outcome.given": "Outcome given",
    "outcome.amended": "Outcome amended",
    "recommendation.moved": "Recommendation moved on",
    "feedback.given": "Feedback given",
    "feedback.changed": "Feedback changed",
    "engagement.lapsed": "Lapsed: its contract year ended before it was scheduled",
}
NEXT_MOVE = {
    "requested": "We have the request{place}. You need to do nothing: we answer with a time.",
    "scheduled": "The time is booked. Come prepared; the letter has the calendar file.",
    "delivered": "It was delivered.",
    "declined": "We declined the request.{back} You can ask anew.",
    "withdrawn": "You took the request back.{back} You can ask anew.",
    "cancelled": "It was cancelled. You can ask anew.",
    "no_show": "Nobody of yours came.{back} You can ask anew.",
    "counted_no_show": "Nobody of yours came, and it counts. If that is not how it was, answer the letter about it.",
    "our_no_show": "We did not come, and we are sorry: it does not count.{back} You can ask anew.",
    "lapsed": "The contract year ended before it was scheduled. You can ask anew in the next one.",
}


NOBODY_CAME = {"customer": "Nobody of yours came", "vendor": "We did not come"}
"""A no-show by its side, with which its line in the log begins; what the manager wrote beside it stands in the letter."""

BEGUN = "Its time has come, so it can no longer be moved or cancelled. We note here whether it was held; then its outcome follows."
HALF_HELD = "Its first session was held. Come prepared for the next one; the letter has the calendar file."
BETWEEN = "Its first session was held. We propose a time for the next one."


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
    told = [(event, _told(event)) for event in events.order_by("-id")]
    return [Happened(title, event.happened_at, _by(event, reader), note) for event, (title, note) in told if title]


def next_move(engagement: Engagement, sessions: Sequence[BookedSession], now: datetime) -> str:
    """What happens next, and who does it; under Professional Services there is no place to speak of (E7)."""
    if engagement.state == "scheduled" and engagement.first_session_held_at:
        return HALF_HELD if still_ahead(sessions, now) else BETWEEN
    if engagement.state == "scheduled" and not still_ahead(sessions, now):
        return BEGUN
    counted = not engagement.ps_reference
    words = (
        {"place": ", and it holds its place", "back": " Its place is back."} if counted else {"place": "", "back": ""}
    )
    return NEXT_MOVE[_ended_how(engagement)].format(**words)


def _ended_how(engagement: Engagement) -> str:
    """The state; of a no-show also whose it was, and whether it counts."""
    if engagement.state != "no_show":
        return engagement.state
    if engagement.ended_side == Engagement.Side.VENDOR:
        return "our_no_show"
    return "counted_no_show" if engagement.counts else "no_show"


def still_ahead(sessions: Iterable[BookedSession], now: datetime) -> list[BookedSession]:
    """Those that are booked and have not begun."""
    return [one for one in sessions if not one.released_at and not one.held_at and now < one.during.lower]


def follow_up_overdue(engagement: Engagement, sessions: Sequence[BookedSession], now: datetime) -> bool:
    """E10: the discovery was held, and the follow-up's planned end is past."""
    follow_up = next((one for one in sessions if one.part == 2 and one.released_at is None), None)
    return rules.follow_up_overdue(
        first_held=engagement.first_session_held_at is not None,
        held=follow_up is not None and follow_up.held_at is not None,
        planned_end=follow_up.during.upper if follow_up else None,
        now=now,
    )


def _told(event: Event) -> tuple[str, str]:
    """What a line of the log is called, and what stands beside it; nothing where it is not for the customer."""
    if event.verb == "engagement.no_show":
        return NOBODY_CAME.get(event.note.partition(":")[0], "Nobody came"), ""
    return IN_WORDS.get(event.verb, ""), note_in_words(event.verb, event.note)


def _by(event: Event, reader: Visitor) -> str:
    if event.actor is None:
        return "automatically"
    if event.actor_id == reader.pk:
        return "by you"
    return f"by {settings.VENDOR_NAME}" if event.actor.is_staff else f"by {event.actor.name}"
