"""What the usage ledger adds up to: now, or as it stood at an instant (E5)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Sum

from entitlements.models import ContractYear, UsageEntry


def usage_as_of(year: ContractYear, instant: datetime) -> dict[str, int]:
    """The places of a contract year that were used at an instant, by activity: the sums of what had happened until then.

    An activity of which none was used is left out. What was entered later as of an earlier moment (a lapse) counts from that moment.
    """
    entries = UsageEntry.objects.filter(year=year, happened_at__lte=instant)
    sums = entries.values_list("engagement__activity").annotate(used=Sum("places")).order_by()
    return {activity: used for activity, used in sums if used}
