"""S19: an interval of the logs is corrected or withdrawn; what it was, and what that did to claims, stays on record."""

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

NO_MORE_THAN_ADDING = """
REVOKE UPDATE, DELETE, TRUNCATE ON sla_correction, sla_recomputation FROM makegood_app;
REVOKE DELETE, TRUNCATE ON sla_cause, sla_outage, sla_downtime FROM makegood_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0030_whoever_is_on_call"),
        ("sla", "0018_log_intervals_say_whence"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("was", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                (
                    "becomes",
                    django.contrib.postgres.fields.ranges.DateTimeRangeField(
                        blank=True, help_text="Empty: the interval was withdrawn.", null=True
                    ),
                ),
                ("reason", models.TextField()),
                ("corrected_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-corrected_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Recomputation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("matter", models.CharField(help_text="Reference of what was corrected.", max_length=20)),
                ("because", models.CharField(max_length=200)),
                ("decided", models.BooleanField(help_text="The claim was decided already: nothing of it changed.")),
                ("remedy_before", models.DurationField()),
                ("remedy_after", models.DurationField()),
                ("assessed_before", models.DecimalField(decimal_places=2, max_digits=24)),
                ("assessed_after", models.DecimalField(decimal_places=2, max_digits=24)),
                ("capped_before", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ("capped_after", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ("recomputed_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-recomputed_at", "-id"],
            },
        ),
        migrations.AddField(
            model_name="downtime",
            name="withdrawn_at",
            field=models.DateTimeField(
                blank=True, help_text="It should not have been recorded: why, see there.", null=True
            ),
        ),
        migrations.AddField(
            model_name="downtime",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="downtime",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                    _connector="OR",
                ),
                name="downtime_withdrawn_at_and_by_go_together",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="corrected_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="downtime",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="sla.downtime"
            ),
        ),
        migrations.AddField(
            model_name="recomputation",
            name="claim",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="recomputations", to="sla.claim"
            ),
        ),
        migrations.AddField(
            model_name="recomputation",
            name="recomputed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("corrected_at__isnull", False), ("corrected_by__isnull", False)),
                    models.Q(("corrected_at__isnull", True), ("corrected_by__isnull", True)),
                    _connector="OR",
                ),
                name="correction_corrected_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="a_correction_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("becomes__isnull", True), models.Q(("becomes", models.F("was")), _negated=True), _connector="OR"
                ),
                name="a_correction_changes_something",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="correction",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="3f0dcc63426e71d0b948ea3ec0eeac4b8c2a81b5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_f383f",
                    table="sla_correction",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="recomputation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("recomputed_at__isnull", False), ("recomputed_by__isnull", False)),
                    models.Q(("recomputed_at__isnull", True), ("recomputed_by__isnull", True)),
                    _connector="OR",
                ),
                name="recomputation_recomputed_at_and_by_go_together",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recomputation",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a49107909c158865f0b342ed76e7e436ff4a895e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ef6f3",
                    table="sla_recomputation",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(NO_MORE_THAN_ADDING, migrations.RunSQL.noop),
    ]
