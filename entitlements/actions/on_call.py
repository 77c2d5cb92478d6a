"""Who gets the alarms of the clockwork (N27)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from entitlements.actions.log import record
from entitlements.models import User


@transaction.atomic
def choose_on_call(*, people: Collection[User], by: User, now: datetime) -> None:
    """From `now` (UTC) these are on call, and nobody else. With none of them everybody at the desk gets the alarms."""
    staff = User.objects.select_for_update(no_key=True).filter(is_staff=True, is_active=True).order_by("pk")
    for person in staff:
        if person.on_call != (person in people):
            change = "on call" if not person.on_call else "on call no more"
            record("staff.on_call", matter=str(person.pk), by=by, now=now, note=f"{person}: {change}")
            person.on_call = not person.on_call
            person.save(update_fields=["on_call"])
