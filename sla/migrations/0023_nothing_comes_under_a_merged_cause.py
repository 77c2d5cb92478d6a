"""S12: nothing comes under a cause that was merged into another."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0022_what_an_alert_import_left_out"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="under_no_merged_cause",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF NEW.cause_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.cause_id IS DISTINCT FROM OLD.cause_id) THEN\n                PERFORM 1 FROM sla_cause WHERE id = NEW.cause_id FOR KEY SHARE;\n                IF EXISTS (SELECT FROM sla_cause WHERE id = NEW.cause_id AND merged_into_id IS NOT NULL) THEN\n                    RAISE EXCEPTION 'nothing comes under a merged cause (%)', TG_TABLE_NAME USING\n                        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nothing_comes_under_a_merged_cause';\n                END IF;\n            END IF;\n            RETURN NEW;\n        ",
                    hash="3793757461be5367acce6eecb1d32a987651e316",
                    operation='INSERT OR UPDATE OF "cause_id"',
                    pgid="pgtrigger_under_no_merged_cause_19231",
                    table="sla_claim",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="credit",
            trigger=pgtrigger.compiler.Trigger(
                name="under_no_merged_cause",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF NEW.cause_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.cause_id IS DISTINCT FROM OLD.cause_id) THEN\n                PERFORM 1 FROM sla_cause WHERE id = NEW.cause_id FOR KEY SHARE;\n                IF EXISTS (SELECT FROM sla_cause WHERE id = NEW.cause_id AND merged_into_id IS NOT NULL) THEN\n                    RAISE EXCEPTION 'nothing comes under a merged cause (%)', TG_TABLE_NAME USING\n                        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nothing_comes_under_a_merged_cause';\n                END IF;\n            END IF;\n            RETURN NEW;\n        ",
                    hash="08988010931ded651929c75bf92ac9bf2cd7bb39",
                    operation='INSERT OR UPDATE OF "cause_id"',
                    pgid="pgtrigger_under_no_merged_cause_8adbe",
                    table="sla_credit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="failure",
            trigger=pgtrigger.compiler.Trigger(
                name="under_no_merged_cause",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF NEW.cause_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.cause_id IS DISTINCT FROM OLD.cause_id) THEN\n                PERFORM 1 FROM sla_cause WHERE id = NEW.cause_id FOR KEY SHARE;\n                IF EXISTS (SELECT FROM sla_cause WHERE id = NEW.cause_id AND merged_into_id IS NOT NULL) THEN\n                    RAISE EXCEPTION 'nothing comes under a merged cause (%)', TG_TABLE_NAME USING\n                        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nothing_comes_under_a_merged_cause';\n                END IF;\n            END IF;\n            RETURN NEW;\n        ",
                    hash="6ff46ccfeb04e24906487f706b0ab480e3064565",
                    operation='INSERT OR UPDATE OF "cause_id"',
                    pgid="pgtrigger_under_no_merged_cause_3377b",
                    table="sla_failure",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="outage",
            trigger=pgtrigger.compiler.Trigger(
                name="under_no_merged_cause",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF NEW.cause_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.cause_id IS DISTINCT FROM OLD.cause_id) THEN\n                PERFORM 1 FROM sla_cause WHERE id = NEW.cause_id FOR KEY SHARE;\n                IF EXISTS (SELECT FROM sla_cause WHERE id = NEW.cause_id AND merged_into_id IS NOT NULL) THEN\n                    RAISE EXCEPTION 'nothing comes under a merged cause (%)', TG_TABLE_NAME USING\n                        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nothing_comes_under_a_merged_cause';\n                END IF;\n            END IF;\n            RETURN NEW;\n        ",
                    hash="1b4d4d63ecce15574e9d29828cd7581459376a02",
                    operation='INSERT OR UPDATE OF "cause_id"',
                    pgid="pgtrigger_under_no_merged_cause_68f46",
                    table="sla_outage",
                    when="BEFORE",
                ),
            ),
        ),
    ]
