"""S2: each interval of the logs says who handed it in, when, and from which line of which file; an outage, what was not available."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FROM_THEIR_OUTAGE = """
UPDATE sla_downtime SET recorded_at = outage.recorded_at, recorded_by_id = outage.recorded_by_id
  FROM sla_outage AS outage WHERE outage.id = outage_id;
UPDATE sla_downtime SET source_file = 'not on record' WHERE source_sha256 <> '';
SET CONSTRAINTS ALL IMMEDIATE;
"""

COMPONENTS = [
    ("incident_tracking", "Incident tracking"),
    ("alerting", "Alerting"),
    ("aiops", "AIOps"),
    ("customer_service_ops", "Customer Service Ops"),
    ("runbook_automation", "Runbook Automation"),
    ("workflow_automation", "Workflow Automation"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0017_statements_are_logged_as_a_whole"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(name="downtime", options={"ordering": ["during", "id"]}),
        migrations.AddField(
            model_name="outage",
            name="component",
            field=models.CharField(
                choices=COMPONENTS,
                default="incident_tracking",
                help_text="Only incident tracking and alerting are the Service (S2).",
                max_length=24,
            ),
        ),
        migrations.AddField(
            model_name="downtime",
            name="source_file",
            field=models.CharField(
                blank=True, default="", help_text="The file that was handed in; empty: typed.", max_length=200
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="downtime",
            name="source_line",
            field=models.PositiveIntegerField(blank=True, help_text="Its line in what was handed in.", null=True),
        ),
        migrations.AddField(model_name="downtime", name="recorded_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="downtime",
            name="recorded_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(FROM_THEIR_OUTAGE, migrations.RunSQL.noop),
        migrations.AlterField(model_name="downtime", name="recorded_at", field=models.DateTimeField()),
        migrations.AlterField(
            model_name="downtime",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="downtime",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("source_file", ""), ("source_sha256", "")),
                    models.Q(
                        models.Q(("source_file", ""), _negated=True), models.Q(("source_sha256", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="a_log_file_has_its_hash",
            ),
        ),
        migrations.AddConstraint(
            model_name="downtime",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("recorded_at__isnull", False), ("recorded_by__isnull", False)),
                    models.Q(("recorded_at__isnull", True), ("recorded_by__isnull", True)),
                    _connector="OR",
                ),
                name="downtime_recorded_at_and_by_go_together",
            ),
        ),
    ]
