"""S11: the cap recorded for a contract of another currency."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0049_claims_the_newest_first"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RecordedCap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=8, help_text="So much of it for one of the cap's own currency.", max_digits=18
                    ),
                ),
                ("day", models.DateField(help_text="Of the rate.")),
                ("source", models.CharField(help_text="Who published the rate, and where.", max_length=200)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=20)),
                ("recorded_at", models.DateTimeField()),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recorded_caps", to="sla.claim"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-recorded_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("recorded_at__isnull", False), ("recorded_by__isnull", False)),
                            models.Q(("recorded_at__isnull", True), ("recorded_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="recorded_cap_recorded_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("rate__gt", 0)), name="a_recorded_cap_is_above_nothing"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="a_recorded_cap_says_whose_rate_it_is"
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recordedcap",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="22fa0116656fa67b8fa811719a89f37dc014a38d",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_a796c",
                    table="sla_recordedcap",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recordedcap",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="84ff6bdea9a2002d87080e9b0726e36911f78ba2",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_254f6",
                    table="sla_recordedcap",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE, TRUNCATE ON sla_recordedcap FROM makegood_app", migrations.RunSQL.noop
        ),
    ]
