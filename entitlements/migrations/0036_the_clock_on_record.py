"""T4, T3: when the product itself stood still, and what its clock did, compared once a day."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0035_the_first_policy"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(help_text="Of UTC.", unique=True)),
                ("done_at", models.DateTimeField()),
                (
                    "since",
                    models.DateTimeField(help_text="Deadlines from here on were compared, and whatever is open."),
                ),
                ("compared", models.JSONField(default=dict, help_text="How many of each kind.")),
                ("differing", models.PositiveIntegerField(default=0)),
                (
                    "differences",
                    models.JSONField(default=list, help_text="The first of them: the matter, and what differs."),
                ),
            ],
            options={
                "ordering": ["-day"],
            },
        ),
        migrations.CreateModel(
            name="Standstill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[("clock", "The clock stood still"), ("pages", "The pages did not answer")],
                        max_length=5,
                        verbose_name="what stood still",
                    ),
                ),
                (
                    "began_at",
                    models.DateTimeField(
                        help_text="The last moment at which it is known to have worked.", verbose_name="from"
                    ),
                ),
                (
                    "ended_at",
                    models.DateTimeField(
                        blank=True, help_text="Empty: it stands still.", null=True, verbose_name="until"
                    ),
                ),
                (
                    "windows_ended",
                    models.PositiveIntegerField(default=0, help_text="How many windows ended in this time."),
                ),
            ],
            options={
                "ordering": ["-began_at", "-id"],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reconciliation",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="85518e84ad47527401b00a9fc936deb7e399b8ad",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ab993",
                    table="entitlements_reconciliation",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="standstill",
            constraint=models.UniqueConstraint(fields=("what", "began_at"), name="a_standstill_is_on_record_once"),
        ),
        migrations.AddConstraint(
            model_name="standstill",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("what",), name="one_standstill_of_a_kind_lasts"
            ),
        ),
        migrations.AddConstraint(
            model_name="standstill",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at__isnull", True), ("ended_at__gt", models.F("began_at")), _connector="OR"),
                name="a_standstill_ends_after_it_began",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="standstill",
            trigger=pgtrigger.compiler.Trigger(
                name="locked_once_ended_at",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."ended_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="66f0ee0263bfdcaee29dd27ddb568d2221998df2",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_locked_once_ended_at_239ba",
                    table="entitlements_standstill",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="standstill",
            trigger=pgtrigger.compiler.Trigger(
                name="the_others_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."what" IS DISTINCT FROM (NEW."what") OR OLD."began_at" IS DISTINCT FROM (NEW."began_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="fdf725bd886498d34386a3b9fc07b375b67846ae",
                    operation="UPDATE",
                    pgid="pgtrigger_the_others_stay_b8037",
                    table="entitlements_standstill",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE, TRUNCATE ON entitlements_reconciliation FROM makegood_app;"
            "REVOKE DELETE, TRUNCATE ON entitlements_standstill FROM makegood_app;",
            migrations.RunSQL.noop,
        ),
    ]
