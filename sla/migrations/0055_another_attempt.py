from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0054_what_was_received_is_complete"),
    ]

    operations = [
        migrations.AlterField(
            model_name="losttransaction",
            name="struck",
            field=models.CharField(
                blank=True,
                choices=[
                    ("completed", "Completed, or completed later"),
                    ("no_document", "No document"),
                    ("not_third_party", "Not with a third party"),
                    ("other_cause", "Failed for another cause"),
                    ("i_not_affected_systems", "Not through the affected systems"),
                    ("ii_other_system_down", "Needed a system that was down anyway"),
                    ("iii_repair_or_substitute_cost", "A cost of repair, replacement or substitute"),
                    ("another_attempt", "Another attempt at a transaction of the list"),
                ],
                max_length=32,
            ),
        ),
    ]
