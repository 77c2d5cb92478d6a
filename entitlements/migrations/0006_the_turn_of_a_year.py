"""E6: a contract year's turn, raised with every change of the contract; by itself it leaves no line in the event log."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0005_a_suspension_has_its_days")]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="contractyear",
            name="logged",
        ),
        migrations.AddField(
            model_name="contractyear",
            name="turn",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                editable=False,
                help_text="Raised when the contract's levels, caps or state change: what was read of them stands as long as the turn does.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contractyear",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="5b050d5010badcd486bded2224c98dbfa3eed8da",
                    operation="INSERT OR DELETE",
                    pgid="pgtrigger_logged_3b93f",
                    table="entitlements_contractyear",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contractyear",
            trigger=pgtrigger.compiler.Trigger(
                name="changes_logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."contract_id" IS DISTINCT FROM (NEW."contract_id") OR OLD."days" IS DISTINCT FROM (NEW."days") OR OLD."ends_at" IS DISTINCT FROM (NEW."ends_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."n" IS DISTINCT FROM (NEW."n"))',
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="fd2bf969ffcc20f6cfd6b6669aacc865bc5f0893",
                    operation="UPDATE",
                    pgid="pgtrigger_changes_logged_57278",
                    table="entitlements_contractyear",
                    when="AFTER",
                ),
            ),
        ),
    ]
