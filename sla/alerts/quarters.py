"""S7: the roll-up of quarter hours that an import adds: triggers that led to a notification, and incidents begun, each counted once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from psycopg import sql

from sla.alerts.loading import table_of
from sla.alerts.matching import others_of
from sla.models import AlertImport, AlertPart, AlertQuarter
from sla.models.alerts import QUARTER_MINUTES

_TRIGGERS = "SELECT customer_id, received_at, incident, bool_or(initial) AS initial FROM {table} GROUP BY 1, 2, 3"

# Of a trigger whose notifications two files share, an earlier import has counted what it has of it.
_NOT_COUNTED_YET = """
    SELECT ours.customer_id, ours.received_at, ours.incident, ours.initial AND NOT coalesce(before.initial, false) AS initial,
           before.incident IS NOT NULL AS counted, before.sources
      FROM ({triggers}) AS ours LEFT JOIN LATERAL (
          SELECT incident, bool_or(initial) AS initial, array_agg(DISTINCT source_id) AS sources FROM sla_notification AS there
           WHERE there.customer_id = ours.customer_id AND there.received_at = ours.received_at
             AND there.incident = ours.incident AND there.received_at BETWEEN %(first)s AND %(last)s
           GROUP BY incident) AS before ON true
"""
_COUNTED = """
    SELECT %(source)s AS source_id, customer_id, date_bin(%(quarter)s, received_at, 'epoch') AS start,
           count(*){new} AS volume, count(*) FILTER (WHERE initial) AS incidents
      FROM ({triggers}) AS trigger GROUP BY 2, 3
"""
_ADD = """
    INSERT INTO sla_alertquarter (source_id, customer_id, start, volume, incidents, alone)
    SELECT counted.*, {alone} FROM ({counted}) AS counted ORDER BY customer_id, start
"""
_HAS_NO_OTHER = """
    NOT EXISTS (SELECT FROM sla_alertquarter AS other
                 WHERE other.customer_id = counted.customer_id AND other.start = counted.start)
"""
_ADD_TO_OTHERS = """
    WITH added AS ({add} RETURNING customer_id, start, alone)
    UPDATE sla_alertquarter AS other SET alone = false
      FROM added WHERE NOT added.alone AND other.alone AND other.customer_id = added.customer_id AND other.start = added.start
"""
# The triggers of a month with some hundred thousand rows are told apart in memory. Until the end of the transaction.
_IN_MEMORY = """
    SELECT set_config('work_mem', greatest(setting::int, 32768) || 'kB', true) FROM pg_settings WHERE name = 'work_mem'
"""
_SHARED = "SELECT DISTINCT unnest(sources) FROM ({triggers}) AS trigger WHERE counted"


def count(source: AlertImport) -> None:
    """Add the quarter hours of an import that is about to be attached. It rests on the imports whose triggers it shares."""
    for part in source.parts.filter(rows__gt=0):
        given: dict[str, Any] = {
            "source": source.pk,
            "quarter": f"{QUARTER_MINUTES} minutes",
            "first": part.first_received,
            "last": part.last_received,
        }
        shares = others_of(part).exists()
        triggers = sql.SQL(_TRIGGERS).format(table=table_of(source, part.month))
        if shares:
            triggers = sql.SQL(_NOT_COUNTED_YET).format(triggers=triggers)
        _add(part, triggers, given, shares=shares)
        if shares:
            source.rests_on.add(*_shared(triggers, given))


def _add(part: AlertPart, triggers: sql.Composed, given: dict[str, Any], *, shares: bool) -> None:
    """Where another import has the month, a quarter hour of both is told from one that an import has alone."""
    new = sql.SQL(" FILTER (WHERE NOT counted)" if shares else "")
    counted = sql.SQL(_COUNTED).format(triggers=triggers, new=new)
    has_others = AlertPart.objects.filter(source__in=AlertImport.objects.imported(), month=part.month).exists()
    add = sql.SQL(_ADD).format(alone=sql.SQL(_HAS_NO_OTHER if has_others else "true"), counted=counted)
    with connection.cursor() as cursor:
        cursor.execute(_IN_MEMORY)
        cursor.execute(sql.SQL(_ADD_TO_OTHERS).format(add=add) if has_others else add, given)


def _shared(triggers: sql.Composed, given: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(_SHARED).format(triggers=triggers), given)
        return [pk for (pk,) in cursor.fetchall()]


def forget(source: AlertImport) -> None:
    """Take away the quarter hours of an import that is undone."""
    source.quarters.all().delete()


def forget_month(month: date) -> None:
    """Take away the quarter hours of a month (UTC) that is let go."""
    start = datetime(month.year, month.month, 1, tzinfo=UTC)
    end = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
    AlertQuarter.objects.filter(start__gte=start, start__lt=end).delete()
