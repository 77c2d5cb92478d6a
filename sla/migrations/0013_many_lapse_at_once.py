"""S13: a batch of drafts or reports whose window ended, each with its own line in the log and its own letters."""

from django.db import migrations

# What comes in is [{id, letters}], locked by the caller. Whatever is no draft any more, or still waits to send itself, is passed by.
LAPSE_DRAFTS = """
CREATE FUNCTION lapse_drafts(due jsonb) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT claim.id, claim.reference, claim.closes_at, entry.letters
                 FROM jsonb_to_recordset(due) AS entry(id bigint, letters jsonb) JOIN sla_claim AS claim USING (id)
                WHERE claim.state = 'draft' AND claim.sends_itself_at IS NULL
                ORDER BY claim.closes_at, claim.id FOR NO KEY UPDATE OF claim
    LOOP
        PERFORM begin_act('claim.lapsed', one.reference, one.closes_at);
        UPDATE sla_claim SET state = 'lapsed', closed_at = closes_at, remind_at = NULL
         WHERE id = one.id AND state = 'draft';
        UPDATE sla_failure SET state = 'closed', closed_at = one.closes_at
         WHERE state = 'claimed' AND id IN (SELECT failure_id FROM sla_claimfailure WHERE claim_id = one.id);
        PERFORM write_letters(one.letters);
        RETURN NEXT one.id;
    END LOOP;
END $$;
"""

CLOSE_REPORTS = """
CREATE FUNCTION close_reports(due jsonb) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT failure.id, failure.reference, failure.closes_at, entry.letters
                 FROM jsonb_to_recordset(due) AS entry(id bigint, letters jsonb) JOIN sla_failure AS failure USING (id)
                WHERE failure.state = 'reported' ORDER BY failure.closes_at, failure.id FOR NO KEY UPDATE OF failure
    LOOP
        PERFORM begin_act('failure.window_ended', one.reference, one.closes_at);
        UPDATE sla_failure SET state = 'closed', closed_at = closes_at, remind_at = NULL
         WHERE id = one.id AND state = 'reported';
        PERFORM write_letters(one.letters);
        RETURN NEXT one.id;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0012_terms_are_drafted_and_have_two_people"),
        ("entitlements", "0026_many_lapse_at_once"),
    ]

    operations = [
        migrations.RunSQL(LAPSE_DRAFTS, "DROP FUNCTION lapse_drafts"),
        migrations.RunSQL(CLOSE_REPORTS, "DROP FUNCTION close_reports"),
    ]
