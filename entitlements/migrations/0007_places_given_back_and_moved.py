"""E5: a place that a manager gave back, with who, when and why; moves and givings back in the ledger."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0006_the_turn_of_a_year")]

    operations = [
        migrations.AddField(
            model_name="engagement",
            name="give_back_reason",
            field=models.TextField(blank=True, help_text="Why its place was given back all the same (E5)."),
        ),
        migrations.AddField(
            model_name="engagement",
            name="given_back_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="engagement",
            name="given_back_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="usageentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("hold", "Held"),
                    ("delivery", "Delivered"),
                    ("release", "Given back"),
                    ("count", "Counted by the manager"),
                    ("give_back", "Given back by the manager"),
                    ("move", "Moved"),
                    ("lapse", "Lapsed"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("given_back_at__isnull", False), ("given_back_by__isnull", False)),
                    models.Q(("given_back_at__isnull", True), ("given_back_by__isnull", True)),
                    _connector="OR",
                ),
                name="engagement_given_back_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("given_back_at__isnull", True), models.Q(("give_back_reason", ""), _negated=True), _connector="OR"
                ),
                name="a_place_given_back_says_why",
            ),
        ),
    ]
