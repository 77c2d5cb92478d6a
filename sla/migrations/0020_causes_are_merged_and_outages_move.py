"""S2, S12: an outage moves from state to state, each step with its note; two causes that are one are merged."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

OVER = """
UPDATE sla_outage SET state = 'resolved'
 WHERE NOT EXISTS (SELECT FROM sla_downtime WHERE outage_id = sla_outage.id AND upper_inf(during));
SET CONSTRAINTS ALL IMMEDIATE;
"""
NO_MORE_THAN_ADDING = "REVOKE UPDATE, DELETE, TRUNCATE ON sla_outagestep FROM makegood_app;"


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0019_corrections_stay_on_record"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OutageStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("investigating", "Investigating"),
                            ("identified", "Identified"),
                            ("monitoring", "Monitoring"),
                            ("resolved", "Resolved"),
                        ],
                        max_length=14,
                    ),
                ),
                ("note", models.TextField()),
                ("noted_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-noted_at", "-id"],
            },
        ),
        migrations.AddField(
            model_name="cause",
            name="merge_reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="cause",
            name="merged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="cause",
            name="merged_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cause",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="sla.cause",
            ),
        ),
        migrations.AddField(
            model_name="outage",
            name="state",
            field=models.CharField(
                choices=[
                    ("investigating", "Investigating"),
                    ("identified", "Identified"),
                    ("monitoring", "Monitoring"),
                    ("resolved", "Resolved"),
                ],
                default="investigating",
                max_length=14,
            ),
        ),
        migrations.RunSQL(OVER, migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="outage",
            trigger=pgtrigger.compiler.Trigger(
                name="allowed_moves_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{investigating:identified,investigating:monitoring,investigating:resolved,identified:investigating,identified:monitoring,identified:resolved,monitoring:investigating,monitoring:identified,monitoring:resolved,resolved:investigating}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="f81bb4dd2f789ae3f2abcc7e47cc0c254e3ddf5b",
                    operation="UPDATE",
                    pgid="pgtrigger_allowed_moves_only_f570f",
                    table="sla_outage",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="cause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_at__isnull", False), ("merged_by__isnull", False)),
                    models.Q(("merged_at__isnull", True), ("merged_by__isnull", True)),
                    _connector="OR",
                ),
                name="cause_merged_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="cause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merge_reason", ""), ("merged_at__isnull", True), ("merged_into__isnull", True)),
                    models.Q(
                        ("merged_at__isnull", False),
                        ("merged_into__isnull", False),
                        models.Q(("merge_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_merged_cause_says_into_which_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="cause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into__isnull", True),
                    models.Q(("merged_into", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="a_cause_is_not_merged_into_itself",
            ),
        ),
        migrations.AddField(
            model_name="outagestep",
            name="noted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="outagestep",
            name="outage",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="sla.outage"),
        ),
        migrations.AddConstraint(
            model_name="outagestep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("noted_at__isnull", False), ("noted_by__isnull", False)),
                    models.Q(("noted_at__isnull", True), ("noted_by__isnull", True)),
                    _connector="OR",
                ),
                name="outagestep_noted_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="outagestep",
            constraint=models.CheckConstraint(
                condition=models.Q(("note", ""), _negated=True), name="a_step_of_an_outage_has_its_note"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="outagestep",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f18f9d96f49b665b828364367c990bf8a64a0d88",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_8f67b",
                    table="sla_outagestep",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(NO_MORE_THAN_ADDING, migrations.RunSQL.noop),
    ]
