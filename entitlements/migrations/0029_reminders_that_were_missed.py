"""T1: which reminder was missed stays on record; what is not sent is found at once among ten million letters."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

NO_MORE_THAN_ADDING = "REVOKE UPDATE, DELETE, TRUNCATE ON entitlements_missedreminder FROM makegood_app;"


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0028_letters_that_come_back"),
    ]

    operations = [
        migrations.CreateModel(
            name="MissedReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("matter", models.CharField(help_text="As its letters name it.", max_length=40)),
                ("point", models.CharField(max_length=20)),
                ("due_at", models.DateTimeField(help_text="When the point was.")),
                ("deadline", models.DateTimeField(help_text="What it was to remind of.")),
                ("noted_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "missed reminder",
                "ordering": ["-noted_at", "-id"],
            },
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "failed"])),
                fields=["state", "written_at"],
                name="letters_not_sent",
            ),
        ),
        migrations.AddField(
            model_name="missedreminder",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="missed_reminders", to="entitlements.customer"
            ),
        ),
        migrations.AddIndex(
            model_name="missedreminder",
            index=models.Index(fields=["noted_at"], name="reminders_missed_of_late"),
        ),
        migrations.AddConstraint(
            model_name="missedreminder",
            constraint=models.UniqueConstraint(
                fields=("matter", "deadline", "point"), name="a_reminder_is_missed_once"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="missedreminder",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8bd1820d01dee25daf06234f24798c5c4f002576",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7a6c8",
                    table="entitlements_missedreminder",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(NO_MORE_THAN_ADDING, migrations.RunSQL.noop),
    ]
