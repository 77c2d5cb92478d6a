"""What must be there before the first table: extensions, the application's role, and the functions that triggers call."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

# The application connects as this role: it may read and write rows, but has no rights on ledgers and logs beyond
# reading and adding (each such table's migration takes them away), and owns nothing.
APPLICATION_ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'makegood_app') THEN
        CREATE ROLE makegood_app NOLOGIN;
        GRANT makegood_app TO CURRENT_USER; -- a single login that may create roles then works under it
    END IF;
END $$;
GRANT USAGE ON SCHEMA public TO makegood_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO makegood_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO makegood_app;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM makegood_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO makegood_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO makegood_app;
"""

# One line of the event log for one changed row: the columns that differ, before and after. Columns with personal data or
# bulk are named as changed without their content, so that erasing it elsewhere leaves the log whole.
LOG_CHANGE = """
CREATE FUNCTION log_change(changed_table text, operation text, before jsonb, after jsonb, hidden text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    action bigint := nullif(current_setting('makegood.event', true), '')::bigint;
    differing jsonb;
BEGIN
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(hidden) THEN '"changed"'::jsonb
                                      ELSE jsonb_build_array(before -> key, after -> key) END)
      INTO differing
      FROM jsonb_object_keys(coalesce(before, '{}') || coalesce(after, '{}')) AS key
     WHERE before -> key IS DISTINCT FROM after -> key
       AND NOT (operation = 'INSERT' AND after -> key = 'null');
    IF differing IS NULL THEN RETURN; END IF;
    INSERT INTO entitlements_event
           (happened_at, verb, matter, actor_id, note, part_of_id, "table", row_id, changes)
    SELECT coalesce(cause.happened_at, clock_timestamp()), lower(operation), coalesce(cause.matter, ''),
           cause.actor_id, '', cause.id, changed_table, coalesce(after, before) ->> 'id', differing
      FROM (SELECT 1) AS one LEFT JOIN entitlements_event AS cause
           ON cause.id = action AND cause.transaction = txid_current();
END $$;
"""

# E1: on every day of the term a contract has a level. Overlaps are refused by an exclusion constraint, gaps here, at commit.
LEVELS_FILL_THE_TERM = """
CREATE FUNCTION levels_fill_the_term() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whole daterange; covered datemultirange; of_contract bigint;
BEGIN
    IF TG_TABLE_NAME = 'entitlements_contract' THEN of_contract := NEW.id;
    ELSE of_contract := coalesce(NEW.contract_id, OLD.contract_id); END IF;
    SELECT term INTO whole FROM entitlements_contract WHERE id = of_contract;
    IF whole IS NULL THEN RETURN NULL; END IF;
    SELECT range_agg(days) INTO covered FROM entitlements_levelperiod WHERE contract_id = of_contract;
    IF covered IS DISTINCT FROM datemultirange(whole) THEN
        RAISE EXCEPTION 'contract % has not one level on each day of its term', of_contract
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'one_level_on_each_day_of_the_term';
    END IF;
    RETURN NULL;
END $$;
"""

OPERATIONS = [
    BtreeGistExtension(),
    TrigramExtension(),
    UnaccentExtension(),
    migrations.RunSQL(APPLICATION_ROLE, migrations.RunSQL.noop),
    migrations.RunSQL(LOG_CHANGE, "DROP FUNCTION log_change"),
    migrations.RunSQL(LEVELS_FILL_THE_TERM, "DROP FUNCTION levels_fill_the_term CASCADE"),
]
