"""S4: a later log may say more of a notification, and the two of one trigger that differ in their delay alone are two."""

from importlib import import_module

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

before = import_module("sla.migrations.0015_the_tables_of_alert_logs")

# A notification stands once: a second in the same file fails the first index. What tells it apart is hashed by the index alone: a figure
# of the row would be eight bytes more, and computed where nobody needs it. The second index is what an assessment reads.
INDEX = """
CREATE FUNCTION index_alert_table(source bigint, month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    leaf text := format('sla_notification_%s_%s', source, to_char(month, 'YYYYMM'));
BEGIN
    PERFORM FROM sla_alertimport WHERE id = source AND state IN ('checking', 'importing') FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'import % is not at work', source USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS %I ON public.%I {once}', leaf || '_once', leaf);
    EXECUTE format(
        'CREATE INDEX IF NOT EXISTS %I ON public.%I (customer_id, received_at) WHERE initial AND first_responder AND high_urgency '
        'AND COALESCE(LEAST(delivery_receipt_at, CASE channel WHEN ''phone'' THEN provider_api_call_at '
        'WHEN ''push'' THEN push_attempt_at WHEN ''sms'' THEN sms_sent_at WHEN ''email'' THEN email_sent_at END) '
        '- received_at > delay + interval ''00:01:00'', true)', leaf || '_late', leaf);
END $$;
REVOKE ALL ON FUNCTION index_alert_table(bigint, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION index_alert_table(bigint, date) TO makegood_app;
"""
ONCE = """(customer_id, received_at, hashtextextended(incident, hashtextextended(responder, hashtextextended(
        provider_reference, hashtextextended(channel, interval_hash_extended(delay, 0))))))"""

# The index of the figure goes with it, in the tables that stand and in those of files that are being checked.
NO_FIGURE = """
ALTER TABLE sla_notification DROP COLUMN identity;
DO $$
DECLARE leaf text;
BEGIN
    FOR leaf IN SELECT format('sla_notification_%s_%s', source_id, to_char(month, 'YYYYMM')) FROM sla_alertpart
                 WHERE to_regclass(format('public.sla_notification_%s_%s', source_id, to_char(month, 'YYYYMM'))) IS NOT NULL
    LOOP
        IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.' || leaf) AND attname = 'identity') THEN
            EXECUTE format('ALTER TABLE public.%I DROP COLUMN identity', leaf);
        END IF;
        IF EXISTS (SELECT FROM sla_alertimport WHERE id = split_part(leaf, '_', 3)::bigint
                    AND state IN ('checked', 'importing', 'imported')) THEN
            EXECUTE format('CREATE UNIQUE INDEX %I ON public.%I {once}', leaf || '_once', leaf);
        END IF;
    END LOOP;
END $$;
"""
A_FIGURE = "ALTER TABLE sla_notification ADD COLUMN identity bigint NOT NULL DEFAULT 0"


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0031_exclusions_are_found_with_evidence"),
    ]

    operations = [
        migrations.CreateModel(
            name="AlertRestated",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "source", "line", "by", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restated",
                        to="sla.alertimport",
                    ),
                ),
                ("line", models.BigIntegerField()),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restates",
                        to="sla.alertimport",
                    ),
                ),
                ("by_line", models.BigIntegerField()),
            ],
            options={
                "ordering": ["source", "line"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="alertimport",
            name="changes_logged",
        ),
        migrations.AddField(
            model_name="alertimport",
            name="later_heads",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="Heads that no row at the file's beginning has, with the line of the first.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alertimport",
            trigger=pgtrigger.compiler.Trigger(
                name="changes_logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."begun_at" IS DISTINCT FROM (NEW."begun_at") OR OLD."checked_at" IS DISTINCT FROM (NEW."checked_at") OR OLD."columns" IS DISTINCT FROM (NEW."columns") OR OLD."confirmed_at" IS DISTINCT FROM (NEW."confirmed_at") OR OLD."confirmed_by_id" IS DISTINCT FROM (NEW."confirmed_by_id") OR OLD."delay_unit" IS DISTINCT FROM (NEW."delay_unit") OR OLD."first_received" IS DISTINCT FROM (NEW."first_received") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."imported_at" IS DISTINCT FROM (NEW."imported_at") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."last_received" IS DISTINCT FROM (NEW."last_received") OR OLD."later_heads" IS DISTINCT FROM (NEW."later_heads") OR OLD."left_out" IS DISTINCT FROM (NEW."left_out") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."packed" IS DISTINCT FROM (NEW."packed") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."repeated" IS DISTINCT FROM (NEW."repeated") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."size" IS DISTINCT FROM (NEW."size") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."stored_as" IS DISTINCT FROM (NEW."stored_as") OR OLD."trouble" IS DISTINCT FROM (NEW."trouble") OR OLD."undone_at" IS DISTINCT FROM (NEW."undone_at") OR OLD."undone_by_id" IS DISTINCT FROM (NEW."undone_by_id") OR OLD."uploaded_at" IS DISTINCT FROM (NEW."uploaded_at") OR OLD."uploaded_by_id" IS DISTINCT FROM (NEW."uploaded_by_id") OR OLD."without_refused" IS DISTINCT FROM (NEW."without_refused") OR OLD."zone" IS DISTINCT FROM (NEW."zone"))',
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="e3fbd1d68868995f1a582c4ac4c1917dca18c95d",
                    operation="UPDATE",
                    pgid="pgtrigger_changes_logged_ce73a",
                    table="sla_alertimport",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL("DROP FUNCTION index_alert_tables(bigint)", before.INDEX),
        migrations.RunSQL(INDEX.replace("{once}", ONCE), "DROP FUNCTION index_alert_table(bigint, date)"),
        migrations.RunSQL(NO_FIGURE.replace("{once}", ONCE), A_FIGURE),
    ]
