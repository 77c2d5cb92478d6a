"""S4: a table is locked before it is attached. Taking rights away from it changes its line in the catalogue; an analyze of the server's
own, which holds the table, waits for that line, and the two waited for one another until one of them was thrown out.
"""

from django.db import migrations

from sla.migrations._alert_tables import ATTACH

LOCKED_FIRST = """
CREATE OR REPLACE FUNCTION attach_alert_tables(source bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    part record; leaf text; above text; start timestamptz; next timestamptz;
BEGIN
    PERFORM FROM sla_alertimport WHERE id = source AND state = 'importing' FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'import % is not being imported', source USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    FOR part IN SELECT month FROM sla_alertpart WHERE source_id = source ORDER BY month
    LOOP
        leaf := format('sla_notification_%s_%s', source, to_char(part.month, 'YYYYMM'));
        above := format('sla_notification_%s', to_char(part.month, 'YYYYMM'));
        IF to_regclass('public.' || above) IS NULL THEN
            start := part.month::timestamp AT TIME ZONE 'UTC';
            next := (part.month + interval '1 month') AT TIME ZONE 'UTC';
            EXECUTE format('CREATE TABLE public.%I (LIKE public.sla_notification INCLUDING DEFAULTS INCLUDING CONSTRAINTS) '
                           'PARTITION BY LIST (source_id)', above);
            EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON public.%I FROM makegood_app', above);
            EXECUTE format('ALTER TABLE public.sla_notification ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                           above, start, next);
        END IF;
        EXECUTE format('LOCK TABLE public.%I IN ACCESS EXCLUSIVE MODE', leaf);
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON public.%I FROM makegood_app', leaf);
        EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES IN (%s)', above, leaf, source);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("sla", "0045_lines_in_the_order_of_their_index")]

    operations = [migrations.RunSQL(LOCKED_FIRST, ATTACH.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))]
