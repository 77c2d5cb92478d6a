"""Who did not come, whether it counts all the same, and a place given back by a manager (E5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from entitlements import letters
from entitlements.actions.log import record
from entitlements.actions.open_books import open_book
from entitlements.actions.places import locked_engagement, save_and_enter
from entitlements.actions.refused import Refused
from entitlements.actions.sessions import release_sessions
from entitlements.actions.year_ends import settle
from entitlements.models import Engagement, EngagementState, UsageEntry, User
from entitlements.rules.refusals import Refusal

State = EngagementState
Kind = UsageEntry.Kind
NOT_BEGUN = Refusal(
    "E5", "not_begun", "Its session has not begun yet.", "Note it once the session should have begun, or cancel it."
)
VENDORS_ABSENCE = Refusal("E5", "vendors_absence", "The vendor's absence never counts.")
COUNTS_ALREADY = Refusal("E5", "counts_already", "It holds its place already.")
NO_PLACE_HELD = Refusal(
    "E5", "no_place_to_give_back", "It keeps no place by a session held or a no-show counted.", "Cancel it instead."
)


@transaction.atomic
def note_no_show(*, engagement: Engagement, side: str, by: User, now: datetime, note: str = "") -> Engagement:
    """E5: the `customer` or the `vendor` did not come to the session that was next; the sessions' time is free again.

    The place is back, unless the first session was held and it was the customer who stayed away from the follow-up. Whoever is
    concerned gets a letter (N4): whether it still counts, and what was still booked after it.
    """
    engagement, year = locked_engagement(engagement, State.SCHEDULED)
    planned = engagement.sessions.filter(released_at__isnull=True, held_at__isnull=True).order_by("part").first()
    if planned is None or now < planned.during.lower:
        raise Refused(NOT_BEGUN)
    record("engagement.no_show", matter=engagement.reference, by=by, now=now, note=f"{side}: {note}".rstrip(": "))
    counted = engagement.counts
    engagement.state = State.NO_SHOW
    engagement.ended_at, engagement.ended_by, engagement.ended_side = now, by, Engagement.Side(side)
    engagement.end_reason = note
    save_and_enter(engagement, Kind.RELEASE, counted=counted, by=by, now=now, reason="No-show")
    engagement.sessions.filter(pk=planned.pk).update(released_at=now)
    if engagement.sessions.filter(released_at__isnull=True, held_at__isnull=True).exists():
        letters.session_cancelled(engagement, now=now)
    else:
        letters.session_missed(engagement, planned, now=now)
    release_sessions(engagement, now=now)
    settle(year, by=by, now=now)
    return engagement


@transaction.atomic
def count_no_show(*, engagement: Engagement, reason: str, by: User, now: datetime) -> Engagement:
    """E5: the manager counts a customer's no-show all the same, with a reason, and the customer gets a letter. The vendor's absence
    never counts.

    **Reading:** refused where it would stand above its cap, since the place has been used otherwise by then (E6).
    """
    engagement, year = locked_engagement(engagement, State.NO_SHOW)
    if engagement.ended_side == Engagement.Side.VENDOR:
        raise Refused(VENDORS_ABSENCE)
    if engagement.counts:
        raise Refused(COUNTS_ALREADY)
    _check_cap(engagement)
    record("engagement.no_show_counted", matter=engagement.reference, by=by, now=now, note=reason)
    engagement.counted_at, engagement.counted_by, engagement.count_reason = now, by, reason
    save_and_enter(engagement, Kind.COUNT, counted=False, by=by, now=now, reason=reason)
    letters.session_missed(engagement, None, now=now)
    settle(year, by=by, now=now)
    return engagement


@transaction.atomic
def give_back(*, engagement: Engagement, reason: str, by: User, now: datetime) -> Engagement:
    """E5: a manager gives back the place of an engagement whose session was held, or whose no-show was counted, with a reason."""
    engagement, year = locked_engagement(engagement, State.SCHEDULED, State.DELIVERED, State.CANCELLED, State.NO_SHOW)
    if not engagement.counts or not (engagement.first_session_held_at or engagement.counted_at):
        raise Refused(NO_PLACE_HELD)
    record("engagement.place_given_back", matter=engagement.reference, by=by, now=now, note=reason)
    engagement.given_back_at, engagement.given_back_by, engagement.give_back_reason = now, by, reason
    save_and_enter(engagement, Kind.GIVE_BACK, counted=True, by=by, now=now, reason=reason)
    settle(year, by=by, now=now)
    return engagement


def _check_cap(engagement: Engagement) -> None:
    """E6: the cap alone, whatever the contract's state is by now."""
    candidate = replace(engagement.facts(), counted_by_manager=True)
    if not candidate.counts():
        return
    answer = open_book(engagement.contract_id, engagement.day).while_active().answer(candidate)
    if answer.over and answer.refusal:
        raise Refused(answer.refusal)
