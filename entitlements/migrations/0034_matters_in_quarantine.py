"""P19: the foot of the list counts matters."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0033_a_letter_is_noted_by_one_call"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="quarantine",
            options={
                "ordering": ["-last_seen_at", "-id"],
                "verbose_name": "matter in quarantine",
                "verbose_name_plural": "matters in quarantine",
            },
        ),
    ]
