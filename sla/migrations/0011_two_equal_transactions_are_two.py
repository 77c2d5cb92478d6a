"""S9: a line is known by the form that added it, not by what it says; S19: the sum of many lines has room."""

import django.contrib.postgres.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0010_a_proposals_figures_stay"),
    ]

    operations = [
        migrations.AddField(
            model_name="losttransaction",
            name="form_key",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(),
                editable=False,
                help_text="Of the form that added it: sent twice, it adds once (X9).",
                unique=True,
            ),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="assessed",
            field=models.DecimalField(decimal_places=2, max_digits=24),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="claimed",
            field=models.DecimalField(decimal_places=2, max_digits=24),
        ),
    ]
