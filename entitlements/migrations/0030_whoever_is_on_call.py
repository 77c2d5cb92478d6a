"""N27: an alarm stands once for a cause, and somebody is on call for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0029_reminders_that_were_missed"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="on_call",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Gets the alarms of the clockwork (N27); while nobody is, everybody at the desk does.",
                verbose_name="is on call",
            ),
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cause", models.CharField(help_text="The sign that was beyond its limit.", max_length=20)),
                ("words", models.TextField(verbose_name="what it was")),
                ("since", models.DateTimeField(blank=True, help_text="Since when, where that is known.", null=True)),
                ("raised_at", models.DateTimeField()),
                ("over_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-raised_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("over_at__isnull", True)), fields=("cause",), name="one_alarm_for_a_cause"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("over_at__isnull", True), ("over_at__gte", models.F("raised_at")), _connector="OR"
                        ),
                        name="an_alarm_is_over_after_it_was_raised",
                    ),
                ],
            },
        ),
    ]
