"""E15: the private feed of an engineer's calendar, and when one leaves the firm."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0017_imports"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="engineer",
            name="last_day",
        ),
        migrations.AddField(
            model_name="engineer",
            name="leaves_at",
            field=models.DateTimeField(
                blank=True,
                help_text="The first instant after the last day, in their zone.",
                null=True,
                verbose_name="leaves the firm",
            ),
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "engineer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="feeds", to="entitlements.engineer"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("engineer",),
                        name="one_live_feed_for_an_engineer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("made_at__isnull", False), ("made_by__isnull", False)),
                            models.Q(("made_at__isnull", True), ("made_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="calendarfeed_made_at_and_by_go_together",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="calendarfeed",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['token_hash']::text[]); RETURN NULL;",
                    hash="9314858df790b55f87c8fcd81443099a44854c6f",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_3096e",
                    table="entitlements_calendarfeed",
                    when="AFTER",
                ),
            ),
        ),
    ]
