"""What stands already: rows that say the same as another of their file, or as one of an earlier import; those that say more of one; and
those that contradict one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, Max, Min, OuterRef, QuerySet
from psycopg import sql

from sla.alerts.columns import IDENTITY, MAY_COME_LATER, STORED
from sla.alerts.loading import table_of
from sla.alerts.rows import MOST_TOLD
from sla.models import AlertImport, AlertImportState, AlertPart, AlertRestated
from sla.models.alerts import STANDS

WORTH_ANALYZING = 50_000
"""Of so many rows a page can read all in a few hundredths of a second, however it is planned. A figure of ours."""

_SAME_ONE = ("customer_id", "received_at", *IDENTITY)
_UNNAMED = tuple(name for name in _SAME_ONE if name != "provider_reference")
_CONTENT = tuple(name for name in STORED if name not in ("line", *_SAME_ONE))
_FIXED = tuple(name for name in _CONTENT if name not in ("other_logs", *MAY_COME_LATER))

# A notification that a file has twice comes in once. One that it has with two contents does not come in at all.
_TWINS = """
WITH found AS (
    SELECT line, min(line) OVER same AS first, count(*) OVER same AS n FROM {table} AS one
    WINDOW same AS (PARTITION BY {key})),
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
SELECT count(*) FILTER (WHERE same), count(*) FILTER (WHERE NOT same) FROM gone
"""

# Each row beside the one on record that is the same notification; where the provider's reference may have come later, beside one that
# has none yet, unless the file has that one, too.
_KNOWN = """
WITH met AS (
    SELECT one.line, other.source_id, other.line AS there, one.provider_reference = other.provider_reference AS named,
           {says_no_more} AS known, {says_no_less} AS restates
      FROM {table} AS one JOIN sla_notification AS other USING ({unnamed})
     WHERE other.received_at BETWEEN %(first)s AND %(last)s AND other.source_id = ANY(%(others)s) AND {stands}
       AND (one.provider_reference = other.provider_reference OR one.provider_reference = ''
            OR other.provider_reference = '' AND NOT EXISTS (
               SELECT FROM {table} AS own WHERE own.provider_reference = '' AND ({own}) = ({other_key})))),
judged AS (
    SELECT DISTINCT ON (line) line, source_id, there, known, restates FROM met WHERE named OR known OR restates
     ORDER BY line, named DESC, known DESC, source_id, there),
restated AS (
    INSERT INTO sla_alertrestated (source_id, line, by_id, by_line)
    SELECT source_id, there, %(source)s, min(line) FROM judged WHERE restates AND NOT known GROUP BY source_id, there),
gone AS (
    DELETE FROM {table} AS row USING judged WHERE row.line = judged.line AND (known OR NOT restates)
    RETURNING judged.line, judged.source_id, there, known),
told AS (
    INSERT INTO sla_alertrefusal (source_id, line, "column", code, sentence, as_read)
    SELECT %(source)s, line, '', 'other', 'An earlier import has this notification with other content: '
           || (SELECT reference FROM sla_alertimport WHERE id = gone.source_id) || ', line ' || there || '.', ''
      FROM gone WHERE NOT known ORDER BY line LIMIT {most})
SELECT source_id, count(*) FILTER (WHERE known), count(*) FILTER (WHERE NOT known AND NOT restates) FROM judged GROUP BY source_id
"""


def one_import_at_a_time() -> None:
    """Until the end of the transaction: what is found on record stays there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('sla.alerts'))")


def index(source: AlertImport, part: AlertPart) -> tuple[int, int]:
    """Index a table of an import; a notification that stands twice fails the first index, and only then is looked for. How many rows
    the file had more than once, and how many contradict each other."""
    try:
        with transaction.atomic():
            _index(part)
        return 0, 0
    except IntegrityError:
        ((same, contrary),) = _run(_TWINS, source, part, {})
        _index(part)
        return same, contrary


def _index(part: AlertPart) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT index_alert_table(%s, %s)", [part.source_id, part.month])


def leave_out_known(source: AlertImport, *, of: QuerySet[AlertImport]) -> tuple[dict[str, int], int]:
    """How many rows one of these imports has brought, by its reference, and how many contradict one. What says more of one on record
    is noted, unless by now another import does. From now on the file rests on those imports."""
    source.restates.filter(Exists(_standing_links())).delete()
    found: dict[int, list[int]] = {}
    for part in source.parts.filter(rows__gt=0):
        if others := list(others_of(part).filter(source__in=of).values_list("source", flat=True)):
            given = {"first": part.first_received, "last": part.last_received, "others": others}
            for other, same, contrary in _run(_KNOWN, source, part, given):
                before = found.get(other, [0, 0])
                found[other] = [before[0] + same, before[1] + contrary]
    source.rests_on.add(*found)
    references = dict(AlertImport.objects.filter(pk__in=found).values_list("pk", "reference"))
    known = {references[pk]: same for pk, (same, _) in found.items() if same}
    return known, sum(contrary for _, contrary in found.values())


def _standing_links() -> QuerySet[AlertRestated]:
    return AlertRestated.objects.filter(
        source=OuterRef("source"), line=OuterRef("line"), by__state=AlertImportState.IMPORTED
    )


def others_of(part: AlertPart) -> QuerySet[AlertPart]:
    """The parts of standing imports whose rows were received in the span of this one."""
    return AlertPart.objects.filter(
        source__in=AlertImport.objects.imported(),
        month=part.month,
        first_received__lte=part.last_received,
        last_received__gte=part.first_received,
    ).exclude(source=part.source_id)


def analyze(source: AlertImport) -> None:
    """Tell the server how the rows of the larger tables are spread: pages are quick from the first look on. Measured before."""
    with connection.cursor() as cursor:
        for part in source.parts.filter(rows__gte=WORTH_ANALYZING):
            cursor.execute("SELECT analyze_alert_table(%s, %s)", [source.pk, part.month])


def drop(source: AlertImport) -> None:
    """Take away the tables of an import that does not stand, and what it says more of."""
    source.restates.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT drop_alert_tables(%s)", [source.pk])


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


def _run(statement: str, source: AlertImport, part: AlertPart, given: dict[str, Any]) -> list[tuple[int, ...]]:
    pieces = {
        "table": table_of(source, part.month),
        "most": sql.Literal(MOST_TOLD),
        "key": _columns("one", _SAME_ONE),
        "one": _columns("one", _CONTENT),
        "other": _columns("other", _CONTENT),
        "unnamed": sql.SQL(", ").join(map(sql.Identifier, _UNNAMED)),
        "own": _columns("own", _UNNAMED),
        "other_key": _columns("other", _UNNAMED),
        "says_no_more": _says_no_more("one", "other"),
        "says_no_less": _says_no_more("other", "one"),
        "stands": sql.SQL(STANDS.format("other")),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(**pieces), {"source": source.pk, **given})
        return list(cursor.fetchall())


def _columns(side: str, names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(side, name) for name in names)


def _says_no_more(less: str, more: str) -> sql.Composed:
    """Of two rows that are one notification: whether whatever the one says, the other says, too."""
    empty = sql.SQL("coalesce({}, '{{}}')")
    return sql.SQL("({} AND {} AND {} IN ('', {}) AND {} <@ {})").format(
        sql.SQL("({}) IS NOT DISTINCT FROM ({})").format(_columns(less, _FIXED), _columns(more, _FIXED)),
        sql.SQL(" AND ").join(
            sql.SQL("({0} IS NULL OR {0} IS NOT DISTINCT FROM {1})").format(
                sql.Identifier(less, name), sql.Identifier(more, name)
            )
            for name in MAY_COME_LATER
        ),
        sql.Identifier(less, "provider_reference"),
        sql.Identifier(more, "provider_reference"),
        empty.format(sql.Identifier(less, "other_logs")),
        empty.format(sql.Identifier(more, "other_logs")),
    )
