"""S4: what a file was imported without, and which import has that; and no log entry of an alert is older than its trigger."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# The clocks of two servers may differ by a minute; the checks of rows say the same (alerts/rows.py, ASTRAY).
LOGGED_AFTER_ITS_RECEIPT = """
ALTER TABLE sla_notification ADD CONSTRAINT an_alert_is_logged_after_its_receipt CHECK (COALESCE(
    received_at - LEAST(provider_api_call_at, push_attempt_at, sms_sent_at, email_sent_at, delivery_receipt_at)
    <= interval '00:01:00', true))
"""


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0021_published_outages_open_the_way"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="alertmonth",
            name="dropped_by",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="alertimport",
            name="changes_logged",
        ),
        migrations.AddField(
            model_name="alertimport",
            name="checked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="alertimport",
            name="left_out",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="How many of `known` by the import that brought them; empty: the file itself.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alertimport",
            trigger=pgtrigger.compiler.Trigger(
                name="changes_logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."begun_at" IS DISTINCT FROM (NEW."begun_at") OR OLD."checked_at" IS DISTINCT FROM (NEW."checked_at") OR OLD."columns" IS DISTINCT FROM (NEW."columns") OR OLD."confirmed_at" IS DISTINCT FROM (NEW."confirmed_at") OR OLD."confirmed_by_id" IS DISTINCT FROM (NEW."confirmed_by_id") OR OLD."delay_unit" IS DISTINCT FROM (NEW."delay_unit") OR OLD."first_received" IS DISTINCT FROM (NEW."first_received") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."imported_at" IS DISTINCT FROM (NEW."imported_at") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."last_received" IS DISTINCT FROM (NEW."last_received") OR OLD."left_out" IS DISTINCT FROM (NEW."left_out") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."packed" IS DISTINCT FROM (NEW."packed") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."repeated" IS DISTINCT FROM (NEW."repeated") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."size" IS DISTINCT FROM (NEW."size") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."stored_as" IS DISTINCT FROM (NEW."stored_as") OR OLD."trouble" IS DISTINCT FROM (NEW."trouble") OR OLD."undone_at" IS DISTINCT FROM (NEW."undone_at") OR OLD."undone_by_id" IS DISTINCT FROM (NEW."undone_by_id") OR OLD."uploaded_at" IS DISTINCT FROM (NEW."uploaded_at") OR OLD."uploaded_by_id" IS DISTINCT FROM (NEW."uploaded_by_id") OR OLD."without_refused" IS DISTINCT FROM (NEW."without_refused") OR OLD."zone" IS DISTINCT FROM (NEW."zone"))',
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="586351a8deaf7651681a545e46f010f4f987d320",
                    operation="UPDATE",
                    pgid="pgtrigger_changes_logged_ce73a",
                    table="sla_alertimport",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(
            LOGGED_AFTER_ITS_RECEIPT,
            "ALTER TABLE sla_notification DROP CONSTRAINT an_alert_is_logged_after_its_receipt",
        ),
    ]
