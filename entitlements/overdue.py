"""Engagements whose outcome is owed and late (E13), for the manager's lists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import DateField, DateTimeField, ExpressionWrapper, F, Func, Max, QuerySet, Value
from django.db.models.functions import Cast

from entitlements.models import Engagement, EngagementState
from entitlements.rules.outcomes import OUTCOME_DAYS


def overdue_for_outcome(now: datetime) -> QuerySet[Engagement]:
    """E13: delivered, without an outcome given, and past its days in the contract's zone (`rules.outcomes.is_overdue`).

    Each with `delivered_on`, the local day of its last session.
    """
    without = Engagement.objects.filter(state=EngagementState.DELIVERED, outcome__given_at__isnull=True)
    held = without.annotate(delivered_on=_local_day(Max("sessions__held_at")))
    last_day = ExpressionWrapper(F("delivered_on") + Value(OUTCOME_DAYS), output_field=DateField())
    return held.filter(delivered_on__isnull=False).alias(last=last_day).filter(last__lt=_local_day(Value(now)))


def _local_day(instant: Any) -> Cast:
    """The date of an instant in the zone of the engagement's contract."""
    local = Func(F("contract__zone"), instant, function="timezone", output_field=DateTimeField())
    return Cast(local, DateField())
