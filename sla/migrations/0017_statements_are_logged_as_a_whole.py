"""M10, S13: drafts and reports lapse by plain statements, which are logged as a whole."""

from importlib import import_module

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

before = import_module("sla.migrations.0013_many_lapse_at_once")


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0016_maintenance_and_its_notices"),
        ("entitlements", "0031_statements_are_logged_as_a_whole"),
    ]

    operations = [
        migrations.RunSQL("DROP FUNCTION lapse_drafts", before.LAPSE_DRAFTS),
        migrations.RunSQL("DROP FUNCTION close_reports", before.CLOSE_REPORTS),
        pgtrigger.migrations.RemoveTrigger(
            model_name="claim",
            name="logged",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="failure",
            name="logged",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['contact_name', 'contact_email', 'contact_phone']::text[]); RETURN NULL;",
                    hash="e2b210fc15eb2b0d50dca47faed01aae1809f662",
                    operation="INSERT OR DELETE",
                    pgid="pgtrigger_logged_9fa32",
                    table="sla_claim",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="changes_logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE acts jsonb := nullif(current_setting('makegood.event', true), '');",
                    func="\n    INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, part_of_id, \"table\", row_id, changes)\n    SELECT coalesce(act.happened_at, clock_timestamp()), lower(TG_OP), coalesce(act.matter, ''), act.actor_id, '', act.id,\n           TG_TABLE_NAME, row.after_or_before ->> 'id', differing.columns\n      FROM (SELECT *, coalesce(after, before) AS after_or_before FROM (SELECT to_jsonb(old_row), to_jsonb(new_row) FROM old_rows AS old_row FULL JOIN new_rows AS new_row USING (id)) AS pair(before, after) OFFSET 0) AS row\n     CROSS JOIN LATERAL\n           (SELECT jsonb_object_agg(coalesce(key, old_key), CASE WHEN coalesce(key, old_key) = ANY(ARRAY['contact_name', 'contact_email', 'contact_phone']::text[])\n                       THEN '\"changed\"'::jsonb ELSE jsonb_build_array(old_value, value) END) AS columns\n              FROM ROWS FROM (jsonb_each(before), jsonb_each(after)) AS one(old_key, old_value, key, value)\n             WHERE old_value IS DISTINCT FROM value AND NOT (TG_OP = 'INSERT' AND value = 'null')) AS differing\n      LEFT JOIN LATERAL\n           (SELECT * FROM entitlements_event WHERE id = act_of(acts, after_or_before) AND transaction = txid_current() OFFSET 0)\n           AS act ON true\n     WHERE differing.columns IS NOT NULL;\n    RETURN NULL;\n",
                    hash="ef8b230035892d0344c44bbb6f01c6cb67c0c12d",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_changes_logged_cbd4d",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="sla_claim",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="failure",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['description']::text[]); RETURN NULL;",
                    hash="609dd1fe5306377ae0ee12df9d173a85d2325b2c",
                    operation="INSERT OR DELETE",
                    pgid="pgtrigger_logged_3a98b",
                    table="sla_failure",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="failure",
            trigger=pgtrigger.compiler.Trigger(
                name="changes_logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE acts jsonb := nullif(current_setting('makegood.event', true), '');",
                    func="\n    INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, part_of_id, \"table\", row_id, changes)\n    SELECT coalesce(act.happened_at, clock_timestamp()), lower(TG_OP), coalesce(act.matter, ''), act.actor_id, '', act.id,\n           TG_TABLE_NAME, row.after_or_before ->> 'id', differing.columns\n      FROM (SELECT *, coalesce(after, before) AS after_or_before FROM (SELECT to_jsonb(old_row), to_jsonb(new_row) FROM old_rows AS old_row FULL JOIN new_rows AS new_row USING (id)) AS pair(before, after) OFFSET 0) AS row\n     CROSS JOIN LATERAL\n           (SELECT jsonb_object_agg(coalesce(key, old_key), CASE WHEN coalesce(key, old_key) = ANY(ARRAY['description']::text[])\n                       THEN '\"changed\"'::jsonb ELSE jsonb_build_array(old_value, value) END) AS columns\n              FROM ROWS FROM (jsonb_each(before), jsonb_each(after)) AS one(old_key, old_value, key, value)\n             WHERE old_value IS DISTINCT FROM value AND NOT (TG_OP = 'INSERT' AND value = 'null')) AS differing\n      LEFT JOIN LATERAL\n           (SELECT * FROM entitlements_event WHERE id = act_of(acts, after_or_before) AND transaction = txid_current() OFFSET 0)\n           AS act ON true\n     WHERE differing.columns IS NOT NULL;\n    RETURN NULL;\n",
                    hash="07d2b800be699097f164e2031298a5c4c62b6c8f",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_changes_logged_1c3f8",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="sla_failure",
                    when="AFTER",
                ),
            ),
        ),
    ]
