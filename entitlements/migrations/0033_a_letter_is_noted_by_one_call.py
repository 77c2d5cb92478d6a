"""T2: that a letter was taken, and that the next one goes out, is noted by one call; and a change under no act looks for none."""

from importlib import import_module

from django.db import migrations

before = import_module("entitlements.migrations.0031_statements_are_logged_as_a_whole")

# As 0031 has left it, but only a change that hangs on an act asks the log for it: a plan that was made while the log was short reads
# all of it, for as long as its connection lasts.
LOG_CHANGE = """
CREATE OR REPLACE FUNCTION log_change(changed_table text, operation text, before jsonb, after jsonb, hidden text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    action bigint := act_of(nullif(current_setting('makegood.event', true), '')::jsonb, coalesce(after, before));
    cause entitlements_event;
    differing jsonb;
BEGIN
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(hidden) THEN '"changed"'::jsonb
                                      ELSE jsonb_build_array(before -> key, after -> key) END)
      INTO differing
      FROM jsonb_object_keys(coalesce(before, '{}') || coalesce(after, '{}')) AS key
     WHERE before -> key IS DISTINCT FROM after -> key
       AND NOT (operation = 'INSERT' AND after -> key = 'null');
    IF differing IS NULL THEN RETURN; END IF;
    IF action IS NOT NULL THEN
        SELECT * INTO cause FROM entitlements_event WHERE id = action AND transaction = txid_current();
    END IF;
    INSERT INTO entitlements_event
           (happened_at, verb, matter, actor_id, note, part_of_id, "table", row_id, changes)
    VALUES (coalesce(cause.happened_at, clock_timestamp()), lower(operation), coalesce(cause.matter, ''),
            cause.actor_id, '', cause.id, changed_table, coalesce(after, before) ->> 'id', differing);
END $$;
"""

# A server that took a letter took it, whoever holds the lease by now. The next one goes out only while the lease on it holds:
# then true. Either may be null.
NOTE_LETTERS = """
CREATE FUNCTION note_letters(accepted bigint, taken_at timestamptz, said text,
                             next bigint, leased_until timestamptz, given_at timestamptz, sender text, server text)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF accepted IS NOT NULL THEN
        UPDATE entitlements_letter
           SET state = 'accepted', accepted_at = taken_at, accepted_by_server = server, last_error = ''
         WHERE id = accepted AND state = 'queued';
        INSERT INTO entitlements_letterevent (letter_id, kind, at, host, reply)
        VALUES (accepted, 'accepted', taken_at, server, said);
    END IF;
    UPDATE entitlements_letter
       SET may_have_gone_twice = may_have_gone_twice OR handed_over_at IS NOT NULL, handed_over_at = given_at
     WHERE id = next AND state = 'queued' AND due_at = leased_until;
    IF FOUND THEN
        INSERT INTO entitlements_letterevent (letter_id, kind, at, host, reply)
        VALUES (next, 'handed_over', given_at, server, sender);
    END IF;
    RETURN FOUND;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0032_plain_rooms_are_kept")]

    operations = [
        migrations.RunSQL(LOG_CHANGE, before.LOG_CHANGE.replace(before.OF_ONE, before.OF_EACH)),
        migrations.RunSQL(NOTE_LETTERS, "DROP FUNCTION note_letters"),
    ]
