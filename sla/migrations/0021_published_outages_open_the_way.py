"""S13: a published outage opens the way to a claim for everyone whom it hit, once for each contract."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0030_whoever_is_on_call"),
        ("sla", "0020_causes_are_merged_and_outages_move"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField(help_text="By the publication, or by logs that changed since.")),
                (
                    "opened_at",
                    models.DateTimeField(blank=True, help_text="When the clock last worked it off.", null=True),
                ),
                (
                    "letters",
                    models.PositiveSmallIntegerField(default=0, help_text="How often the customer was written to."),
                ),
                (
                    "told_remedy",
                    models.DurationField(blank=True, help_text="S8: as last told; empty: it lasted then.", null=True),
                ),
            ],
            options={
                "ordering": ["asked_at", "id"],
            },
        ),
        migrations.AddField(
            model_name="failure",
            name="found_by_us",
            field=models.BooleanField(default=False, help_text="Put on record by a published outage, not reported."),
        ),
        migrations.AddField(
            model_name="outage",
            name="published_at",
            field=models.DateTimeField(blank=True, help_text="S13: it opens the way to a claim since then.", null=True),
        ),
        migrations.AddField(
            model_name="outage",
            name="published_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="failure",
            constraint=models.UniqueConstraint(
                condition=models.Q(("found_by_us", True)),
                fields=("outage", "contract"),
                name="an_outage_is_put_on_record_once_for_a_contract",
            ),
        ),
        migrations.AddConstraint(
            model_name="outage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at__isnull", False), ("published_by__isnull", False)),
                    models.Q(("published_at__isnull", True), ("published_by__isnull", True)),
                    _connector="OR",
                ),
                name="outage_published_at_and_by_go_together",
            ),
        ),
        migrations.AddField(
            model_name="opening",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="opening",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="openings", to="entitlements.customer"
            ),
        ),
        migrations.AddField(
            model_name="opening",
            name="outage",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="openings", to="sla.outage"
            ),
        ),
        migrations.AddIndex(
            model_name="opening",
            index=models.Index(
                condition=models.Q(("opened_at__isnull", True)), fields=["asked_at", "id"], name="openings_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asked_at__isnull", False), ("asked_by__isnull", False)),
                    models.Q(("asked_at__isnull", True), ("asked_by__isnull", True)),
                    _connector="OR",
                ),
                name="opening_asked_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.UniqueConstraint(
                fields=("outage", "customer"), name="an_outage_is_opened_once_for_a_customer"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opening",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="76e7ae83087bfdcd9e5bbc9eb47dfb358acb348c",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_1ebcb",
                    table="sla_opening",
                    when="AFTER",
                ),
            ),
        ),
    ]
