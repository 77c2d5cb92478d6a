"""M9.6: whom the rows of an import concern, and which claims they bear on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Max, QuerySet
from psycopg import sql

from sla.alerts.loading import table_of
from sla.models import TO_DECIDE, AlertImport, AlertQuarter, Claim, ClaimState, Failure, TermsEdition

_ABOUT = timedelta(days=1)
"""What a customer states of the time of an alert is approximate."""

# In the order of the index, so that it is asked: else all rows are read to find that a customer has none.
_ONE_OF_THEIRS = "(SELECT 1 FROM {} WHERE customer_id = one.id ORDER BY received_at LIMIT 1)"
_WHO_HAS_ONE = "SELECT id FROM entitlements_customer AS one WHERE EXISTS ({}) ORDER BY id"


def customers_in(source: AlertImport) -> list[int]:
    """The customers (by key) that the tables of an import have rows of, attached or not: by their indexes, however many rows."""
    tables = [table_of(source, part.month) for part in source.parts.filter(dropped_at__isnull=True)]
    if not tables:
        return []
    one_of_theirs = sql.SQL(" UNION ALL ").join(sql.SQL(_ONE_OF_THEIRS).format(table) for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(_WHO_HAS_ONE).format(one_of_theirs))
        return [pk for (pk,) in cursor.fetchall()]


def claims_about(source: AlertImport, customers: Collection[int] | QuerySet[Any]) -> QuerySet[Claim]:
    """Claims about an alert of one of these customers (by key): received in the span of the import, or up to so many months after it
    as the median of quarter hours looks back (S7)."""
    if source.first_received is None or source.last_received is None:
        return Claim.objects.none()
    months = TermsEdition.objects.published().aggregate(most=Max("volume_months"))["most"] or 0
    of_its_time = Failure.objects.filter(
        kind=Failure.Kind.ALERT,
        began_at__gte=source.first_received - _ABOUT,
        began_at__lte=source.last_received + _ABOUT + timedelta(days=31 * months),
        contract__customer__in=customers,
    )
    return Claim.objects.filter(failures__in=of_its_time.values("pk")).distinct()


def claims_that_rest_on(source: AlertImport) -> QuerySet[Claim]:
    """Those of them that are drafts or to be decided. What is decided stays as it was decided (S19)."""
    customers = AlertQuarter.objects.filter(source=source).values("customer")
    open_claims = claims_about(source, customers).filter(state__in=[ClaimState.DRAFT, *TO_DECIDE])
    return open_claims.select_related("contract__customer")
