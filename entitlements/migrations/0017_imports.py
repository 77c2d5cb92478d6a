"""Files that were imported and what was done with them, only ever added to; a contract's number in the CRM, unique where there is one."""

import django.core.serializers.json
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

ONLY_ADDED_TO = """
REVOKE UPDATE, DELETE, TRUNCATE ON entitlements_importfile, entitlements_importrun FROM makegood_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0016_an_event_names_its_sweep"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255)),
                (
                    "rows_are",
                    models.CharField(
                        blank=True, help_text="What a CSV has; a workbook says it by its sheets.", max_length=20
                    ),
                ),
                ("kind", models.CharField(choices=[("csv", "CSV"), ("xlsx", "XLSX")], max_length=4)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("stored_as", models.CharField(max_length=100, unique=True)),
                ("uploaded_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("applied_at", models.DateTimeField()),
                ("new", models.PositiveIntegerField()),
                ("changed", models.PositiveIntegerField()),
                ("unchanged", models.PositiveIntegerField()),
                ("refused", models.PositiveIntegerField()),
                (
                    "rows",
                    models.JSONField(
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        help_text="Each row's kind, number, state, changes and refusals.",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="contract",
            name="external_id",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="As in your CRM, if it has one there.",
                max_length=60,
                verbose_name="contract number",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("external_id",),
                name="one_contract_for_an_external_id",
            ),
        ),
        migrations.AddField(
            model_name="importfile",
            name="uploaded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="applied_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="file",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="entitlements.importfile"
            ),
        ),
        migrations.AddConstraint(
            model_name="importfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("uploaded_at__isnull", False), ("uploaded_by__isnull", False)),
                    models.Q(("uploaded_at__isnull", True), ("uploaded_by__isnull", True)),
                    _connector="OR",
                ),
                name="import_file_uploaded_at_and_by_go_together",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="importfile",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2d3b286a9fedf61ddc6714665ab5102ec5649ec0",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_4af87",
                    table="entitlements_importfile",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="importrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("applied_at__isnull", False), ("applied_by__isnull", False)),
                    models.Q(("applied_at__isnull", True), ("applied_by__isnull", True)),
                    _connector="OR",
                ),
                name="import_run_applied_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="importrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("new__gt", 0), ("changed__gt", 0), _connector="OR"),
                name="an_import_changes_something",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="importrun",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="59f39a782c3acc2f1667c05e2b6bd2cfb73b818c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_1b769",
                    table="entitlements_importrun",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(ONLY_ADDED_TO, migrations.RunSQL.noop),
    ]
