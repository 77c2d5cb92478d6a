"""T4: windows made longer for all concerned, since the product stood still on their last day; what lapsed can come back."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0036_the_clock_on_record"),
        ("sla", "0036_the_reviewer"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExtendedWindow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("matter", models.CharField(help_text="The reference of the report or the claim.", max_length=20)),
                ("kind", models.CharField(help_text="Which window of it.", max_length=40)),
                ("ended_at", models.DateTimeField(verbose_name="was to end")),
                ("extended_to", models.DateTimeField()),
            ],
            options={
                "ordering": ["ended_at", "matter"],
            },
        ),
        migrations.CreateModel(
            name="Extension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "last_day",
                    models.DateField(
                        blank=True,
                        help_text="With its end, in each contract's zone, the windows end. Empty: none is longer.",
                        null=True,
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "record",
                    models.JSONField(
                        help_text="The product's own record of the standstill, as it was when this was decided."
                    ),
                ),
                ("decided_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-decided_at", "-id"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="claim",
            name="allowed_moves_only",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="failure",
            name="allowed_moves_only",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="allowed_moves_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{draft:submitted,draft:lapsed,draft:withdrawn,draft:covered,submitted:in_review,submitted:withdrawn,submitted:covered,in_review:information_requested,in_review:in_audit,in_review:approved,in_review:denied,in_review:withdrawn,in_review:covered,information_requested:in_review,information_requested:withdrawn,information_requested:covered,in_audit:in_review,in_audit:withdrawn,in_audit:covered,approved:credited,approved:covered,credited:covered,denied:in_review,lapsed:submitted,lapsed:draft}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="7b746464b09cb614783512b4218775952b5a38b4",
                    operation="UPDATE",
                    pgid="pgtrigger_allowed_moves_only_f8e40",
                    table="sla_claim",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="failure",
            trigger=pgtrigger.compiler.Trigger(
                name="allowed_moves_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{reported:claimed,reported:closed,reported:withdrawn,claimed:reported,claimed:closed,closed:claimed,closed:reported}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="70a9812336a777910f7b030cbb81d091ccb3f237",
                    operation="UPDATE",
                    pgid="pgtrigger_allowed_moves_only_c787f",
                    table="sla_failure",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="extendedwindow",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="entitlements.customer"
            ),
        ),
        migrations.AddField(
            model_name="extension",
            name="decided_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="extension",
            name="standstill",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="extension", to="entitlements.standstill"
            ),
        ),
        migrations.AddField(
            model_name="extendedwindow",
            name="extension",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="windows", to="sla.extension"
            ),
        ),
        migrations.AddConstraint(
            model_name="extension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                    models.Q(("decided_at__isnull", True), ("decided_by__isnull", True)),
                    _connector="OR",
                ),
                name="extension_decided_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="extension",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="an_extension_has_its_reason"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="extension",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="66a0fda40d7c94a859bd82ed0de2b0d9dbe77ea7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_5e25f",
                    table="sla_extension",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="extendedwindow",
            constraint=models.UniqueConstraint(
                fields=("extension", "matter", "kind"), name="a_window_is_extended_once_for_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="extendedwindow",
            constraint=models.CheckConstraint(
                condition=models.Q(("extended_to__gt", models.F("ended_at"))), name="an_extension_never_shortens"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="extendedwindow",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="3811adf001a4469ee46f42402f6adcb902a10666",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_178e5",
                    table="sla_extendedwindow",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE, TRUNCATE ON sla_extension, sla_extendedwindow FROM makegood_app;",
            migrations.RunSQL.noop,
        ),
    ]
