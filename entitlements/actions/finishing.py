"""That an engagement is delivered: by the last of its sessions, or by what was held of it when nothing of it can follow (E10, E14)."""

from __future__ import annotations

from datetime import datetime

from entitlements.actions.log import record
from entitlements.actions.places import enter
from entitlements.actions.sessions import session_lengths
from entitlements.models import BookedSession, Contract, Engagement, EngagementState, UsageEntry, User
from entitlements.rules.engagements import is_delivered


def left_with_what_was_held(contract: Contract) -> list[Engagement]:
    """E10: the engagements whose discovery was held and of which nothing is booked any more."""
    ahead = BookedSession.objects.filter(released_at__isnull=True, held_at__isnull=True)
    begun = contract.engagements.filter(state=EngagementState.SCHEDULED, first_session_held_at__isnull=False)
    left = begun.exclude(pk__in=ahead.values("engagement"))
    return list(left.select_related("contract", "activity", "year").order_by("pk"))


def deliver_what_was_held(engagement: Engagement, *, by: User | None, now: datetime) -> None:
    """E10, E14: its contract has ended, and no session of it lies ahead any more: delivered with those that were held."""
    record("engagement.delivered", matter=engagement.reference, by=by, now=now, note="No follow-up: the contract ended")
    deliver_if_it_is(engagement, by=by, now=now)


def deliver_if_it_is(engagement: Engagement, *, by: User | None, now: datetime) -> None:
    """E10: save the engagement, delivered if nothing of it is left to hold at `now` (UTC)."""
    planned = engagement.sessions.filter(released_at__isnull=True, held_at__isnull=True)
    held, year = engagement.sessions.filter(held_at__isnull=False).count(), engagement.year
    lengths = session_lengths(engagement, year)
    cut_short = held < len(lengths) and _has_ended(engagement.contract, now) and not planned.exists()
    if is_delivered(held, lengths, cut_short=cut_short):
        engagement.state = EngagementState.DELIVERED
        enter(engagement, UsageEntry.Kind.DELIVERY, places=0, by=by, now=now)
    engagement.save()


def _has_ended(contract: Contract, now: datetime) -> bool:
    """E14: it was terminated, or its last year is over by its stored end."""
    return contract.status == Contract.Status.TERMINATED or contract.years.latest("n").ends_at <= now
