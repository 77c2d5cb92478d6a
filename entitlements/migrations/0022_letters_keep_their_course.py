"""T2: what was sent is kept byte for byte, and each step of a letter is a row that is only added."""

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

ONLY_ADDED_TO = """
REVOKE UPDATE, DELETE, TRUNCATE ON entitlements_letterevent FROM makegood_app;
REVOKE DELETE, TRUNCATE ON entitlements_mailoutage FROM makegood_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0021_what_a_leaver_leaves"),
    ]

    operations = [
        migrations.CreateModel(
            name="LetterEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("handed_over", "Given to the mail server"),
                            ("accepted", "Accepted by the mail server"),
                            ("busy", "Refused by the mail server for now"),
                            ("refused", "Refused by the mail server for ever"),
                            ("not_reached", "Mail server not reached"),
                            ("no_answer", "The line broke before the mail server answered"),
                            ("not_made", "Could not be made"),
                            ("given_up", "Given up after many tries"),
                            ("not_sent", "Not sent"),
                            ("queued_again", "Put back to be sent"),
                            ("delivered", "Reported as delivered"),
                            ("delayed", "Reported as delayed"),
                            ("bounced", "Came back"),
                            ("passed_on", "Sent to somebody else instead"),
                            ("opened", "Opened in the portal"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        help_text="By the business clock; of a report: when it says that it happened."
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "host",
                    models.CharField(
                        blank=True, db_default="", help_text="The mail server that said so.", max_length=200
                    ),
                ),
                ("reply", models.TextField(blank=True, db_default="", help_text="What it said, as it said it.")),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        help_text="Of a report: what it is known by; it counts once.",
                        max_length=300,
                        null=True,
                        unique=True,
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="MailOutage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("host", models.CharField(max_length=200)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveIntegerField(default=1)),
                ("next_try_at", models.DateTimeField()),
                ("error", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["-began_at", "-id"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="letter",
            name="logged",
        ),
        migrations.RemoveIndex(
            model_name="letter",
            name="letters_to_send",
        ),
        migrations.AddField(
            model_name="letter",
            name="bounced_at",
            field=models.DateTimeField(blank=True, help_text="When it came back for ever, if it did.", null=True),
        ),
        migrations.AddField(
            model_name="letter",
            name="in_place_of",
            field=models.ForeignKey(
                blank=True,
                help_text="The letter that did not reach its addressee, so that this one was written.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="substitutes",
                to="entitlements.letter",
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="raw",
            field=models.BinaryField(
                blank=True, db_default=b"", default=bytes, help_text="The whole message as it goes, byte for byte."
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="sha256",
            field=models.CharField(blank=True, db_default="", help_text="Of the whole message.", max_length=64),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                models.OrderBy(models.F("urgent"), descending=True),
                models.OrderBy(models.Case(models.When(then="deadline", urgent=True)), nulls_last=True),
                models.OrderBy(models.F("written_at")),
                models.OrderBy(models.F("id")),
                condition=models.Q(("state", "queued")),
                name="letters_to_send",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="letter",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['context', 'addressee', 'attachments', 'subject', 'text', 'html', 'raw', 'sha256']::text[]); RETURN NULL;",
                    hash="6300347b497829533bacfd76c582a49b70cad97d",
                    operation="INSERT OR DELETE",
                    pgid="pgtrigger_logged_0b1bc",
                    table="entitlements_letter",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="letter",
            trigger=pgtrigger.compiler.Trigger(
                name="changes_logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."addressee" IS DISTINCT FROM (NEW."addressee") OR OLD."attachments" IS DISTINCT FROM (NEW."attachments") OR OLD."bounced_at" IS DISTINCT FROM (NEW."bounced_at") OR OLD."context" IS DISTINCT FROM (NEW."context") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."deadline" IS DISTINCT FROM (NEW."deadline") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."in_place_of_id" IS DISTINCT FROM (NEW."in_place_of_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."matter" IS DISTINCT FROM (NEW."matter") OR OLD."message_id" IS DISTINCT FROM (NEW."message_id") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."point" IS DISTINCT FROM (NEW."point") OR OLD."urgent" IS DISTINCT FROM (NEW."urgent") OR OLD."written_at" IS DISTINCT FROM (NEW."written_at"))',
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['context', 'addressee', 'attachments', 'subject', 'text', 'html', 'raw', 'sha256']::text[]); RETURN NULL;",
                    hash="aa9f0e2a85399ad03b0f1f446637e4680f13de80",
                    operation="UPDATE",
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
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, jsonb_build_object('id', OLD.id, 'state', OLD.state, 'accepted_at', OLD.accepted_at), jsonb_build_object('id', NEW.id, 'state', NEW.state, 'accepted_at', NEW.accepted_at), ARRAY[]::text[]); RETURN NULL;",
                    hash="be59ae8673a1c7f3232c85cbdbd921191aca60e5",
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
                name="written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.sha256 <> '')",
                    func="\n            IF (OLD.subject, OLD.text, OLD.html, OLD.raw, OLD.sha256) IS DISTINCT FROM (NEW.subject, NEW.text, NEW.html, NEW.raw, NEW.sha256) THEN\n                RAISE EXCEPTION 'what was sent stays as it was sent (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN NEW;\n        ",
                    hash="6cb0e7715f9cc5432a2ee03941c9e5c98182b4bf",
                    operation='UPDATE OF "subject", "text", "html", "raw", "sha256"',
                    pgid="pgtrigger_written_once_97ed1",
                    table="entitlements_letter",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="letterevent",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="letterevent",
            name="letter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="events", to="entitlements.letter"
            ),
        ),
        migrations.AddField(
            model_name="letterevent",
            name="other",
            field=models.ForeignKey(
                blank=True,
                help_text="What went instead.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="entitlements.letter",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailoutage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("host",),
                name="one_open_outage_for_a_mail_server",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailoutage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True), ("ended_at__gte", models.F("began_at")), _connector="OR"
                ),
                name="an_outage_of_mail_ends_after_it_began",
            ),
        ),
        migrations.AddIndex(
            model_name="letterevent",
            index=models.Index(condition=models.Q(("kind", "handed_over")), fields=["at"], name="letters_handed_over"),
        ),
        migrations.AddConstraint(
            model_name="letterevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("by__isnull", False), ("kind", "opened")),
                    models.Q(("kind", "opened"), _negated=True),
                    _connector="OR",
                ),
                name="an_opening_names_its_reader",
            ),
        ),
        migrations.AddConstraint(
            model_name="letterevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "passed_on"), ("other__isnull", False)),
                    models.Q(models.Q(("kind", "passed_on"), _negated=True), ("other__isnull", True)),
                    _connector="OR",
                ),
                name="a_letter_passed_on_names_the_other",
            ),
        ),
        migrations.AddConstraint(
            model_name="letterevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "opened")),
                fields=("letter",),
                name="a_letter_is_opened_for_the_first_time_once",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="letterevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c037052647af09f4525b46977e92f1713b4b1b91",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_22b1e",
                    table="entitlements_letterevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(ONLY_ADDED_TO, migrations.RunSQL.noop),
    ]
