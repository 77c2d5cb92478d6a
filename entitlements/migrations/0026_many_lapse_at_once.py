"""E5, T2: what lapses by the hundred is done by one statement, each with its own line in the log and its own letters."""

from django.db import migrations

# An act's line in the log; what the triggers log after it in this transaction hangs on it. As entitlements/actions/log.py does.
BEGIN_ACT = """
CREATE FUNCTION begin_act(of_verb text, of_matter text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    act bigint;
BEGIN
    INSERT INTO entitlements_event (happened_at, verb, matter, note, "table", row_id)
    VALUES (at, of_verb, of_matter, '', '', '') RETURNING id INTO act;
    PERFORM set_config('makegood.event', act::text, true);
END $$;
"""

# Letters as entitlements/notices/writing.py makes them: one with the same key is there already, and stays.
WRITE_LETTERS = """
CREATE FUNCTION write_letters(letters jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO entitlements_letter (kind, matter, deadline, addressee, point, customer_id, person_id, context, attachments,
                                     written_at, due_at, urgent, message_id, state, attempts, subject, text, html,
                                     accepted_by_server, may_have_gone_twice, last_error)
    SELECT kind, matter, deadline, addressee, point, customer_id, person_id, context, attachments,
           written_at, due_at, urgent, message_id, 'queued', 0, '', '', '', '', false, ''
      FROM jsonb_populate_recordset(NULL::entitlements_letter, letters)
    ON CONFLICT DO NOTHING;
END $$;
"""

# A place that was held is given back by a line of the ledger (E5); under Professional Services (E7) none was.
LAPSE_REQUESTS = """
CREATE FUNCTION lapse_requests(of_years bigint[], until timestamptz) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT request.*, year.ends_at FROM entitlements_engagement AS request
                 JOIN entitlements_contractyear AS year ON year.id = request.year_id
                WHERE year.id = ANY(of_years) AND year.ends_at <= until AND request.state = 'requested'
                ORDER BY request.id FOR NO KEY UPDATE OF request
    LOOP
        PERFORM begin_act('engagement.lapsed', one.reference, one.ends_at);
        UPDATE entitlements_engagement SET state = 'lapsed' WHERE id = one.id AND state = 'requested';
        IF one.ps_reference = '' AND one.given_back_at IS NULL AND one.first_session_held_at IS NULL THEN
            INSERT INTO entitlements_usageentry (year_id, engagement_id, kind, places, day, happened_at, reason)
            VALUES (one.year_id, one.id, 'lapse', -1, one.day, one.ends_at,
                    'Its contract year ended before it was scheduled.');
        END IF;
        RETURN NEXT one.id;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0025_the_ledger_says_what_it_was")]

    operations = [
        migrations.RunSQL(BEGIN_ACT, "DROP FUNCTION begin_act"),
        migrations.RunSQL(WRITE_LETTERS, "DROP FUNCTION write_letters"),
        migrations.RunSQL(LAPSE_REQUESTS, "DROP FUNCTION lapse_requests"),
    ]
