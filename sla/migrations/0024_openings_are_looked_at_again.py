"""S2, S13: an outage that is still too short when it is published is looked at again when it can count."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sla", "0023_nothing_comes_under_a_merged_cause")]

    operations = [
        migrations.AddField("opening", "look_at", models.DateTimeField(null=True)),
        migrations.RunSQL("UPDATE sla_opening SET look_at = asked_at", migrations.RunSQL.noop),
        migrations.AlterField(
            "opening",
            "look_at",
            models.DateTimeField(help_text="When the clock looks: as asked, or when what still runs can count."),
        ),
        migrations.RemoveIndex("opening", "openings_waiting"),
        migrations.AddIndex(
            "opening",
            models.Index(
                condition=models.Q(("opened_at__isnull", True)), fields=["look_at", "id"], name="openings_waiting"
            ),
        ),
    ]
