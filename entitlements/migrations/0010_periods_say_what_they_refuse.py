"""A second override or product on the same days is refused in a sentence of its own (E8, E9)."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0009_the_engineers_time"),
    ]

    operations = [
        migrations.AlterConstraint(
            model_name="capoverride",
            name="one_override_of_a_cap_on_a_day",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("contract", "="),
                    (django.db.models.functions.comparison.Coalesce("activity_id", "pool_key"), "="),
                    (
                        django.db.models.functions.comparison.Coalesce(
                            "days",
                            models.Value("(,)", output_field=django.contrib.postgres.fields.ranges.DateRangeField()),
                        ),
                        "&&",
                    ),
                ],
                name="one_override_of_a_cap_on_a_day",
                violation_error_message="Another override of this cap holds on some of these days.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="contractproduct",
            name="a_product_is_held_once_on_a_day",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("contract", "="), ("product", "="), ("days", "&&")],
                name="a_product_is_held_once_on_a_day",
                violation_error_message="The contract includes this product already on some of these days.",
            ),
        ),
    ]
