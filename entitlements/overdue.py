"""Engagements for which something is owed and late: an outcome (E13), or a follow-up (E10). For the manager's lists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import DateField, DateTimeField, ExpressionWrapper, F, Func, Max, Q, QuerySet, Value
from django.db.models.functions import Cast

from entitlements.models import BookedSession, Engagement, EngagementState
from entitlements.rules.outcomes import OUTCOME_DAYS


def overdue_for_outcome(now: datetime) -> QuerySet[Engagement]:
    """E13: delivered, without an outcome given, and past its days in the contract's zone (`rules.outcomes.is_overdue`).

    Each with `delivered_on`, the local day of its last session.
    """
    without = Engagement.objects.filter(state=EngagementState.DELIVERED, outcome__given_at__isnull=True)
    held = without.annotate(delivered_on=_local_day(Max("sessions__held_at")))
    last_day = ExpressionWrapper(F("delivered_on") + Value(OUTCOME_DAYS), output_field=DateField())
    return held.filter(delivered_on__isnull=False).alias(last=last_day).filter(last__lt=_local_day(Value(now)))


def overdue_for_follow_up(now: datetime) -> QuerySet[Engagement]:
    """E10: the discovery was held, and the end planned for the follow-up is past without it (`rules.engagements.follow_up_overdue`)."""
    missed = BookedSession.objects.filter(
        part=2, released_at__isnull=True, held_at__isnull=True, during__endswith__lte=now
    )
    return Engagement.objects.filter(
        first_session_held_at__isnull=False, state=EngagementState.SCHEDULED, pk__in=missed.values("engagement")
    )


def overdue(now: datetime) -> QuerySet[Engagement]:
    """E10, E13: both, for one list."""
    late = Q(pk__in=overdue_for_outcome(now).values("pk")) | Q(pk__in=overdue_for_follow_up(now).values("pk"))
    return Engagement.objects.filter(late)


def _local_day(instant: Any) -> Cast:
    """The date of an instant in the zone of the engagement's contract."""
    local = Func(F("contract__zone"), instant, function="timezone", output_field=DateTimeField())
    return Cast(local, DateField())
