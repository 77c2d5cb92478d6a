"""M9.3: an import is undone by the background, once somebody has asked for it."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0069_alert_tables_are_known_to_the_planner"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="alertimport",
            name="changes_logged",
        ),
        migrations.AddField(
            model_name="alertimport",
            name="undo_asked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="alertimport",
            name="undo_asked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alertimport",
            trigger=pgtrigger.compiler.Trigger(
                name="changes_logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."begun_at" IS DISTINCT FROM (NEW."begun_at") OR OLD."checked_at" IS DISTINCT FROM (NEW."checked_at") OR OLD."columns" IS DISTINCT FROM (NEW."columns") OR OLD."confirmed_at" IS DISTINCT FROM (NEW."confirmed_at") OR OLD."confirmed_by_id" IS DISTINCT FROM (NEW."confirmed_by_id") OR OLD."delay_unit" IS DISTINCT FROM (NEW."delay_unit") OR OLD."first_received" IS DISTINCT FROM (NEW."first_received") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."imported_at" IS DISTINCT FROM (NEW."imported_at") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."last_received" IS DISTINCT FROM (NEW."last_received") OR OLD."later_heads" IS DISTINCT FROM (NEW."later_heads") OR OLD."left_out" IS DISTINCT FROM (NEW."left_out") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."packed" IS DISTINCT FROM (NEW."packed") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."repeated" IS DISTINCT FROM (NEW."repeated") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."size" IS DISTINCT FROM (NEW."size") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."stored_as" IS DISTINCT FROM (NEW."stored_as") OR OLD."trouble" IS DISTINCT FROM (NEW."trouble") OR OLD."undo_asked_at" IS DISTINCT FROM (NEW."undo_asked_at") OR OLD."undo_asked_by_id" IS DISTINCT FROM (NEW."undo_asked_by_id") OR OLD."undone_at" IS DISTINCT FROM (NEW."undone_at") OR OLD."undone_by_id" IS DISTINCT FROM (NEW."undone_by_id") OR OLD."uploaded_at" IS DISTINCT FROM (NEW."uploaded_at") OR OLD."uploaded_by_id" IS DISTINCT FROM (NEW."uploaded_by_id") OR OLD."without_refused" IS DISTINCT FROM (NEW."without_refused") OR OLD."zone" IS DISTINCT FROM (NEW."zone"))',
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="e8d25c1c04580f0d75aaae8316304877943f555e",
                    operation="UPDATE",
                    pgid="pgtrigger_changes_logged_ce73a",
                    table="sla_alertimport",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="alertimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undo_asked_at__isnull", False), ("undo_asked_by__isnull", False)),
                    models.Q(("undo_asked_at__isnull", True), ("undo_asked_by__isnull", True)),
                    _connector="OR",
                ),
                name="alert_import_undo_asked_at_and_by_go_together",
            ),
        ),
    ]
