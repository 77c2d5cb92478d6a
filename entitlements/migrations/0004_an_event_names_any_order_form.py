"""A matter is as long as the longest reference: the number of an order form."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0003_policy_of_the_paper"),
    ]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="matter",
            field=models.CharField(blank=True, help_text="The reference that it belongs to.", max_length=60),
        ),
    ]
