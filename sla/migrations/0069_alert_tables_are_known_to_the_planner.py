"""S4: what is loaded is analyzed before anybody reads it. The server's own analyze comes a minute later or more, and until then pages
read all rows of a busy customer for the newest fifty.

Dropping waits for the server's own work on a table (up to a second each) before it keeps readers of its month out, not meanwhile.
"""

from django.db import migrations

from sla.migrations._alert_tables import DROP, TO_THE_APPLICATION

# A sample of 3,000 rows tells busy customers from others; the server's own takes ten times as many, and as long.
ANALYZE = """
CREATE FUNCTION analyze_alert_table(source bigint, month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET default_statistics_target = 10 AS $$
BEGIN
    PERFORM FROM sla_alertimport WHERE id = source AND state = 'checking' FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'import % is not being checked', source USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    EXECUTE format('ANALYZE public.%I', format('sla_notification_%s_%s', source, to_char(month, 'YYYYMM')));
END $$;
"""
ANALYZED = "analyze_alert_table(bigint, date)"

HELD_FIRST = """
CREATE OR REPLACE FUNCTION drop_alert_tables(source bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    leaves text[];
    leaf text;
BEGIN
    PERFORM FROM sla_alertimport WHERE id = source AND state NOT IN ('importing', 'imported') FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'import % stands', source USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    SELECT coalesce(array_agg(name ORDER BY name), '{}') INTO leaves
      FROM (SELECT format('sla_notification_%s_%s', source, to_char(month, 'YYYYMM')) AS name
              FROM sla_alertpart WHERE source_id = source) AS named
     WHERE to_regclass('public.' || name) IS NOT NULL;
    FOREACH leaf IN ARRAY leaves LOOP
        EXECUTE format('LOCK TABLE public.%I IN SHARE UPDATE EXCLUSIVE MODE', leaf);
    END LOOP;
    FOREACH leaf IN ARRAY leaves LOOP
        EXECUTE format('DROP TABLE public.%I', leaf);
    END LOOP;
    DELETE FROM sla_alertpart WHERE source_id = source;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("sla", "0068_a_void_credit_takes_no_line")]

    operations = [
        migrations.RunSQL(ANALYZE + TO_THE_APPLICATION.format(ANALYZED), f"DROP FUNCTION {ANALYZED};"),
        migrations.RunSQL(HELD_FIRST, DROP.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
    ]
