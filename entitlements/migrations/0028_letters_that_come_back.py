"""N25, C12.4: addresses whose letters come back, and letters that their reader switched off."""

import django.contrib.postgres.fields
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0027_a_plain_request_reads_less"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="letter",
            name="allowed_moves_only",
        ),
        migrations.AddField(
            model_name="user",
            name="bounced_at",
            field=models.DateTimeField(
                blank=True,
                help_text="A letter to the address came back for ever.",
                null=True,
                verbose_name="letters come back since",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="switched_off",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                default=list,
                help_text="Kinds of letter that the person does not want; only those that may be switched off are kept back (C12.4).",
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="letter",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "To be sent"),
                    ("accepted", "Accepted by the mail server"),
                    ("no_longer_true", "Not sent: no longer true"),
                    ("not_wanted", "Not sent: its reader switched such letters off, or its address takes none"),
                    ("failed", "Could not be sent"),
                ],
                default="queued",
                max_length=16,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="letter",
            trigger=pgtrigger.compiler.Trigger(
                name="allowed_moves_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{queued:accepted,queued:no_longer_true,queued:not_wanted,queued:failed,failed:queued}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="639380f5a7b632284827eae96bb3d6768a612ac9",
                    operation="UPDATE",
                    pgid="pgtrigger_allowed_moves_only_115ec",
                    table="entitlements_letter",
                    when="BEFORE",
                ),
            ),
        ),
    ]
