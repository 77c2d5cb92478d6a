"""That a manager looks at the portal with the eyes of one of a customer's people (M2.4): on record before the first page."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.models import Membership, User


@transaction.atomic
def see_as(*, membership: Membership, by: User, now: datetime) -> None:
    """M2.4: note in the log whose eyes the manager borrows."""
    note = f"With the eyes of membership {membership.pk}"
    record("customer.seen_as", matter=membership.customer.external_id, by=by, now=now, note=note)
