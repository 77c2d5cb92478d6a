"""A row that changes without its state's moving is not asked whether it may move."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0029_the_method_of_the_rate"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="alertimport",
            name="allowed_moves_only",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="claim",
            name="allowed_moves_only",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="failure",
            name="allowed_moves_only",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="maintenanceperiod",
            name="allowed_moves_only",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="outage",
            name="allowed_moves_only",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alertimport",
            trigger=pgtrigger.compiler.Trigger(
                name="allowed_moves_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{mapping:checking,mapping:left,checking:checked,checking:mapping,checked:importing,checked:mapping,checked:left,importing:imported,importing:checked,imported:undone}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="b3f808477e2bd4284936e0816234be6d9d82df67",
                    operation="UPDATE",
                    pgid="pgtrigger_allowed_moves_only_e28c4",
                    table="sla_alertimport",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="allowed_moves_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{draft:submitted,draft:lapsed,draft:withdrawn,draft:covered,submitted:in_review,submitted:withdrawn,submitted:covered,in_review:information_requested,in_review:in_audit,in_review:approved,in_review:denied,in_review:withdrawn,in_review:covered,information_requested:in_review,information_requested:withdrawn,information_requested:covered,in_audit:in_review,in_audit:withdrawn,in_audit:covered,approved:credited,approved:covered,credited:covered,denied:in_review,lapsed:submitted}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="5ae09e602c34615f9ad7a6ef760b5fe8a69e92d6",
                    operation="UPDATE",
                    pgid="pgtrigger_allowed_moves_only_f8e40",
                    table="sla_claim",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="failure",
            trigger=pgtrigger.compiler.Trigger(
                name="allowed_moves_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{reported:claimed,reported:closed,reported:withdrawn,claimed:reported,claimed:closed,closed:claimed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="17da32fd1d290e6b0f8b09e9182776abee5a8c22",
                    operation="UPDATE",
                    pgid="pgtrigger_allowed_moves_only_c787f",
                    table="sla_failure",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="maintenanceperiod",
            trigger=pgtrigger.compiler.Trigger(
                name="allowed_moves_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{planned:running,planned:done,planned:cancelled,running:done}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="b1b312e94d17823b5540420a9bf2ddf91edd71c2",
                    operation="UPDATE",
                    pgid="pgtrigger_allowed_moves_only_360bf",
                    table="sla_maintenanceperiod",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="outage",
            trigger=pgtrigger.compiler.Trigger(
                name="allowed_moves_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{investigating:identified,investigating:monitoring,investigating:resolved,identified:investigating,identified:monitoring,identified:resolved,monitoring:investigating,monitoring:identified,monitoring:resolved,resolved:investigating}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="daed54706a3cc324468ec259d62ae5c5d8589ac3",
                    operation="UPDATE",
                    pgid="pgtrigger_allowed_moves_only_f570f",
                    table="sla_outage",
                    when="BEFORE",
                ),
            ),
        ),
    ]
