"""What models cannot say: tables that are only added to, and decisions that only two people make."""

from django.db import migrations

# The application may add to ledgers and to what was found and told, and no more; the rest may change, and never goes away.
ONLY_ADDED_TO = """
REVOKE UPDATE, DELETE, TRUNCATE ON sla_creditentry, sla_maintenancechange, sla_correction, sla_recomputation, sla_outagestep,
    sla_transactionfile, sla_findingdocument, sla_findingcustomer, sla_examination FROM makegood_app;
REVOKE DELETE, TRUNCATE ON sla_claim, sla_failure, sla_evidence, sla_proposal, sla_credit, sla_maintenanceperiod,
    sla_maintenancenotice, sla_cause, sla_outage, sla_downtime, sla_finding FROM makegood_app;
"""

# S19: a claim is approved or denied only behind a proposal that a second person has approved; whoever writes, and however.
TWO_PEOPLE = """
CREATE FUNCTION decided_by_two_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM sla_proposal WHERE claim_id = NEW.id AND approved_at IS NOT NULL
                   AND approved_by_id <> proposed_by_id
                   AND outcome = CASE NEW.state WHEN 'denied' THEN 'deny' ELSE 'approve' END) THEN
        RAISE EXCEPTION 'claim % cannot be %: no second person has approved it', NEW.reference, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_decision_has_two_people';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_decision_has_two_people BEFORE INSERT OR UPDATE OF state ON sla_claim
    FOR EACH ROW WHEN (NEW.state IN ('approved', 'denied', 'credited')) EXECUTE FUNCTION decided_by_two_people();
"""

OPERATIONS = [migrations.RunSQL(made, migrations.RunSQL.noop) for made in (ONLY_ADDED_TO, TWO_PEOPLE)]
