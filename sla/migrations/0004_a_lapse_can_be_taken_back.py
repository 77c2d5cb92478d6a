"""S13, T4: a draft received in time by a request that outlasted the margin takes its lapse back, and its failures with it."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0003_terms_of_the_paper"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="failure",
            name="allowed_moves_only",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="failure",
            trigger=pgtrigger.compiler.Trigger(
                name="allowed_moves_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{reported:claimed,reported:closed,reported:withdrawn,claimed:reported,claimed:closed,closed:claimed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="fb2470295af568fff4e920e00dfb9b48b0b6e515",
                    operation="UPDATE",
                    pgid="pgtrigger_allowed_moves_only_c787f",
                    table="sla_failure",
                    when="BEFORE",
                ),
            ),
        ),
    ]
