"""T2: what it costs to note that a letter was taken and that the next one goes: by one call, whose pace is asked in it.

- A state is looked at where it moves; the long columns of a letter are not read to see that they have not changed.
- A row leaves room in its page for the next version of itself, and its long columns stay out of it.
- An index has no entries for what is empty. `message_id` keeps its index under the name of its constraint.
- A server that took a letter took it, whatever another sender has decided since.
"""

from importlib import import_module

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

BEFORE = import_module("entitlements.migrations.0033_a_letter_is_noted_by_one_call").NOTE_LETTERS

# The next letter goes only while the lease on it holds: then `ours`. Where no more than `most` may go a minute and they have gone, it
# is not, and `free_at` says when one more may. Any of the two letters may be null; `most` is 0 where the pace is free.
# IS NOT DISTINCT FROM, so that a letter is found by its key: the indexes of what is to be sent are full of what was.
NOTE_LETTERS = """
CREATE FUNCTION note_letters(accepted bigint, taken_at timestamptz, said text,
                             next bigint, leased_until timestamptz, given_at timestamptz, sender text, server text, most integer,
                             OUT ours boolean, OUT free_at timestamptz)
LANGUAGE plpgsql AS $$
BEGIN
    IF most > 0 AND next IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(5321725); -- any number; nobody else takes it
        SELECT at + interval '1 minute' INTO free_at FROM entitlements_letterevent
         WHERE kind = 'handed_over' AND at > given_at - interval '1 minute' ORDER BY at DESC OFFSET most - 1 LIMIT 1;
    END IF;
    IF accepted IS NOT NULL THEN
        UPDATE entitlements_letter
           SET state = 'accepted', accepted_at = taken_at, accepted_by_server = server, last_error = ''
         WHERE id = accepted AND state IS DISTINCT FROM 'accepted';
        INSERT INTO entitlements_letterevent (letter_id, kind, at, host, reply)
        VALUES (accepted, 'accepted', taken_at, server, said);
    END IF;
    ours := false;
    IF next IS NULL OR free_at IS NOT NULL THEN RETURN; END IF;
    UPDATE entitlements_letter
       SET may_have_gone_twice = may_have_gone_twice OR handed_over_at IS NOT NULL, handed_over_at = given_at
     WHERE id = next AND state IS NOT DISTINCT FROM 'queued' AND due_at = leased_until;
    ours := FOUND;
    IF ours THEN
        INSERT INTO entitlements_letterevent (letter_id, kind, at, host, reply)
        VALUES (next, 'handed_over', given_at, server, sender);
    END IF;
END $$;
"""
ROOM = "ALTER TABLE entitlements_letter SET (fillfactor = 70, toast_tuple_target = 512)"
NO_ROOM = "ALTER TABLE entitlements_letter RESET (fillfactor, toast_tuple_target)"
UNDER_ITS_NAME = """
ALTER TABLE entitlements_letter RENAME CONSTRAINT entitlements_letter_message_id_key TO a_message_id_is_of_one_letter;
DROP INDEX entitlements_letter_message_id_865221c2_like;
"""
UNDER_THE_OLD_NAME = """
ALTER TABLE entitlements_letter RENAME CONSTRAINT a_message_id_is_of_one_letter TO entitlements_letter_message_id_key;
CREATE INDEX entitlements_letter_message_id_865221c2_like ON entitlements_letter (message_id varchar_pattern_ops);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0034_matters_in_quarantine"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="engagement",
            name="allowed_moves_only",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="letter",
            name="changes_logged",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="letter",
            name="moves_logged",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="letter",
            name="allowed_moves_only",
        ),
        migrations.AlterField(
            model_name="letter",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="letters",
                to="entitlements.customer",
            ),
        ),
        migrations.AlterField(
            model_name="letter",
            name="in_place_of",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The letter that did not reach its addressee, so that this one was written.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="substitutes",
                to="entitlements.letter",
            ),
        ),
        migrations.AlterField(
            model_name="letterevent",
            name="by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="letterevent",
            name="other",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="What went instead.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="entitlements.letter",
            ),
        ),
        migrations.AlterField(
            model_name="letterevent",
            name="source",
            field=models.CharField(
                blank=True, help_text="Of a report: what it is known by; it counts once.", max_length=300, null=True
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("in_place_of__isnull", False)),
                fields=["in_place_of"],
                name="letters_in_place_of_others",
            ),
        ),
        migrations.AddIndex(
            model_name="letterevent",
            index=models.Index(
                condition=models.Q(("by__isnull", False)), fields=["by"], name="letter_events_by_people"
            ),
        ),
        migrations.AddIndex(
            model_name="letterevent",
            index=models.Index(
                condition=models.Q(("other__isnull", False)), fields=["other"], name="letter_events_of_two_letters"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="engagement",
            trigger=pgtrigger.compiler.Trigger(
                name="allowed_moves_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{requested:scheduled,requested:declined,requested:withdrawn,requested:cancelled,requested:lapsed,scheduled:delivered,scheduled:cancelled,scheduled:no_show,no_show:scheduled}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="383674593ecade6d6e5559fc06f846516135546c",
                    operation="UPDATE",
                    pgid="pgtrigger_allowed_moves_only_3a6b3",
                    table="entitlements_engagement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="letter",
            trigger=pgtrigger.compiler.Trigger(
                name="changes_logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."addressee" IS DISTINCT FROM (NEW."addressee") OR OLD."attachments" IS DISTINCT FROM (NEW."attachments") OR OLD."bounced_at" IS DISTINCT FROM (NEW."bounced_at") OR OLD."context" IS DISTINCT FROM (NEW."context") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."deadline" IS DISTINCT FROM (NEW."deadline") OR OLD."in_place_of_id" IS DISTINCT FROM (NEW."in_place_of_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."matter" IS DISTINCT FROM (NEW."matter") OR OLD."message_id" IS DISTINCT FROM (NEW."message_id") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."point" IS DISTINCT FROM (NEW."point") OR OLD."urgent" IS DISTINCT FROM (NEW."urgent") OR OLD."written_at" IS DISTINCT FROM (NEW."written_at"))',
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['context', 'addressee', 'attachments', 'subject', 'text', 'html', 'raw', 'sha256']::text[]); RETURN NULL;",
                    hash="78899a4b1564c54d7f9b53a4245d72d7fc84768e",
                    operation='UPDATE OF "kind", "matter", "point", "deadline", "urgent", "addressee", "customer_id", "person_id", "in_place_of_id", "context", "attachments", "message_id", "written_at", "opened_at", "bounced_at"',
                    pgid="pgtrigger_changes_logged_dbf85",
                    table="entitlements_letter",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="letter",
            trigger=pgtrigger.compiler.Trigger(
                name="moves_logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."accepted_at" IS DISTINCT FROM (NEW."accepted_at") OR OLD."state" IS DISTINCT FROM (NEW."state"))',
                    func="\n    IF nullif(current_setting('makegood.event', true), '') IS NOT NULL OR OLD.state = NEW.state THEN\n        PERFORM log_change(TG_TABLE_NAME, TG_OP, jsonb_build_object('id', OLD.id, 'state', OLD.state, 'accepted_at', OLD.accepted_at), jsonb_build_object('id', NEW.id, 'state', NEW.state, 'accepted_at', NEW.accepted_at), ARRAY[]::text[]);\n        RETURN NULL;\n    END IF;\n    INSERT INTO entitlements_event (happened_at, verb, matter, note, \"table\", row_id, changes)\n    VALUES (clock_timestamp(), 'update', '', '', TG_TABLE_NAME, NEW.id,\n            jsonb_build_object('state', jsonb_build_array(OLD.state, NEW.state)) ||\n            CASE WHEN OLD.accepted_at IS DISTINCT FROM NEW.accepted_at\n                 THEN jsonb_build_object('accepted_at', jsonb_build_array(OLD.accepted_at, NEW.accepted_at)) ELSE '{}' END);\n    RETURN NULL;\n",
                    hash="9e0236884b501546d98c582b2404dc8506367700",
                    operation='UPDATE OF "state", "accepted_at"',
                    pgid="pgtrigger_moves_logged_0c384",
                    table="entitlements_letter",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="letter",
            trigger=pgtrigger.compiler.Trigger(
                name="allowed_moves_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{queued:accepted,queued:no_longer_true,queued:not_wanted,queued:failed,failed:queued,failed:accepted,no_longer_true:accepted,not_wanted:accepted}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="ef2a7c769dc927034691ae143b887fe24379b2ed",
                    operation="UPDATE",
                    pgid="pgtrigger_allowed_moves_only_115ec",
                    table="entitlements_letter",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="letterevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source__isnull", False)),
                fields=("source",),
                name="a_report_counts_once_for_a_letter",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(UNDER_ITS_NAME, UNDER_THE_OLD_NAME)],
            [
                migrations.AlterField(
                    model_name="letter",
                    name="message_id",
                    field=models.CharField(max_length=200),
                ),
                migrations.AddConstraint(
                    model_name="letter",
                    constraint=models.UniqueConstraint(fields=("message_id",), name="a_message_id_is_of_one_letter"),
                ),
            ],
        ),
        migrations.RunSQL(ROOM, NO_ROOM),
        migrations.RunSQL("DROP FUNCTION note_letters", BEFORE),
        migrations.RunSQL(NOTE_LETTERS, "DROP FUNCTION note_letters"),
    ]
