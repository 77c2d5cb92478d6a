"""M10: a statement that changes many rows is logged by one statement, each row under the act of its own matter."""

from importlib import import_module

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from entitlements.migrations import _ground

before = import_module("entitlements.migrations.0026_many_lapse_at_once")

# The setting is the key of the act of all that changes in a transaction, or {reference: key} where acts are many.
ACT_OF = """
CREATE FUNCTION act_of(acts jsonb, changed jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(acts) = 'object' THEN (acts ->> coalesce(changed ->> 'matter', changed ->> 'reference'))::bigint
                ELSE acts::bigint END
$$;
"""
OF_ONE = "nullif(current_setting('makegood.event', true), '')::bigint"
OF_EACH = "act_of(nullif(current_setting('makegood.event', true), '')::jsonb, coalesce(after, before))"
LOG_CHANGE = _ground.LOG_CHANGE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0030_whoever_is_on_call")]

    operations = [
        migrations.RunSQL(ACT_OF, "DROP FUNCTION act_of"),
        migrations.RunSQL(LOG_CHANGE.replace(OF_ONE, OF_EACH), LOG_CHANGE),
        migrations.RunSQL("DROP FUNCTION lapse_requests", before.LAPSE_REQUESTS),
        migrations.RunSQL("DROP FUNCTION begin_act", before.BEGIN_ACT),
        pgtrigger.migrations.RemoveTrigger(
            model_name="engagement",
            name="logged",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="letter",
            name="logged",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="engagement",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['topic']::text[]); RETURN NULL;",
                    hash="c53c8fc54684df9785b09d5eec976cfa654c8fa1",
                    operation="INSERT OR DELETE",
                    pgid="pgtrigger_logged_126c2",
                    table="entitlements_engagement",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="engagement",
            trigger=pgtrigger.compiler.Trigger(
                name="changes_logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE acts jsonb := nullif(current_setting('makegood.event', true), '');",
                    func="\n    INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, part_of_id, \"table\", row_id, changes)\n    SELECT coalesce(act.happened_at, clock_timestamp()), lower(TG_OP), coalesce(act.matter, ''), act.actor_id, '', act.id,\n           TG_TABLE_NAME, row.after_or_before ->> 'id', differing.columns\n      FROM (SELECT *, coalesce(after, before) AS after_or_before FROM (SELECT to_jsonb(old_row), to_jsonb(new_row) FROM old_rows AS old_row FULL JOIN new_rows AS new_row USING (id)) AS pair(before, after) OFFSET 0) AS row\n     CROSS JOIN LATERAL\n           (SELECT jsonb_object_agg(coalesce(key, old_key), CASE WHEN coalesce(key, old_key) = ANY(ARRAY['topic']::text[])\n                       THEN '\"changed\"'::jsonb ELSE jsonb_build_array(old_value, value) END) AS columns\n              FROM ROWS FROM (jsonb_each(before), jsonb_each(after)) AS one(old_key, old_value, key, value)\n             WHERE old_value IS DISTINCT FROM value AND NOT (TG_OP = 'INSERT' AND value = 'null')) AS differing\n      LEFT JOIN LATERAL\n           (SELECT * FROM entitlements_event WHERE id = act_of(acts, after_or_before) AND transaction = txid_current() OFFSET 0)\n           AS act ON true\n     WHERE differing.columns IS NOT NULL;\n    RETURN NULL;\n",
                    hash="e0b3df0600a75342ca2f6fa3cfb8bb76fd66861f",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_changes_logged_bfedc",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="entitlements_engagement",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="letter",
            trigger=pgtrigger.compiler.Trigger(
                name="additions_logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE acts jsonb := nullif(current_setting('makegood.event', true), '');",
                    func="\n    INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, part_of_id, \"table\", row_id, changes)\n    SELECT coalesce(act.happened_at, clock_timestamp()), lower(TG_OP), coalesce(act.matter, ''), act.actor_id, '', act.id,\n           TG_TABLE_NAME, row.after_or_before ->> 'id', differing.columns\n      FROM (SELECT *, coalesce(after, before) AS after_or_before FROM (SELECT NULL::jsonb, to_jsonb(new_row) FROM new_rows AS new_row) AS pair(before, after) OFFSET 0) AS row\n     CROSS JOIN LATERAL\n           (SELECT jsonb_object_agg(coalesce(key, old_key), CASE WHEN coalesce(key, old_key) = ANY(ARRAY['context', 'addressee', 'attachments', 'subject', 'text', 'html', 'raw', 'sha256']::text[])\n                       THEN '\"changed\"'::jsonb ELSE jsonb_build_array(old_value, value) END) AS columns\n              FROM ROWS FROM (jsonb_each(before), jsonb_each(after)) AS one(old_key, old_value, key, value)\n             WHERE old_value IS DISTINCT FROM value AND NOT (TG_OP = 'INSERT' AND value = 'null')) AS differing\n      LEFT JOIN LATERAL\n           (SELECT * FROM entitlements_event WHERE id = act_of(acts, after_or_before) AND transaction = txid_current() OFFSET 0)\n           AS act ON true\n     WHERE differing.columns IS NOT NULL;\n    RETURN NULL;\n",
                    hash="9542819738f77c7da2af15f7bdc8d5bbec4db431",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_additions_logged_72ae1",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="entitlements_letter",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="letter",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['context', 'addressee', 'attachments', 'subject', 'text', 'html', 'raw', 'sha256']::text[]); RETURN NULL;",
                    hash="917d7256479d054fc34d5aadb639def160a5e38c",
                    operation="DELETE",
                    pgid="pgtrigger_logged_0b1bc",
                    table="entitlements_letter",
                    when="AFTER",
                ),
            ),
        ),
    ]
