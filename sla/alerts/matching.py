"""What stands already: rows that say the same as another of their file, or as one of an earlier import; and those that contradict one."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Min, QuerySet
from psycopg import sql

from sla.alerts.columns import STORED
from sla.alerts.loading import MOST_TOLD, table_of
from sla.models import AlertImport, AlertPart

_CONTENT = tuple(name for name in STORED if name not in ("identity", "line", "customer_id", "received_at"))

# A notification that a file has twice comes in once. One that it has with two contents does not come in at all.
_TWINS = """
WITH found AS (
    SELECT line, min(line) OVER same AS first, count(*) OVER same AS n FROM {table}
    WINDOW same AS (PARTITION BY customer_id, received_at, identity)),
twin AS (
    SELECT found.line, first, bool_and(({one}) IS NOT DISTINCT FROM ({other})) OVER (PARTITION BY first) AS same
      FROM found JOIN {table} AS one ON one.line = found.line JOIN {table} AS other ON other.line = found.first WHERE n > 1),
gone AS (
    DELETE FROM {table} AS row USING twin WHERE row.line = twin.line AND (NOT twin.same OR twin.line <> twin.first)
    RETURNING twin.line, twin.first, twin.same),
told AS (
    INSERT INTO sla_alertrefusal (source_id, line, "column", code, sentence, as_read)
    SELECT %(source)s, line, '', 'twins', 'The file has this notification more than once, with different content: see line '
           || CASE WHEN line = first THEN (SELECT min(line) FROM gone AS others WHERE others.first = gone.first AND line > first)
                   ELSE first END || '.', ''
      FROM gone WHERE NOT same ORDER BY line LIMIT {most})
SELECT NULL::bigint, count(*) FILTER (WHERE same), count(*) FILTER (WHERE NOT same) FROM gone
"""

_KNOWN = """
WITH met AS (
    SELECT one.line, other.source_id, other.line AS there, ({one}) IS NOT DISTINCT FROM ({other}) AS same
      FROM {table} AS one JOIN sla_notification AS other USING (customer_id, received_at, identity)
     WHERE other.received_at BETWEEN %(first)s AND %(last)s),
gone AS (DELETE FROM {table} AS row USING met WHERE row.line = met.line RETURNING met.line, met.source_id, met.there, met.same),
told AS (
    INSERT INTO sla_alertrefusal (source_id, line, "column", code, sentence, as_read)
    SELECT %(source)s, line, '', 'other', 'An earlier import has this notification with other content: '
           || (SELECT reference FROM sla_alertimport WHERE id = gone.source_id) || ', line ' || there || '.', ''
      FROM gone WHERE NOT same ORDER BY line LIMIT {most})
SELECT source_id, count(*) FILTER (WHERE same), count(*) FILTER (WHERE NOT same) FROM gone GROUP BY source_id
"""


def one_import_at_a_time() -> None:
    """Until the end of the transaction: what is found on record stays there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('sla.alerts'))")


def index(source: AlertImport) -> tuple[int, int]:
    """Index the tables of an import; a notification that stands twice fails the first index, and only then is looked for. How many rows
    the file had more than once, and how many contradict each other."""
    try:
        with transaction.atomic():
            _index(source)
        return 0, 0
    except IntegrityError:
        left_out = _leave_out_twins(source)
        _index(source)
        return left_out


def _index(source: AlertImport) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT index_alert_tables(%s)", [source.pk])


def _leave_out_twins(source: AlertImport) -> tuple[int, int]:
    found = [row for part in source.parts.all() for row in _run(_TWINS, source, part, {})]
    return sum(same for _, same, _ in found), sum(other for _, _, other in found)


def leave_out_known(source: AlertImport) -> tuple[dict[str, int], int]:
    """How many rows an earlier import has brought, by its reference, and how many contradict one. From now on the file rests on those."""
    found: dict[int, list[int]] = {}
    for part in source.parts.filter(rows__gt=0):
        if others_of(part).exists():
            span = {"first": part.first_received, "last": part.last_received}
            for other, same, contrary in _run(_KNOWN, source, part, span):
                before = found.get(other, [0, 0])
                found[other] = [before[0] + same, before[1] + contrary]
    source.rests_on.add(*found)
    references = dict(AlertImport.objects.filter(pk__in=found).values_list("pk", "reference"))
    known = {references[pk]: same for pk, (same, _) in found.items() if same}
    return known, sum(contrary for _, contrary in found.values())


def others_of(part: AlertPart) -> QuerySet[AlertPart]:
    """The parts of standing imports whose rows were received in the span of this one."""
    return AlertPart.objects.filter(
        source__in=AlertImport.objects.imported(),
        month=part.month,
        first_received__lte=part.last_received,
        last_received__gte=part.first_received,
    ).exclude(source=part.source_id)


def measure(source: AlertImport) -> None:
    """Count the rows of each table, and note from when to when they were received."""
    for part in source.parts.all():
        question = sql.SQL("SELECT count(*), min(received_at), max(received_at) FROM {}")
        with connection.cursor() as cursor:
            cursor.execute(question.format(table_of(source, part.month)))
            part.rows, part.first_received, part.last_received = cursor.fetchone()
        part.save()
    span = source.parts.aggregate(first=Min("first_received"), last=Max("last_received"))
    source.first_received, source.last_received = span["first"], span["last"]


def _run(statement: str, source: AlertImport, part: AlertPart, given: dict[str, Any]) -> list[tuple[int, int, int]]:
    pieces = {
        "table": table_of(source, part.month),
        "most": sql.Literal(MOST_TOLD),
        **{side: sql.SQL(", ").join(sql.Identifier(side, name) for name in _CONTENT) for side in ("one", "other")},
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(**pieces), {"source": source.pk, **given})
        return list(cursor.fetchall())
