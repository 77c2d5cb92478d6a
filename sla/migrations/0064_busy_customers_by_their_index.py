"""S7: an index of the few quarter hours in which more was received than a median can be exceeded by elsewhere: what lies in none of
them excludes nothing, and who has many of them is busy all day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sla", "0063_an_earlier_program_goes_on")]

    operations = [
        migrations.AddIndex(
            model_name="alertquarter",
            index=models.Index(
                condition=models.Q(("volume__gt", 11)),
                fields=["customer", "start"],
                include=("volume", "incidents", "alone"),
                name="alert_quarters_loud",
            ),
        ),
    ]
