"""S1: since when, and until when, a contract was suspended."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0004_an_event_names_any_order_form"),
    ]

    operations = [
        migrations.CreateModel(
            name="Suspension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "days",
                    django.contrib.postgres.fields.ranges.DateRangeField(
                        help_text="First day to the day after the last day; no last day: until further notice."
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suspensions",
                        to="entitlements.contract",
                    ),
                ),
            ],
            options={
                "ordering": ["days"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("contract", "="), ("days", "&&")],
                        name="one_suspension_on_a_day",
                        violation_error_message="The contract is suspended already on some of these days.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days__startswith__isnull", False), ("days__isempty", False)),
                        name="a_suspension_has_a_first_day",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="suspension",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="402b249a8fa4b2ae7ce0137f1781517e7fb2115a",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_a6eae",
                    table="entitlements_suspension",
                    when="AFTER",
                ),
            ),
        ),
    ]
