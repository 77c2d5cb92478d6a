import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0053_what_is_late_by_its_index"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="claim",
            name="received_once",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="received_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.received_at IS NOT NULL AND (OLD.received_at, OLD.contract_id, OLD.method, OLD.declared_at, OLD.declared_by_id, OLD.submitted_by_id) IS DISTINCT FROM (NEW.received_at, NEW.contract_id, NEW.method, NEW.declared_at, NEW.declared_by_id, NEW.submitted_by_id))",
                    func="\n                RAISE EXCEPTION 'what was received stays (what_was_received_stays)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'what_was_received_stays';",
                    hash="be0f497e42023c725faedda0057d65fcecc80363",
                    operation='UPDATE OF "received_at", "contract_id", "method", "declared_at", "declared_by_id", "submitted_by_id"',
                    pgid="pgtrigger_received_once_c37f6",
                    table="sla_claim",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="open_again_as_it_ended",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.state = 'lapsed' AND NEW.state IN ('draft', 'submitted'))",
                    func="\n            IF NEW.state = 'draft' AND NOT EXISTS (\n                  SELECT FROM sla_extendedwindow WHERE matter = NEW.reference AND extended_to = NEW.closes_at)\n               OR NEW.state = 'submitted' AND NEW.waived_at IS NULL AND NOT EXISTS (\n                  SELECT FROM entitlements_event WHERE matter = NEW.reference AND verb = 'claim.lapsed'\n                     AND recorded_at > clock_timestamp() - interval '1 hour') THEN\n                \n                RAISE EXCEPTION 'a lapsed claim comes in by two people (a_late_claim_has_two_people)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_late_claim_has_two_people';\n            END IF;\n            RETURN NEW;\n        ",
                    hash="64bf116a7839fdba30f7cfa38d2ecfe7928106db",
                    operation='UPDATE OF "state"',
                    pgid="pgtrigger_open_again_as_it_ended_45d7c",
                    table="sla_claim",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="covered_by_a_credit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.state = 'covered' AND OLD.state <> 'covered' AND NEW.received_at IS NOT NULL)",
                    func="\n            IF NOT EXISTS (\n                SELECT FROM sla_credit AS credit JOIN entitlements_contract AS contract USING (customer_id)\n                 WHERE contract.id = NEW.contract_id\n                   AND CASE WHEN credit.voided_at IS NULL THEN credit.cause_id = NEW.cause_id ELSE credit.claim_id = NEW.id END) THEN\n                \n                RAISE EXCEPTION 'no credit of this customer covers the claim (a_claim_is_covered_by_a_credit)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_claim_is_covered_by_a_credit';\n            END IF;\n            RETURN NEW;\n        ",
                    hash="6631decbd5e1504bb57c0f81da2db5589aa6b901",
                    operation='UPDATE OF "state"',
                    pgid="pgtrigger_covered_by_a_credit_4a7e4",
                    table="sla_claim",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claimfailure",
            trigger=pgtrigger.compiler.Trigger(
                name="kept_once_received",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF EXISTS (SELECT FROM sla_claim WHERE received_at IS NOT NULL AND id IN (SELECT claim_id FROM old_rows)) THEN\n                RAISE EXCEPTION 'what was received is kept (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN NULL;\n        ",
                    hash="165f1bc99be97196f34df32037513b831f54d1af",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_kept_once_received_46d89",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="sla_claimfailure",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidence",
            trigger=pgtrigger.compiler.Trigger(
                name="later_once_it_is_sent",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT NEW.later)",
                    func="\n            IF EXISTS (SELECT FROM sla_claim WHERE received_at IS NOT NULL AND id = NEW.claim_id) THEN\n                \n                RAISE EXCEPTION 'a document of a claim that was received came later (what_came_later_says_so)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'what_came_later_says_so';\n            END IF;\n            RETURN NEW;\n        ",
                    hash="9129eccd0ea7f5b1a7ac3c40a00f0bf9bf9e8e7f",
                    operation="INSERT",
                    pgid="pgtrigger_later_once_it_is_sent_7be51",
                    table="sla_evidence",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerproof",
            trigger=pgtrigger.compiler.Trigger(
                name="proved_as_it_is",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            PERFORM pg_advisory_xact_lock(hashtext('makegood.ledger'));\n            IF NEW.day <> (NEW.made_at AT TIME ZONE 'UTC')::date OR NEW.hash <> \n    (SELECT encode(sha256(convert_to(coalesce(string_agg(\n    jsonb_build_array(id, credit_id, customer_id, kind, amount, currency, proposed_by_id, approved_by_id, posted_at AT TIME ZONE 'UTC',\n                      note, corrects_id, posting_id, invoice, memo, made_out_to, recorded_at AT TIME ZONE 'UTC')::text, chr(10) ORDER BY id), ''), 'UTF8')), 'hex')\n       FROM sla_creditentry WHERE id <= NEW.last_entry) OR NOT EXISTS (\n                  SELECT FROM sla_creditentry HAVING (count(*), coalesce(max(id), 0)) = (NEW.entries, NEW.last_entry)) THEN\n                \n                RAISE EXCEPTION 'the ledger is not as this proof says (a_proof_says_what_there_is)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_proof_says_what_there_is';\n            END IF;\n            RETURN NEW;\n        ",
                    hash="f50c6cccbccf82b4ebbbfad6832845a0cd97737e",
                    operation="INSERT",
                    pgid="pgtrigger_proved_as_it_is_83078",
                    table="sla_ledgerproof",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="losttransaction",
            trigger=pgtrigger.compiler.Trigger(
                name="listed_before_it_is_sent",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF EXISTS (SELECT FROM sla_claim WHERE received_at IS NOT NULL AND id IN (SELECT claim_id FROM new_rows)) THEN\n                \n                RAISE EXCEPTION 'a claim that was received has no further lines (what_was_received_is_complete)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'what_was_received_is_complete';\n            END IF;\n            RETURN NULL;\n        ",
                    hash="ec77cc93b2c9dfcdfe37ab4b9bf606fe05bb34b6",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_listed_before_it_is_sent_f43c1",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="sla_losttransaction",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ratebasis",
            trigger=pgtrigger.compiler.Trigger(
                name="stated_before_it_is_sent",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF EXISTS (SELECT FROM sla_claim WHERE received_at IS NOT NULL AND id IN (OLD.claim_id, NEW.claim_id)) THEN\n                \n                RAISE EXCEPTION 'what was received stays (what_was_received_stays)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'what_was_received_stays';\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                    hash="85c591140cf07ee2b0b5b00cb6cd639594d13b00",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_stated_before_it_is_sent_256db",
                    table="sla_ratebasis",
                    when="BEFORE",
                ),
            ),
        ),
    ]
