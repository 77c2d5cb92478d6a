"""The rules of S4, S5, S7 and S8 as set-based SQL over alert logs, part by part, each named after the rule that it agrees with;
tests/sla/evidence/test_agreement.py holds both to one answer, row by row, on random logs.

Zones, editions, cuts and outages are handed in as arrays, one line a customer and stretch: no figure of the terms stands here.
OFFSET 0 keeps a step one: what it works out would be written again into each that uses it, planned and worked out as often.
"""

from __future__ import annotations

from sla.models.alerts import LOG_KINDS, LOUD, STANDS

HANDED_IN = """
ground AS MATERIALIZED (
    SELECT * FROM unnest(%(ground_customers)s::bigint[], %(ground_sinces)s::timestamptz[], %(ground_untils)s::timestamptz[],
                         %(ground_zones)s::text[], %(ground_editions)s::int[])
        AS one (customer_id, since, until, zone, edition)),
terms AS MATERIALIZED (
    SELECT * FROM unnest(%(term_editions)s::int[], %(term_limits)s::interval[], %(term_quarters)s::interval[],
                         %(term_months)s::int[], %(term_multiples)s::numeric[])
        AS one (edition, most, quarter, months, multiple)),
deciding AS MATERIALIZED (
    SELECT * FROM unnest(%(log_editions)s::int[], %(log_channels)s::text[], %(log_kinds)s::text[])
        AS one (edition, channel, kind)),
cuts AS MATERIALIZED (
    SELECT * FROM unnest(%(cut_customers)s::bigint[], %(cut_channels)s::text[], %(cut_incidents)s::text[],
                         %(cut_sinces)s::timestamptz[], %(cut_untils)s::timestamptz[], %(cut_by_outage)s::bool[])
        AS one (customer_id, channel, incident, since, until, by_outage)),
outages AS MATERIALIZED (
    SELECT * FROM unnest(%(outage_customers)s::bigint[], %(outage_sinces)s::timestamptz[], %(outage_untils)s::timestamptz[])
        AS one (customer_id, since, until)),
otherwise AS MATERIALIZED (
    SELECT * FROM unnest(%(otherwise_sources)s::bigint[], %(otherwise_lines)s::bigint[]) AS one (source_id, line)),
off_terms AS MATERIALIZED (
    SELECT * FROM unnest(%(off_customers)s::bigint[], %(off_sinces)s::timestamptz[], %(off_untils)s::timestamptz[])
        AS one (customer_id, since, until))"""

# sla.rules.delivery._out_of_scope, in the order of OutOfScope
REASONS = """array_remove(ARRAY[
               CASE WHEN deciding.kind IS NULL THEN 'channel' END,
               CASE WHEN (alert.registered = ANY(%(covered)s) AND alert.located = ANY(%(covered)s)) IS NOT TRUE THEN 'country' END,
               CASE WHEN NOT alert.first_responder THEN 'responder' END,
               CASE WHEN NOT alert.high_urgency THEN 'urgency' END,
               CASE WHEN NOT alert.initial THEN 'not_initial' END], NULL)"""

# sla.rules.delivery._logged: the channel's own log, or an earlier receipt of delivery. All but logs of other kinds stands in the index of
# what may be late: only where an edition names one is the row itself read.
_OWN_LOG = " ".join(f"WHEN '{kind}' THEN alert.{kind}_at" for kind in LOG_KINDS)
LOGGED = f"least(alert.delivery_receipt_at, CASE deciding.kind {_OWN_LOG} ELSE {{other_log}} END)"
OTHER_LOG, NO_OTHER_LOG = "(alert.other_logs ->> deciding.kind)::timestamptz", "NULL"

# sla.rules.delivery.delivery: what ends the period, and what is left of it when maintenance and findings are cut out
MEASURED = f"""
judged AS (
    SELECT alert.source_id, alert.line, alert.customer_id, alert.incident, alert.channel, alert.received_at,
           alert.received_at + alert.delay AS due, {LOGGED} AS logged,
           least(alert.acknowledged_at, alert.resolved_at) AS closed, {REASONS} AS reasons, ground.zone, terms.*
      FROM ground JOIN terms USING (edition)
      JOIN (SELECT * FROM sla_notification WHERE {STANDS.format("sla_notification")} AND {{within}} AND {{only}}) AS alert
           ON alert.customer_id = ground.customer_id AND alert.received_at >= ground.since AND alert.received_at < ground.until
      LEFT JOIN deciding ON deciding.edition = ground.edition AND deciding.channel = alert.channel OFFSET 0),
ended AS (
    SELECT judged.*, coalesce(logged, closed, %(now)s) AS ended, logged IS NOT NULL AS attempted,
           logged IS NULL AND closed IS NULL AS open
      FROM judged),
measured AS (
    SELECT ended.*, taken.spans AS taken,
           CASE WHEN due >= ended THEN interval '0'
                WHEN taken.spans IS NULL THEN ended - due
                ELSE (SELECT coalesce(sum(upper(part) - lower(part)), interval '0')
                        FROM unnest(tstzmultirange(tstzrange(due, ended)) - taken.spans) AS part) END AS period
      FROM ended LEFT JOIN LATERAL (
           SELECT range_agg(tstzrange(since, until)) AS spans FROM cuts
            WHERE cuts.customer_id = ended.customer_id AND (cuts.channel IS NULL OR cuts.channel = ended.channel)
              AND (cuts.incident IS NULL OR cuts.incident = ended.incident)
              AND cuts.since < ended.ended AND cuts.until > ended.due
              AND NOT (cuts.by_outage AND EXISTS (SELECT FROM otherwise WHERE otherwise.source_id = ended.source_id
                                                     AND otherwise.line = ended.line))) AS taken ON true
    OFFSET 0)"""  # noqa: S608 - our own words

# Of a customer that is busy all day: how many of its quarter hours have at most so many triggers, and how many start by a day, each as
# an array to look up and one of counts. They hold all that any window of the span can, and more. LATERAL, to go by the index.
_UP_TO = """
           SELECT array_agg(key ORDER BY key) AS keys, array_agg(up_to ORDER BY key) AS up_to
             FROM (SELECT {key} AS key, (sum(count(*)) OVER (ORDER BY {key}))::int AS up_to FROM {{quarters}} AS known
                    WHERE known.customer_id = busy_all_day.customer_id AND known.incidents > 0
                      AND known.start >= busy_all_day.since AND known.start < busy_all_day.until GROUP BY 1) AS counted"""
USUAL = f"""
busy_all_day AS MATERIALIZED (
    SELECT customer_id, min(since - make_interval(months => months)) - interval '2 days' AS since, max(until) AS until
      FROM ground JOIN terms USING (edition)
     WHERE {{is_busy_all_day}} GROUP BY customer_id),
usual AS MATERIALIZED (
    SELECT customer_id, volumes.keys AS volumes, volumes.up_to AS up_to_volume, days.keys AS days, days.up_to AS up_to_day
      FROM busy_all_day
     CROSS JOIN LATERAL ({_UP_TO.format(key="known.volume")}) AS volumes
     CROSS JOIN LATERAL ({_UP_TO.format(key="date_bin('1 day', known.start, %(epoch)s)")}) AS days)"""  # noqa: S608 - our own words

_OF_THE_WINDOW = """FROM {quarters} AS known
                WHERE known.customer_id = one.customer_id AND {alike} AND known.incidents > 0
                  AND known.start >= one.counted_from AND known.start < one.counted_until"""

# sla.rules.volume.VolumeExclusion.median, of a row's own quarter hour; only of rows that may be excluded.
MEDIAN = f"""CASE WHEN one.triggers IS NOT NULL THEN (
               SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY known.volume::float8)::numeric {_OF_THE_WINDOW}) END"""

# By how many more of these quarter hours have less than triggers / multiple than have as much: where more do, the median is less as well.
_MORE_BELOW = f"""(
               SELECT 2 * count(*) FILTER (WHERE known.volume < one.as_many) - count(*) {_OF_THE_WINDOW})"""

# sla.rules.volume.volume_exclusion, asked only where it can exclude: the least median that there can be is one trigger.
# entitlements.rules.days.months_before: of a clock time that comes twice PostgreSQL takes the second, the register the first.
# Row by row, by the index of the roll-up: a join of two steps would be planned for a handful of rows, and there are many. All stands in
# a CASE, since most that are late came in a quiet quarter hour: of those no median is asked. Nor is it where a customer is busy all day
# and its usual counts tell: fewer than half of the window's quarter hours can have less than triggers / multiple, so the median has not;
# or fewer than half can have as much, so it has less. `fewer` and `others` count more than the window has, `periods` its whole days only.
# Otherwise the window's own are counted, without putting them in order; the median is asked where as many have less as have as much.
TESTED = f"""{USUAL},
busy AS (
    SELECT one.*, CASE WHEN period > most AND reasons = '{{{{}}}}' THEN (
               SELECT known.volume FROM {{quarters}} AS known
                WHERE known.customer_id = one.customer_id AND {{alike}}
                  AND known.start = date_bin(one.quarter, one.received_at, %(epoch)s)
                  AND known.incidents > 0 AND known.volume > one.multiple AND known.volume > {{least}}) END AS triggers
      FROM measured AS one OFFSET 0),
windowed AS (
    SELECT one.*, ceil(triggers / multiple)::int AS as_many, date_bin(one.quarter, one.received_at, %(epoch)s) AS counted_until,
           CASE WHEN triggers IS NOT NULL THEN (
               SELECT CASE WHEN first.at < second.at AND first.at AT TIME ZONE zone = local.clock THEN first.at ELSE second.at END
                 FROM (SELECT (one.received_at AT TIME ZONE zone) - make_interval(months => months) AS clock) AS local
                 CROSS JOIN LATERAL (SELECT local.clock AT TIME ZONE zone AS at) AS second
                 CROSS JOIN LATERAL (SELECT (local.clock - ((second.at - interval '1 day') AT TIME ZONE zone
                                         - (second.at - interval '1 day') AT TIME ZONE 'UTC')) AT TIME ZONE 'UTC' AS at) AS first
               ) END AS counted_from
      FROM busy AS one OFFSET 0),
bounded AS (
    SELECT one.*, fewer, others, periods, CASE WHEN days IS NULL THEN NULL WHEN 2 * fewer < periods THEN false
                                               WHEN 2 * others < periods THEN true END AS by_bounds
      FROM windowed AS one
      LEFT JOIN usual ON usual.customer_id = one.customer_id AND one.triggers IS NOT NULL
     CROSS JOIN LATERAL (SELECT coalesce(up_to_volume[width_bucket(as_many - 1, volumes)], 0) AS fewer,
                                coalesce(up_to_day[width_bucket(counted_until - interval '1 day', days)], 0)
                                    - coalesce(up_to_day[width_bucket(counted_from, days)], 0) AS periods) AS looked_up
     CROSS JOIN LATERAL (SELECT up_to_volume[cardinality(up_to_volume)] - fewer AS others) AS beside OFFSET 0),
tested AS (
    SELECT one.*, CASE WHEN triggers IS NULL THEN false WHEN by_bounds IS NOT NULL THEN by_bounds
                       ELSE CASE sign({{more_below}}) WHEN 1 THEN true WHEN -1 THEN false
                                 ELSE coalesce(triggers > multiple * {MEDIAN}, false) END END AS by_volume
      FROM bounded AS one)"""  # noqa: S608 - our own words

# Hardly a quarter hour is in two imports: only of these anything is added up, by an index that holds nothing else.
_ALONE = "(SELECT customer_id, start, volume, incidents FROM sla_alertquarter WHERE alone)"
_SHARED = """(
    SELECT customer_id, start, sum(volume)::int AS volume, sum(incidents)::int AS incidents
      FROM sla_alertquarter WHERE NOT alone GROUP BY 1, 2)"""
ROLLED_UP = {
    "quarters": f"({_ALONE} UNION ALL {_SHARED})",
    "alike": "true",
    "more_below": " + ".join(_MORE_BELOW.format(quarters=one, alike="true") for one in (_ALONE, _SHARED)),
    "least": "0",
    "is_busy_all_day": f"""(SELECT count(*) FROM (
               SELECT FROM sla_alertquarter AS known
                WHERE known.customer_id = ground.customer_id AND known.volume > {LOUD}
                LIMIT %(busy_from)s) AS counted) = %(busy_from)s""",  # noqa: S608 - our own words
}

# sla.rules.volume.quarters_of, for editions whose quarter hour is not that of the roll-up
_OF_ROWS = """(
    SELECT customer_id, date_bin(length.quarter, received_at, %(epoch)s) AS start, length.quarter,
           count(DISTINCT (incident, received_at)) AS volume, count(DISTINCT incident) FILTER (WHERE initial) AS incidents
      FROM sla_notification CROSS JOIN (SELECT DISTINCT quarter FROM terms) AS length
     WHERE customer_id = ANY(%(ground_customers)s) GROUP BY 1, 2, 3)"""
_SAME_LENGTH = "known.quarter = one.quarter"
QUARTERS_OF_ROWS = {
    "quarters": _OF_ROWS,
    "alike": _SAME_LENGTH,
    "more_below": _MORE_BELOW.format(quarters=_OF_ROWS, alike=_SAME_LENGTH),
    "least": "0",
    "is_busy_all_day": "false",
}

# sla.rules.remedy: presumed_cause; sla.rules.delivery: failure and remedy; sla.rules.terms: terms_for, at the occurrence
DECIDED = """
decided AS (
    SELECT tested.*,
           CASE WHEN reasons <> '{{}}' THEN 'out_of_scope'
                WHEN ended - due <= most THEN CASE WHEN open THEN 'open' ELSE 'in_time' END
                WHEN period <= most THEN 'excluded_by_cause'
                WHEN by_volume THEN 'excluded_by_volume'
                WHEN EXISTS (SELECT FROM outages WHERE outages.customer_id = tested.customer_id
                                AND outages.since < tested.ended AND outages.until > tested.due)
                     AND NOT EXISTS (SELECT FROM otherwise WHERE otherwise.source_id = tested.source_id
                                        AND otherwise.line = tested.line) THEN 'in_outage'
                ELSE 'failure' END AS found
      FROM tested OFFSET 0),
counted AS (
    SELECT decided.*,
           CASE WHEN found NOT IN ('failure', 'in_outage') THEN NULL
                WHEN taken IS NULL THEN tstzmultirange(tstzrange(due + most, ended))
                ELSE (SELECT range_agg(tstzrange(greatest(lower(part), lower(part) + (most - before)), upper(part)))
                        FROM (SELECT part, coalesce(sum(upper(part) - lower(part)) OVER (
                                              ORDER BY part ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), interval '0') AS before
                                FROM unnest(tstzmultirange(tstzrange(due, ended)) - taken) AS part) AS parts
                       WHERE before + (upper(part) - lower(part)) > most) END AS remedy
      FROM decided OFFSET 0),
assessed AS (
    SELECT counted.*,
           CASE WHEN remedy IS NOT NULL
                     AND EXISTS (SELECT FROM off_terms WHERE off_terms.customer_id = counted.customer_id
                                    AND off_terms.since <= lower(counted.remedy) AND off_terms.until > lower(counted.remedy))
                THEN 'off_terms' ELSE found END AS verdict
      FROM counted OFFSET 0)"""
