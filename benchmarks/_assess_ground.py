"""What bench-assess stands on: six months of alert logs in their tables, with indexes and roll-up as an import leaves them, and vacuumed
as the server does it by itself about a minute later: until then the same question reads the rows, too, and takes half as long again.

Like `_booking_ground`: nothing of Django is imported before `standing()` has started the servers.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from benchmarks._booking_ground import contracts, somebody, standing

__all__ = ["END", "START", "log_of", "standing", "thinned", "typed_copy"]

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
MONTHS = [date(2026, month, 1) for month in range(1, 7)]

# By a hash of the row's number everything is as good as random and the same in every run. Of a hundred notifications one is late, two
# more wait beyond a minute; every 5,000th trigger brings a burst of forty; a tenth lies outside the United States and Canada.
ROWS = """
INSERT INTO {leaf} (source_id, line, customer_id, received_at, delay, initial, first_responder, high_urgency, channel,
                    incident, responder, provider_reference, registered, located, provider_api_call_at, push_attempt_at,
                    sms_sent_at, email_sent_at, acknowledged_at)
SELECT {source}, n, customers[1 + (whose % cardinality(customers))], received, delay, h % 50 <> 0, h % 23 <> 0, h % 11 <> 0, channel,
       'INC-' || n, 'resp', 'ref-' || n, CASE WHEN h % 10 = 3 THEN 'MX' ELSE 'US' END, 'US',
       CASE WHEN channel = 'phone' AND NOT never THEN logged END, CASE WHEN channel = 'push' AND NOT never THEN logged END,
       CASE WHEN channel = 'sms' AND NOT never THEN logged END, CASE WHEN channel = 'email' AND NOT never THEN logged END,
       received + delay + wait + interval '7 minutes'
  FROM (SELECT n, h, whose, received, delay, wait, h % 1009 = 7 AS never, received + delay + wait AS logged,
               (ARRAY['phone', 'push', 'sms', 'email'])[1 + (h / 7 % 4)] AS channel
          FROM (SELECT n, abs(hashint8extended(seed, 41)) AS h, abs(hashint8extended(seed, 45)) AS whose,
                       {start}::timestamptz + (abs(hashint8extended(seed, 42)) % {micros}::bigint) * interval '1 microsecond'
                           + (n % 5000) % 40 * interval '1 microsecond' AS received,
                       (abs(hashint8extended(n, 43)) % 4) * interval '1 minute' AS delay,
                       CASE abs(hashint8extended(n, 44)) % 100 WHEN 0 THEN interval '1 microsecond' * (300000001 + n % 900000000)
                            WHEN 1 THEN interval '100 seconds' WHEN 2 THEN interval '5 minutes'
                            ELSE interval '1 microsecond' * (n % 30000000) END AS wait
                  FROM (SELECT n, CASE WHEN n % 5000 < 40 THEN n / 5000 ELSE n END AS seed
                          FROM generate_series({first}::bigint, {last}::bigint) AS n) AS numbered) AS drawn) AS facts,
       (SELECT '{{{customers}}}'::bigint[] AS customers) AS everybody
"""
QUARTERS = """
INSERT INTO sla_alertquarter (source_id, customer_id, start, volume, incidents, alone)
SELECT %s, customer_id, date_bin('15 minutes', received_at, '1970-01-01+00'), count(DISTINCT (incident, received_at)),
       count(DISTINCT incident) FILTER (WHERE initial), true FROM sla_notification GROUP BY 2, 3
"""
COLUMNS = """SELECT customer_id, incident, received_at, delay, initial, first_responder, high_urgency, registered, located,
    delivery_receipt_at, coalesce(provider_api_call_at, push_attempt_at, sms_sent_at, email_sent_at), acknowledged_at
  FROM sla_notification"""

NAMES = (
    "customer",
    "incident",
    "received",
    "delay",
    "initial",
    "first",
    "urgent",
    "registered",
    "located",
    "receipt",
    "own",
)
NAMES += ("acknowledged",)


def log_of(postgres, how_many, rows):
    """The customers (by key) and their notifications, spread over six months; one import, as it stands when it is done."""
    import psycopg

    from sla.models import AlertImport

    by, at = somebody(), END
    firms = sorted({key for key, _ in contracts(postgres, how_many, by)})
    customers = _customers(firms)
    source = AlertImport.objects.create(
        reference="LOG-BENCH",
        name="bench.csv",
        kind="csv",
        size=1,
        sha256="ab" * 32,
        stored_as="bench",
        uploaded_at=at,
        uploaded_by=by,
    )
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = on")  # else the VACUUM below finds the newest rows in doubt
        cursor = psycopg.ClientCursor(connection)
        _on_enterprise_terms(cursor, firms)
        _to(cursor, source.pk, "checking")
        each = rows // len(MONTHS)
        for n, month in enumerate(MONTHS):
            ends = MONTHS[n + 1] if n + 1 < len(MONTHS) else END.date()
            ((leaf,),) = cursor.execute("SELECT make_alert_table(%s, %s)", [source.pk, month]).fetchall()
            micros = (ends - month).days * 86_400_000_000 - 1_000
            facts = {
                "customers": ",".join(map(str, customers)),
                "leaf": leaf,
                "source": source.pk,
                "first": n * each + 1,
                "last": (n + 1) * each,
                "micros": micros,
            }
            cursor.execute(ROWS.format(**facts, start=f"'{month}T00:00:00Z'"))
            cursor.execute("SELECT index_alert_table(%s, %s)", [source.pk, month])
        _to(cursor, source.pk, "importing")
        cursor.execute("SELECT attach_alert_tables(%s)", [source.pk])
        _to(cursor, source.pk, "imported")
        cursor.execute(QUARTERS, [source.pk])
        for table in ("sla_notification", "sla_alertquarter"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")
    return customers


def _customers(firms):
    from entitlements.models import Contract

    return sorted(Contract.objects.filter(pk__in=firms).values_list("customer_id", flat=True))


def _on_enterprise_terms(cursor, firms):
    """S1: from long before the log to long after it, so that each failure counts."""
    cursor.execute("UPDATE entitlements_contract SET term = '[2020-01-01,2030-01-01)' WHERE id = ANY(%s)", [firms])
    cursor.execute(
        """INSERT INTO sla_termsperiod (contract_id, terms, days)
           SELECT one, 'enterprise', '[2020-01-01,2030-01-01)' FROM unnest(%s) AS one""",
        [firms],
    )


def _to(cursor, source, state):
    cursor.execute("UPDATE sla_alertimport SET state = %s, imported_at = now() WHERE id = %s", [state, source])


def typed_copy(postgres, log, file):
    """The same rows in DuckDB's own memory, with its own types."""
    import psycopg

    with psycopg.connect(postgres.url("postgres")) as connection, file.open("wb") as out:
        connection.execute("SET TimeZone = 'UTC'")
        with connection.cursor().copy(f"COPY ({COLUMNS}) TO STDOUT (FORMAT csv)") as portions:
            for portion in portions:
                out.write(portion)
    moment = dict.fromkeys(("received", "receipt", "own", "acknowledged"), "TIMESTAMP")
    yes_or_no = dict.fromkeys(("initial", "first", "urgent"), "BOOLEAN")
    words = dict.fromkeys(("incident", "registered", "located"), "VARCHAR")
    kinds = {"customer": "BIGINT", "delay": "INTERVAL", **moment, **yes_or_no, **words}
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in NAMES)
    cast = ", ".join(_cast(name, kinds[name]) for name in NAMES)
    log.execute(f"CREATE TABLE log AS SELECT {cast} FROM read_csv('{file}', header = false, columns = {{{types}}})")


def _cast(name, kind):
    if kind == "TIMESTAMP":
        return f"CAST(replace({name}, '+00', '') AS TIMESTAMP) AS {name}"
    return f"CAST({name} AS {kind}) AS {name}"


def thinned(postgres, *, keep):
    """Nine tenths of the other customers' rows are gone."""
    import psycopg

    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in ("sla_notification", "sla_alertquarter"):
            connection.execute(f"DELETE FROM {table} WHERE customer_id <> %s AND customer_id %% 10 <> 0", [keep])
            connection.execute(f"VACUUM (FULL, ANALYZE) {table}")
            connection.execute(f"VACUUM {table}")  # that in full leaves no page marked as one that everybody sees
