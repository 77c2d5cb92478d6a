"""The alarm that goes to whoever is on call (N27): once for a cause, again when it comes back, and taken back in words."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from entitlements import alarm_letters as letters
from entitlements.health import pulse, signs
from entitlements.models import Alarm, User


@transaction.atomic
def watch(*, now: datetime) -> int:
    """Look at every sign; raise what is new, and end what is over. Rung twice, or by two at once, it is the same. How many changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('makegood.alarms'))")
    bad = {sign.key: sign for sign in signs(pulse(now), now) if sign.alarm}
    standing = {alarm.cause: alarm for alarm in Alarm.objects.filter(over_at__isnull=True)}
    for key in [key for key in bad if key not in standing]:
        sign = bad[key]
        alarm = Alarm.objects.create(cause=key, words=f"{sign.name}: {sign.words}", since=sign.since, raised_at=now)
        letters.alarm_raised(alarm, sign, to=on_call(), now=now)
    over = [alarm for cause, alarm in standing.items() if cause not in bad]
    for alarm in over:
        alarm.over_at = now
        alarm.save(update_fields=["over_at"])
        letters.alarm_over(alarm, to=on_call(), now=now)
    return len(bad.keys() - standing.keys()) + len(over)


def on_call() -> QuerySet[User]:
    """Whoever is on call; while nobody is, everybody at the desk."""
    staff = User.objects.filter(is_staff=True, is_active=True).order_by("pk")
    return staff.filter(on_call=True) if staff.filter(on_call=True).exists() else staff
