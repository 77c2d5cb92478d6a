"""S19: of a proposal only its approval and its return change; its figures and their working stay as they were proposed."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0004_a_lapse_can_be_taken_back"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="the_others_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."claim_id" IS DISTINCT FROM (NEW."claim_id") OR OLD."outcome" IS DISTINCT FROM (NEW."outcome") OR OLD."grounds" IS DISTINCT FROM (NEW."grounds") OR OLD."claimed" IS DISTINCT FROM (NEW."claimed") OR OLD."assessed" IS DISTINCT FROM (NEW."assessed") OR OLD."capped" IS DISTINCT FROM (NEW."capped") OR OLD."credited" IS DISTINCT FROM (NEW."credited") OR OLD."bound" IS DISTINCT FROM (NEW."bound") OR OLD."edition_id" IS DISTINCT FROM (NEW."edition_id") OR OLD."cause_id" IS DISTINCT FROM (NEW."cause_id") OR OLD."working" IS DISTINCT FROM (NEW."working") OR OLD."proposed_at" IS DISTINCT FROM (NEW."proposed_at") OR OLD."proposed_by_id" IS DISTINCT FROM (NEW."proposed_by_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="63485cb7f0b579d3fcb57ee944a8050d0483c9da",
                    operation="UPDATE",
                    pgid="pgtrigger_the_others_stay_ffd08",
                    table="sla_proposal",
                    when="BEFORE",
                ),
            ),
        ),
    ]
