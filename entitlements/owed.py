"""What is left to do of engagements, and who does it: sessions to note, follow-ups to book, outcomes to give (E10, E13, E15)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField, OuterRef, Q, QuerySet, Subquery

from entitlements.models import (
    BookedSession,
    Engagement,
    EngagementState,
    Engineer,
    Recommendation,
)
from entitlements.rules import outcomes


def to_note(now: datetime) -> QuerySet[Engagement]:
    """E10: a session is over, and nobody has noted whether it was held."""
    over = BookedSession.objects.filter(released_at__isnull=True, held_at__isnull=True, during__endswith__lte=now)
    return Engagement.objects.filter(state=EngagementState.SCHEDULED, pk__in=over.values("engagement"))


def without_follow_up(now: datetime) -> QuerySet[Engagement]:
    """E10: the discovery was held, and the follow-up has no time yet."""
    ahead = BookedSession.objects.filter(released_at__isnull=True, held_at__isnull=True)
    held = Engagement.objects.filter(state=EngagementState.SCHEDULED, first_session_held_at__isnull=False)
    return held.exclude(pk__in=ahead.values("engagement"))


def without_outcome(now: datetime) -> QuerySet[Engagement]:
    """E13: delivered, and its outcome not given yet, late or not."""
    return Engagement.objects.filter(state=EngagementState.DELIVERED, outcome__given_at__isnull=True)


TO_DO: tuple[tuple[str, Callable[[datetime], QuerySet[Engagement]]], ...] = (
    ("A session to be noted as held or not", to_note),
    ("A follow-up to be booked", without_follow_up),
    ("An outcome to be given", without_outcome),
)


@dataclass(frozen=True, slots=True)
class Owed:
    """An engagement on which somebody still has to do something, and what."""

    engagement: Engagement
    what: str


def owed_by(engineer: Engineer, now: datetime) -> list[Owed]:
    """E15: what the engineer has to finish: of the sessions that they held or had last, and what was passed on to them.

    In a constant number of queries, the oldest first of each kind.
    """
    return [Owed(one, what) for what, rows in TO_DO for one in _of(engineer, rows(now))]


def advice_of(engineer: Engineer) -> QuerySet[Recommendation]:
    """E13: the recommendations that the engineer still has to see to, the first that is due first."""
    found = Recommendation.objects.filter(owner=engineer.user_id, state__in=outcomes.TO_DO).order_by("due", "pk")
    return found.select_related("outcome__engagement__contract__customer", "outcome__engagement__activity")


def _of(engineer: Engineer, engagements: QuerySet[Engagement]) -> QuerySet[Engagement]:
    """Those whose last session is the engineer's, or was somebody's who left and whose successor they are."""
    last = BookedSession.objects.filter(engagement=OuterRef("pk"), released_at__isnull=True).order_by("-part")
    with_last = engagements.annotate(
        last=Subquery(last.values("engineer")[:1], output_field=BigIntegerField()),
        still_here=Subquery(last.values("engineer__user__is_active")[:1]),
    )
    own = Q(last=engineer.pk) & (Q(finished_by=None) | Q(still_here=True))
    taken_over = Q(finished_by=engineer, still_here=False)
    return with_last.filter(own | taken_over).select_related("contract__customer", "activity").order_by("day", "pk")
