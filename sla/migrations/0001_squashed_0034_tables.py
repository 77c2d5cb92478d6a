"""The tables of failures, claims, credits and evidence, with all that guards them."""

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import sla.rules.components
import sla.rules.lifecycle
from sla.migrations import _alert_tables, _guards


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("sla", "0001_initial"),
        ("sla", "0002_guards"),
        ("sla", "0004_a_lapse_can_be_taken_back"),
        ("sla", "0010_a_proposals_figures_stay"),
        ("sla", "0011_two_equal_transactions_are_two"),
        ("sla", "0012_terms_are_drafted_and_have_two_people"),
        ("sla", "0013_many_lapse_at_once"),
        ("sla", "0014_alert_logs"),
        ("sla", "0015_the_tables_of_alert_logs"),
        ("sla", "0016_maintenance_and_its_notices"),
        ("sla", "0017_statements_are_logged_as_a_whole"),
        ("sla", "0018_log_intervals_say_whence"),
        ("sla", "0019_corrections_stay_on_record"),
        ("sla", "0020_causes_are_merged_and_outages_move"),
        ("sla", "0021_published_outages_open_the_way"),
        ("sla", "0022_what_an_alert_import_left_out"),
        ("sla", "0023_nothing_comes_under_a_merged_cause"),
        ("sla", "0024_openings_are_looked_at_again"),
        ("sla", "0025_a_month_that_may_be_claimed_stays"),
        ("sla", "0026_information_second_looks_and_entries"),
        ("sla", "0027_a_list_of_losses_comes_by_file"),
        ("sla", "0028_a_later_piece_is_a_failure_of_its_own"),
        ("sla", "0029_the_method_of_the_rate"),
        ("sla", "0030_a_state_is_looked_at_when_it_moves"),
        ("sla", "0031_exclusions_are_found_with_evidence"),
        ("sla", "0032_a_later_log_may_say_more"),
        ("sla", "0033_a_reviewer_finds_another_cause"),
        ("sla", "0034_why_a_month_of_logs_stays"),
        ("sla", "0035_requests_are_reminded_of_in_order"),
    ]

    dependencies = [
        ("entitlements", "0001_squashed_0034_tables"),
        ("entitlements", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "source", "line", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line", models.IntegerField()),
                ("incident", models.TextField()),
                ("received_at", models.DateTimeField()),
                ("initial", models.BooleanField()),
                ("responder", models.TextField()),
                ("first_responder", models.BooleanField()),
                ("high_urgency", models.BooleanField()),
                ("channel", models.TextField()),
                ("registered", models.TextField(null=True)),
                ("located", models.TextField(null=True)),
                ("delay", models.DurationField()),
                ("provider_api_call_at", models.DateTimeField(null=True)),
                ("push_attempt_at", models.DateTimeField(null=True)),
                ("sms_sent_at", models.DateTimeField(null=True)),
                ("email_sent_at", models.DateTimeField(null=True)),
                ("delivery_receipt_at", models.DateTimeField(null=True)),
                ("other_logs", models.JSONField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("resolved_at", models.DateTimeField(null=True)),
                ("provider_reference", models.TextField()),
                ("occurred_at", models.DateTimeField(null=True)),
                ("provider_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "sla_notification",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="AlertMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(help_text="Its first day.", unique=True)),
                ("made_at", models.DateTimeField()),
                ("dropped_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["month"],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="71b2db984cc87eb14986b1c264416b5d001f8292",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_c7701",
                            table="sla_alertmonth",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("mapping", "Columns to be named"),
                            ("checking", "Being checked"),
                            ("checked", "Checked, nothing imported yet"),
                            ("importing", "Being imported"),
                            ("imported", "Imported"),
                            ("undone", "Undone"),
                            ("left", "Left"),
                        ],
                        default="mapping",
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                (
                    "kind",
                    models.CharField(
                        choices=[("csv", "CSV"), ("jsonl", "JSON Lines"), ("parquet", "Parquet")], max_length=7
                    ),
                ),
                ("packed", models.BooleanField(default=False, help_text="The file is compressed by gzip.")),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("stored_as", models.CharField(max_length=100, unique=True)),
                ("uploaded_at", models.DateTimeField()),
                (
                    "columns",
                    models.JSONField(blank=True, default=dict, help_text="By what is needed, the head that has it."),
                ),
                ("zone", models.CharField(blank=True, max_length=60)),
                (
                    "repeated",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Refuse them"),
                            ("first", "They are of the first pass of the hour"),
                            ("second", "They are of the second pass of the hour"),
                        ],
                        default="",
                        max_length=6,
                    ),
                ),
                ("delay_unit", models.CharField(default="minutes", max_length=7)),
                ("phase", models.PositiveSmallIntegerField(default=0, help_text="The step that is to be done next.")),
                (
                    "position",
                    models.PositiveBigIntegerField(default=0, help_text="So far the file is read, in bytes or rows."),
                ),
                ("line", models.PositiveBigIntegerField(default=0, help_text="So far the file is read, in lines.")),
                ("rows", models.PositiveBigIntegerField(default=0)),
                ("good", models.PositiveBigIntegerField(default=0)),
                ("refused", models.PositiveBigIntegerField(default=0)),
                ("known", models.PositiveBigIntegerField(default=0)),
                (
                    "left_out",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="How many of `known` by the import that brought them; empty: the file itself.",
                    ),
                ),
                (
                    "later_heads",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Heads that no row at the file's beginning has, with the line of the first.",
                    ),
                ),
                ("first_received", models.DateTimeField(blank=True, null=True)),
                ("last_received", models.DateTimeField(blank=True, null=True)),
                ("begun_at", models.DateTimeField(blank=True, help_text="When the work at hand began.", null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("worker", models.CharField(blank=True, max_length=36)),
                ("trouble", models.TextField(blank=True, help_text="Why the work could not be done.")),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "without_refused",
                    models.BooleanField(default=False, help_text="Chosen on the dry run: the rest comes in."),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("imported_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rests_on",
                    models.ManyToManyField(
                        help_text="Imports that brought rows which this file has too.",
                        related_name="borne",
                        to="sla.alertimport",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("checking", "importing"))),
                        fields=["lease_until", "id"],
                        name="alert_imports_at_work",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("uploaded_at__isnull", False), ("uploaded_by__isnull", False)),
                            models.Q(("uploaded_at__isnull", True), ("uploaded_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="alert_import_uploaded_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                            models.Q(("confirmed_at__isnull", True), ("confirmed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="alert_import_confirmed_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                            models.Q(("undone_at__isnull", True), ("undone_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="alert_import_undone_at_and_by_go_together",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("mapping", "checking", "checked", "importing", "imported"))),
                        fields=("sha256",),
                        name="a_file_of_alerts_stands_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["checked", "importing", "imported"]), _negated=True),
                            (
                                "rows",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("good"), "+", models.F("refused")
                                    ),
                                    "+",
                                    models.F("known"),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="the_counts_of_an_alert_import_add_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["importing", "imported"]), _negated=True),
                            ("refused", 0),
                            ("without_refused", True),
                            _connector="OR",
                        ),
                        name="refused_alerts_are_left_out_by_choice",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("imported_at__isnull", False),
                            models.Q(("state__in", ["imported", "undone"]), _negated=True),
                            _connector="OR",
                        ),
                        name="an_imported_file_of_alerts_says_when",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="allowed_moves_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{mapping:checking,mapping:left,checking:checked,checking:mapping,checked:importing,checked:mapping,checked:left,importing:imported,importing:checked,imported:undone}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="b3f808477e2bd4284936e0816234be6d9d82df67",
                            operation="UPDATE",
                            pgid="pgtrigger_allowed_moves_only_e28c4",
                            table="sla_alertimport",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="01853778f99f2cd304b1b8fd6804d68118f27b62",
                            operation="INSERT OR DELETE",
                            pgid="pgtrigger_logged_0f136",
                            table="sla_alertimport",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="changes_logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."begun_at" IS DISTINCT FROM (NEW."begun_at") OR OLD."checked_at" IS DISTINCT FROM (NEW."checked_at") OR OLD."columns" IS DISTINCT FROM (NEW."columns") OR OLD."confirmed_at" IS DISTINCT FROM (NEW."confirmed_at") OR OLD."confirmed_by_id" IS DISTINCT FROM (NEW."confirmed_by_id") OR OLD."delay_unit" IS DISTINCT FROM (NEW."delay_unit") OR OLD."first_received" IS DISTINCT FROM (NEW."first_received") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."imported_at" IS DISTINCT FROM (NEW."imported_at") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."last_received" IS DISTINCT FROM (NEW."last_received") OR OLD."later_heads" IS DISTINCT FROM (NEW."later_heads") OR OLD."left_out" IS DISTINCT FROM (NEW."left_out") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."packed" IS DISTINCT FROM (NEW."packed") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."repeated" IS DISTINCT FROM (NEW."repeated") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."size" IS DISTINCT FROM (NEW."size") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."stored_as" IS DISTINCT FROM (NEW."stored_as") OR OLD."trouble" IS DISTINCT FROM (NEW."trouble") OR OLD."undone_at" IS DISTINCT FROM (NEW."undone_at") OR OLD."undone_by_id" IS DISTINCT FROM (NEW."undone_by_id") OR OLD."uploaded_at" IS DISTINCT FROM (NEW."uploaded_at") OR OLD."uploaded_by_id" IS DISTINCT FROM (NEW."uploaded_by_id") OR OLD."without_refused" IS DISTINCT FROM (NEW."without_refused") OR OLD."zone" IS DISTINCT FROM (NEW."zone"))',
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="e3fbd1d68868995f1a582c4ac4c1917dca18c95d",
                            operation="UPDATE",
                            pgid="pgtrigger_changes_logged_ce73a",
                            table="sla_alertimport",
                            when="AFTER",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(help_text="Its first day.")),
                ("rows", models.PositiveBigIntegerField(default=0)),
                ("first_received", models.DateTimeField(blank=True, null=True)),
                ("last_received", models.DateTimeField(blank=True, null=True)),
                ("dropped_at", models.DateTimeField(blank=True, help_text="By retention.", null=True)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="sla.alertimport"
                    ),
                ),
            ],
            options={
                "ordering": ["source", "month"],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "month"), name="one_table_for_an_import_and_month")
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertQuarter",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "customer", "start", "source", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("start", models.DateTimeField()),
                ("volume", models.IntegerField()),
                ("incidents", models.IntegerField()),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="entitlements.customer",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quarters",
                        to="sla.alertimport",
                    ),
                ),
            ],
            options={
                "ordering": ["customer", "start"],
            },
        ),
        migrations.CreateModel(
            name="AlertRefusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveBigIntegerField()),
                ("column", models.CharField(blank=True, max_length=60)),
                ("code", models.CharField(max_length=30)),
                ("sentence", models.CharField(max_length=300)),
                ("as_read", models.TextField(blank=True)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refusals", to="sla.alertimport"
                    ),
                ),
            ],
            options={
                "ordering": ["source", "line", "id"],
                "indexes": [models.Index(fields=["source", "line"], name="refused_alerts_in_order")],
            },
        ),
        migrations.CreateModel(
            name="AlertRestated",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "source", "line", "by", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line", models.BigIntegerField()),
                ("by_line", models.BigIntegerField()),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restates",
                        to="sla.alertimport",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restated",
                        to="sla.alertimport",
                    ),
                ),
            ],
            options={
                "ordering": ["source", "line"],
            },
        ),
        migrations.CreateModel(
            name="Cause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, unique=True)),
                ("title", models.CharField(max_length=200)),
                ("opened_at", models.DateTimeField()),
                ("fixed_at", models.DateTimeField(blank=True, null=True)),
                ("merged_at", models.DateTimeField(blank=True, null=True)),
                ("merge_reason", models.TextField(blank=True)),
                (
                    "fixed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "merged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="sla.cause",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-opened_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("opened_at__isnull", False), ("opened_by__isnull", False)),
                            models.Q(("opened_at__isnull", True), ("opened_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="cause_opened_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("fixed_at__isnull", False), ("fixed_by__isnull", False)),
                            models.Q(("fixed_at__isnull", True), ("fixed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="cause_fixed_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("merged_at__isnull", False), ("merged_by__isnull", False)),
                            models.Q(("merged_at__isnull", True), ("merged_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="cause_merged_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
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
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into__isnull", True),
                            models.Q(("merged_into", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="a_cause_is_not_merged_into_itself",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="2507de98bca11198a6e10881b8baedae1dcb92b4",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_fc3c7",
                            table="sla_cause",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Outage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, unique=True)),
                ("title", models.CharField(max_length=200)),
                (
                    "component",
                    models.CharField(
                        choices=[
                            ("incident_tracking", "Incident tracking"),
                            ("alerting", "Alerting"),
                            ("aiops", "AIOps"),
                            ("customer_service_ops", "Customer Service Ops"),
                            ("runbook_automation", "Runbook Automation"),
                            ("workflow_automation", "Workflow Automation"),
                        ],
                        default=sla.rules.components.Component["INCIDENT_TRACKING"],
                        help_text="Only incident tracking and alerting are the Service (S2).",
                        max_length=24,
                    ),
                ),
                (
                    "state",
                    models.CharField(
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
                ("recorded_at", models.DateTimeField()),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True, help_text="S13: it opens the way to a claim since then.", null=True
                    ),
                ),
                (
                    "cause",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="outages", to="sla.cause"
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-recorded_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("recorded_at__isnull", False), ("recorded_by__isnull", False)),
                            models.Q(("recorded_at__isnull", True), ("recorded_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="outage_recorded_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", False), ("published_by__isnull", False)),
                            models.Q(("published_at__isnull", True), ("published_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="outage_published_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="861927a96e83763fe5bb839ab5d0015dba9a96bc",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_d273d",
                            table="sla_outage",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="allowed_moves_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{investigating:identified,investigating:monitoring,investigating:resolved,identified:investigating,identified:monitoring,identified:resolved,monitoring:investigating,monitoring:identified,monitoring:resolved,resolved:investigating}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="daed54706a3cc324468ec259d62ae5c5d8589ac3",
                            operation="UPDATE",
                            pgid="pgtrigger_allowed_moves_only_f570f",
                            table="sla_outage",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="under_no_merged_cause",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n            IF NEW.cause_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.cause_id IS DISTINCT FROM OLD.cause_id) THEN\n                PERFORM 1 FROM sla_cause WHERE id = NEW.cause_id FOR KEY SHARE;\n                IF EXISTS (SELECT FROM sla_cause WHERE id = NEW.cause_id AND merged_into_id IS NOT NULL) THEN\n                    RAISE EXCEPTION 'nothing comes under a merged cause (%)', TG_TABLE_NAME USING\n                        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nothing_comes_under_a_merged_cause';\n                END IF;\n            END IF;\n            RETURN NEW;\n        ",
                            hash="1b4d4d63ecce15574e9d29828cd7581459376a02",
                            operation='INSERT OR UPDATE OF "cause_id"',
                            pgid="pgtrigger_under_no_merged_cause_68f46",
                            table="sla_outage",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Failure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("A", "The service was not available"), ("B", "An alert came late or not at all")],
                        max_length=1,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reported", "Reported"),
                            ("claimed", "Claim begun"),
                            ("closed", "Closed: not claimed in time"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="reported",
                        max_length=10,
                    ),
                ),
                ("began_at", models.DateTimeField(help_text="As the customer stated it; approximate is enough.")),
                (
                    "ended_at",
                    models.DateTimeField(blank=True, help_text="Empty: still going on, or not known.", null=True),
                ),
                ("description", models.TextField(blank=True)),
                (
                    "incident",
                    models.CharField(
                        blank=True, help_text="Number of the incident or event, for an alert.", max_length=100
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("phone", "Phone call"),
                            ("push", "Push notification"),
                            ("sms", "SMS"),
                            ("email", "E-mail"),
                        ],
                        max_length=8,
                    ),
                ),
                ("responder_country", models.CharField(blank=True, max_length=60)),
                ("configured_delay_minutes", models.PositiveIntegerField(default=0)),
                ("reported_at", models.DateTimeField(help_text="Receipt by the database's clock; nobody can set it.")),
                (
                    "reported_late",
                    models.BooleanField(default=False, help_text="More than 24 hours after it occurred: flagged only."),
                ),
                (
                    "found_by_us",
                    models.BooleanField(default=False, help_text="Put on record by a published outage, not reported."),
                ),
                (
                    "occurred_at",
                    models.DateTimeField(help_text="S5: when it became a failure; from our logs where they know it."),
                ),
                (
                    "closes_at",
                    models.DateTimeField(
                        help_text="S13: the first instant that is too late to claim. Never recomputed."
                    ),
                ),
                (
                    "remind_at",
                    models.DateTimeField(blank=True, help_text="T1: when the next reminder can be due.", null=True),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "told_times",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="How often the customer was written to about it by our logs."
                    ),
                ),
                (
                    "told_remedy",
                    models.DurationField(
                        blank=True, help_text="S8: as last told so; empty: it lasted then.", null=True
                    ),
                ),
                (
                    "form_key",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        help_text="Of the form that reported: sent twice, it reports once (X9).",
                        unique=True,
                    ),
                ),
                (
                    "cause",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="failures",
                        to="sla.cause",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="failures", to="entitlements.contract"
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "outage",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="failures",
                        to="sla.outage",
                    ),
                ),
            ],
            options={
                "ordering": ["-began_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "reported")),
                        fields=["closes_at", "id"],
                        name="claim_windows_running",
                    ),
                    models.Index(
                        condition=models.Q(("remind_at__isnull", False), ("state", "reported")),
                        fields=["remind_at", "id"],
                        name="failures_to_remind_of",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reported_at__isnull", False), ("reported_by__isnull", False)),
                            models.Q(("reported_at__isnull", True), ("reported_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="failure_reported_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("ended_at__gt", models.F("began_at")), _connector="OR"
                        ),
                        name="a_failure_ends_after_it_began",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("found_by_us", True)),
                        fields=("outage", "contract", "occurred_at"),
                        name="a_piece_of_an_outage_is_put_on_record_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("told_times__gt", 0), ("told_remedy__isnull", True), _connector="OR"),
                        name="what_was_told_was_written",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("closes_at__gt", models.F("occurred_at"))),
                        name="a_claim_window_ends_after_the_occurrence",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['description']::text[]); RETURN NULL;",
                            hash="609dd1fe5306377ae0ee12df9d173a85d2325b2c",
                            operation="INSERT OR DELETE",
                            pgid="pgtrigger_logged_3a98b",
                            table="sla_failure",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="changes_logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE acts jsonb := nullif(current_setting('makegood.event', true), '');",
                            func="\n    INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, part_of_id, \"table\", row_id, changes)\n    SELECT coalesce(act.happened_at, clock_timestamp()), lower(TG_OP), coalesce(act.matter, ''), act.actor_id, '', act.id,\n           TG_TABLE_NAME, row.after_or_before ->> 'id', differing.columns\n      FROM (SELECT *, coalesce(after, before) AS after_or_before FROM (SELECT to_jsonb(old_row), to_jsonb(new_row) FROM old_rows AS old_row FULL JOIN new_rows AS new_row USING (id)) AS pair(before, after) OFFSET 0) AS row\n     CROSS JOIN LATERAL\n           (SELECT jsonb_object_agg(coalesce(key, old_key), CASE WHEN coalesce(key, old_key) = ANY(ARRAY['description']::text[])\n                       THEN '\"changed\"'::jsonb ELSE jsonb_build_array(old_value, value) END) AS columns\n              FROM ROWS FROM (jsonb_each(before), jsonb_each(after)) AS one(old_key, old_value, key, value)\n             WHERE old_value IS DISTINCT FROM value AND NOT (TG_OP = 'INSERT' AND value = 'null')) AS differing\n      LEFT JOIN LATERAL\n           (SELECT * FROM entitlements_event WHERE id = act_of(acts, after_or_before) AND transaction = txid_current() OFFSET 0)\n           AS act ON true\n     WHERE differing.columns IS NOT NULL;\n    RETURN NULL;\n",
                            hash="07d2b800be699097f164e2031298a5c4c62b6c8f",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_changes_logged_1c3f8",
                            referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                            table="sla_failure",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="allowed_moves_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{reported:claimed,reported:closed,reported:withdrawn,claimed:reported,claimed:closed,closed:claimed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="17da32fd1d290e6b0f8b09e9182776abee5a8c22",
                            operation="UPDATE",
                            pgid="pgtrigger_allowed_moves_only_c787f",
                            table="sla_failure",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="under_no_merged_cause",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n            IF NEW.cause_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.cause_id IS DISTINCT FROM OLD.cause_id) THEN\n                PERFORM 1 FROM sla_cause WHERE id = NEW.cause_id FOR KEY SHARE;\n                IF EXISTS (SELECT FROM sla_cause WHERE id = NEW.cause_id AND merged_into_id IS NOT NULL) THEN\n                    RAISE EXCEPTION 'nothing comes under a merged cause (%)', TG_TABLE_NAME USING\n                        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nothing_comes_under_a_merged_cause';\n                END IF;\n            END IF;\n            RETURN NEW;\n        ",
                            hash="6ff46ccfeb04e24906487f706b0ab480e3064565",
                            operation='INSERT OR UPDATE OF "cause_id"',
                            pgid="pgtrigger_under_no_merged_cause_3377b",
                            table="sla_failure",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClaimFailure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "released_at",
                    models.DateTimeField(blank=True, help_text="Set when the claim ended without using it.", null=True),
                ),
                (
                    "failure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="claim_failures", to="sla.failure"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("released_at__isnull", True)),
                        fields=("failure",),
                        name="a_failure_is_in_one_live_claim",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="be5f377ae78af7f7e4edc2e79f63d76f83ba18e4",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_73868",
                            table="sla_claimfailure",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("in_review", "In review"),
                            ("information_requested", "Information requested"),
                            ("in_audit", "In audit"),
                            ("approved", "Approved"),
                            ("credited", "Credited"),
                            ("denied", "Denied"),
                            ("withdrawn", "Withdrawn"),
                            ("lapsed", "Lapsed"),
                            ("covered", "Covered"),
                        ],
                        default=sla.rules.lifecycle.ClaimState["DRAFT"],
                        max_length=22,
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("transactions", "Transactions that failed, one by one"),
                            ("rate", "The average rate of the three months before"),
                        ],
                        default="transactions",
                        max_length=12,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("saved_at", models.DateTimeField(help_text="When the draft was last changed.")),
                (
                    "closes_at",
                    models.DateTimeField(help_text="The end of the last of its failures' windows. Never recomputed."),
                ),
                (
                    "remind_at",
                    models.DateTimeField(blank=True, help_text="T1: when the next reminder can be due.", null=True),
                ),
                (
                    "sends_itself",
                    models.BooleanField(
                        default=True,
                        help_text="A complete draft is sent one hour before its deadline.",
                        verbose_name="send by itself",
                    ),
                ),
                (
                    "sends_itself_at",
                    models.DateTimeField(blank=True, help_text="S13: set while the draft is complete.", null=True),
                ),
                ("contact_name", models.CharField(blank=True, max_length=200)),
                ("contact_email", models.EmailField(blank=True, max_length=254)),
                ("contact_phone", models.CharField(blank=True, max_length=60)),
                ("audit_consent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "expenses_basis",
                    models.TextField(blank=True, help_text="S9: how the customer worked the expenses out."),
                ),
                (
                    "affected_systems",
                    models.BooleanField(help_text="S9 (i): all of it went through the affected systems.", null=True),
                ),
                (
                    "other_system_down",
                    models.BooleanField(help_text="S9 (ii): some needed a system that was down anyway.", null=True),
                ),
                (
                    "repair_costs",
                    models.BooleanField(
                        help_text="S9 (iii): some of it is what a repair or substitute cost.", null=True
                    ),
                ),
                ("declared_at", models.DateTimeField(blank=True, null=True)),
                (
                    "received_at",
                    models.DateTimeField(blank=True, help_text="Receipt by the database's clock (S13).", null=True),
                ),
                (
                    "received_by_the_clock",
                    models.BooleanField(default=False, help_text="The complete draft sent itself."),
                ),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                (
                    "closed_at",
                    models.DateTimeField(
                        blank=True, help_text="Of a lapse: its deadline, however late the clock ran.", null=True
                    ),
                ),
                (
                    "audit_consent_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cause",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="sla.cause",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="claims", to="entitlements.contract"
                    ),
                ),
                (
                    "declared_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "failures",
                    models.ManyToManyField(related_name="claims", through="sla.ClaimFailure", to="sla.failure"),
                ),
            ],
            options={
                "ordering": ["-opened_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "draft")), fields=["closes_at", "id"], name="drafts_running"
                    ),
                    models.Index(
                        condition=models.Q(("remind_at__isnull", False), ("state", "draft")),
                        fields=["remind_at", "id"],
                        name="drafts_to_remind_of",
                    ),
                    models.Index(
                        condition=models.Q(("sends_itself_at__isnull", False), ("state", "draft")),
                        fields=["sends_itself_at", "id"],
                        name="drafts_that_send_themselves",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state__in", ["submitted", "in_review", "information_requested", "in_audit"])
                        ),
                        fields=["received_at", "id"],
                        name="claims_to_decide",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("opened_at__isnull", False), ("opened_by__isnull", False)),
                            models.Q(("opened_at__isnull", True), ("opened_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="claim_opened_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("audit_consent_at__isnull", False), ("audit_consent_by__isnull", False)),
                            models.Q(("audit_consent_at__isnull", True), ("audit_consent_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="claim_audit_consent_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("declared_at__isnull", False), ("declared_by__isnull", False)),
                            models.Q(("declared_at__isnull", True), ("declared_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="claim_declared_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("taken_at__isnull", False), ("taken_by__isnull", False)),
                            models.Q(("taken_at__isnull", True), ("taken_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="claim_taken_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["draft", "lapsed", "withdrawn", "covered"]),
                            ("received_at__isnull", False),
                            _connector="OR",
                        ),
                        name="a_claim_under_way_has_its_receipt",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("received_at__isnull", True), ("received_at__lt", models.F("closes_at")), _connector="OR"
                        ),
                        name="a_claim_is_received_before_its_window_ends",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['contact_name', 'contact_email', 'contact_phone', 'expenses_basis']::text[]); RETURN NULL;",
                            hash="b2b3a79233ad963c35ec7d92012f2a7776c189fb",
                            operation="INSERT OR DELETE",
                            pgid="pgtrigger_logged_9fa32",
                            table="sla_claim",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="changes_logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE acts jsonb := nullif(current_setting('makegood.event', true), '');",
                            func="\n    INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, part_of_id, \"table\", row_id, changes)\n    SELECT coalesce(act.happened_at, clock_timestamp()), lower(TG_OP), coalesce(act.matter, ''), act.actor_id, '', act.id,\n           TG_TABLE_NAME, row.after_or_before ->> 'id', differing.columns\n      FROM (SELECT *, coalesce(after, before) AS after_or_before FROM (SELECT to_jsonb(old_row), to_jsonb(new_row) FROM old_rows AS old_row FULL JOIN new_rows AS new_row USING (id)) AS pair(before, after) OFFSET 0) AS row\n     CROSS JOIN LATERAL\n           (SELECT jsonb_object_agg(coalesce(key, old_key), CASE WHEN coalesce(key, old_key) = ANY(ARRAY['contact_name', 'contact_email', 'contact_phone', 'expenses_basis']::text[])\n                       THEN '\"changed\"'::jsonb ELSE jsonb_build_array(old_value, value) END) AS columns\n              FROM ROWS FROM (jsonb_each(before), jsonb_each(after)) AS one(old_key, old_value, key, value)\n             WHERE old_value IS DISTINCT FROM value AND NOT (TG_OP = 'INSERT' AND value = 'null')) AS differing\n      LEFT JOIN LATERAL\n           (SELECT * FROM entitlements_event WHERE id = act_of(acts, after_or_before) AND transaction = txid_current() OFFSET 0)\n           AS act ON true\n     WHERE differing.columns IS NOT NULL;\n    RETURN NULL;\n",
                            hash="c110cba140031ffa50b67e8550e2f3673e963fac",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_changes_logged_cbd4d",
                            referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                            table="sla_claim",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="allowed_moves_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{draft:submitted,draft:lapsed,draft:withdrawn,draft:covered,submitted:in_review,submitted:withdrawn,submitted:covered,in_review:information_requested,in_review:in_audit,in_review:approved,in_review:denied,in_review:withdrawn,in_review:covered,information_requested:in_review,information_requested:withdrawn,information_requested:covered,in_audit:in_review,in_audit:withdrawn,in_audit:covered,approved:credited,approved:covered,credited:covered,denied:in_review,lapsed:submitted}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="5ae09e602c34615f9ad7a6ef760b5fe8a69e92d6",
                            operation="UPDATE",
                            pgid="pgtrigger_allowed_moves_only_f8e40",
                            table="sla_claim",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="under_no_merged_cause",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n            IF NEW.cause_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.cause_id IS DISTINCT FROM OLD.cause_id) THEN\n                PERFORM 1 FROM sla_cause WHERE id = NEW.cause_id FOR KEY SHARE;\n                IF EXISTS (SELECT FROM sla_cause WHERE id = NEW.cause_id AND merged_into_id IS NOT NULL) THEN\n                    RAISE EXCEPTION 'nothing comes under a merged cause (%)', TG_TABLE_NAME USING\n                        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nothing_comes_under_a_merged_cause';\n                END IF;\n            END IF;\n            RETURN NEW;\n        ",
                            hash="3793757461be5367acce6eecb1d32a987651e316",
                            operation='INSERT OR UPDATE OF "cause_id"',
                            pgid="pgtrigger_under_no_merged_cause_19231",
                            table="sla_claim",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Downtime",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("source", models.CharField(help_text="Which log, and which lines of it.", max_length=200)),
                (
                    "source_file",
                    models.CharField(
                        blank=True, help_text="The file that was handed in; empty: typed.", max_length=200
                    ),
                ),
                (
                    "source_line",
                    models.PositiveIntegerField(blank=True, help_text="Its line in what was handed in.", null=True),
                ),
                ("source_sha256", models.CharField(blank=True, max_length=64)),
                ("recorded_at", models.DateTimeField()),
                (
                    "withdrawn_at",
                    models.DateTimeField(
                        blank=True, help_text="It should not have been recorded: why, see there.", null=True
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="downtimes",
                        to="entitlements.customer",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="downtimes", to="sla.outage"
                    ),
                ),
            ],
            options={
                "ordering": ["during", "id"],
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        fields=["customer", "during"], name="downtime_of_a_customer"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("during__startswith__isnull", False), ("during__isempty", False)),
                        name="downtime_has_a_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("source_file", ""), ("source_sha256", "")),
                            models.Q(
                                models.Q(("source_file", ""), _negated=True),
                                models.Q(("source_sha256", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_log_file_has_its_hash",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("recorded_at__isnull", False), ("recorded_by__isnull", False)),
                            models.Q(("recorded_at__isnull", True), ("recorded_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="downtime_recorded_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                            models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="downtime_withdrawn_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="252c0864608ad7caa6b4a306c35e86e6f63a42ca",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_ab255",
                            table="sla_downtime",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("was", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                (
                    "becomes",
                    django.contrib.postgres.fields.ranges.DateTimeRangeField(
                        blank=True, help_text="Empty: the interval was withdrawn.", null=True
                    ),
                ),
                ("reason", models.TextField()),
                ("corrected_at", models.DateTimeField()),
                (
                    "corrected_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "downtime",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="sla.downtime"
                    ),
                ),
            ],
            options={
                "ordering": ["-corrected_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("corrected_at__isnull", False), ("corrected_by__isnull", False)),
                            models.Q(("corrected_at__isnull", True), ("corrected_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="correction_corrected_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="a_correction_says_why"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("becomes__isnull", True),
                            models.Q(("becomes", models.F("was")), _negated=True),
                            _connector="OR",
                        ),
                        name="a_correction_changes_something",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="3f0dcc63426e71d0b948ea3ec0eeac4b8c2a81b5",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_f383f",
                            table="sla_correction",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TermsEdition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                ("drafted_at", models.DateTimeField()),
                ("proposed_at", models.DateTimeField(blank=True, null=True)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                (
                    "turn",
                    models.PositiveIntegerField(
                        db_default=0,
                        default=0,
                        editable=False,
                        help_text="Raised with every change: what was read of a draft stands as long as the turn does.",
                    ),
                ),
                (
                    "valid_from",
                    models.DateField(help_text="Judges what occurs on this local day or later (S1).", unique=True),
                ),
                (
                    "outage_minutes",
                    models.PositiveSmallIntegerField(
                        help_text="S2: from how many minutes on it is an Availability Outage."
                    ),
                ),
                (
                    "outage_deduction_minutes",
                    models.PositiveSmallIntegerField(help_text="S8: taken off an outage's remedy period."),
                ),
                (
                    "delivery_limit_minutes",
                    models.PositiveSmallIntegerField(help_text="S5: an alert is late after this many minutes."),
                ),
                (
                    "maintenance_minutes_a_month",
                    models.PositiveSmallIntegerField(help_text="S3: the month's allowance."),
                ),
                (
                    "emergency_reason_hours",
                    models.PositiveSmallIntegerField(help_text="S3: an emergency's reason is recorded within."),
                ),
                (
                    "volume_multiple",
                    models.PositiveSmallIntegerField(help_text="S7: times the median; more than this is excluded."),
                ),
                ("volume_months", models.PositiveSmallIntegerField(help_text="S7: how far back the median looks.")),
                (
                    "volume_quarter_minutes",
                    models.PositiveSmallIntegerField(help_text="S7: the length of the periods compared."),
                ),
                ("rate_months", models.PositiveSmallIntegerField(help_text="S10: how far back the rate looks.")),
                (
                    "fee_months",
                    models.PositiveSmallIntegerField(help_text="S11: the months that annual fees average over."),
                ),
                ("fee_multiple", models.PositiveSmallIntegerField(help_text="S11: times annual fees.")),
                ("credit_cap", models.DecimalField(decimal_places=2, help_text="S11: the cap.", max_digits=14)),
                ("credit_cap_currency", models.CharField(max_length=3)),
                ("credit_cap_scope", models.CharField(help_text="S11: what the cap is for.", max_length=40)),
                (
                    "report_flag_hours",
                    models.PositiveSmallIntegerField(help_text="S13: a report later than this is flagged."),
                ),
                ("claim_days", models.PositiveSmallIntegerField(help_text="S13: days to claim.")),
                ("election_days", models.PositiveSmallIntegerField(help_text="S16: days to elect.")),
                (
                    "stay_reduction_percent",
                    models.DecimalField(decimal_places=6, help_text="S17: off the fee.", max_digits=9),
                ),
                (
                    "notice_business_days",
                    models.PositiveSmallIntegerField(help_text="S15: ahead of planned maintenance."),
                ),
                ("deciding_logs", models.JSONField(help_text="S4: the log that decides, by channel.")),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-valid_from"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("drafted_at__isnull", False), ("drafted_by__isnull", False)),
                            models.Q(("drafted_at__isnull", True), ("drafted_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="terms_drafted_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("proposed_at__isnull", False), ("proposed_by__isnull", False)),
                            models.Q(("proposed_at__isnull", True), ("proposed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="terms_proposed_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", False), ("published_by__isnull", False)),
                            models.Q(("published_at__isnull", True), ("published_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="terms_published_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="787a205690288f10eb34b5b128b8e819ce2ace5e",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_adbc0",
                            table="sla_termsedition",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="locked_once_published_at",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."published_at" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="34ba299dff3e29b597f687cd07c5b62fe48075c0",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_locked_once_published_at_31238",
                            table="sla_termsedition",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="stays_as_proposed",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n            IF OLD.proposed_at IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.proposed_at IS NOT NULL AND\n               to_jsonb(OLD) - ARRAY['published_at', 'published_by_id', 'turn'] <> to_jsonb(NEW) - ARRAY['published_at', 'published_by_id', 'turn']) THEN\n                RAISE EXCEPTION 'a proposed edition stays as it was proposed (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                            hash="dcf59af8f8e250698653fb99be411289967069ad",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_stays_as_proposed_a22d9",
                            table="sla_termsedition",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("outcome", models.CharField(choices=[("approve", "Approve"), ("deny", "Deny")], max_length=8)),
                ("grounds", models.TextField(help_text="For the customer: why, naming the clauses of a denial.")),
                ("claimed", models.DecimalField(decimal_places=2, max_digits=24)),
                ("assessed", models.DecimalField(decimal_places=2, max_digits=24)),
                ("capped", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ("credited", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                (
                    "bound",
                    models.CharField(blank=True, help_text="Which of the three bounds it is (S11).", max_length=10),
                ),
                ("working", models.JSONField(help_text="The working as it stood: every step with its figures.")),
                ("proposed_at", models.DateTimeField()),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                ("return_reason", models.TextField(blank=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cause",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sla.cause",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="proposals", to="sla.claim"
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "returned_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sla.termsedition"
                    ),
                ),
            ],
            options={
                "ordering": ["-proposed_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("proposed_at__isnull", False), ("proposed_by__isnull", False)),
                            models.Q(("proposed_at__isnull", True), ("proposed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="proposal_proposed_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                            models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="proposal_approved_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("returned_at__isnull", False), ("returned_by__isnull", False)),
                            models.Q(("returned_at__isnull", True), ("returned_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="proposal_returned_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by__isnull", True),
                            models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="who_approves_is_never_who_proposed",
                        violation_error_message="You proposed this decision. Somebody else has to approve it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_at__isnull", True), ("returned_at__isnull", True), _connector="OR"
                        ),
                        name="approved_or_returned_not_both",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "approve"), _negated=True),
                            models.Q(("capped__isnull", False), ("cause__isnull", False), ("credited__isnull", False)),
                            _connector="OR",
                        ),
                        name="an_approval_has_its_amount_and_cause",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credited__isnull", True), ("credited__lte", models.F("capped")), _connector="OR"
                        ),
                        name="credited_is_within_the_bounds",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("approved_at__isnull", True), ("returned_at__isnull", True)),
                        fields=("claim",),
                        name="one_proposal_waits_for_a_claim",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['working']::text[]); RETURN NULL;",
                            hash="585492c32f439a553812bc3815716a5a70102436",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_ae80a",
                            table="sla_proposal",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="locked_once_approved_at",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."approved_at" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="038eaab2c0106714c39966f900c3bd64341fd1af",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_locked_once_approved_at_371e6",
                            table="sla_proposal",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="the_others_stay",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."claim_id" IS DISTINCT FROM (NEW."claim_id") OR OLD."outcome" IS DISTINCT FROM (NEW."outcome") OR OLD."grounds" IS DISTINCT FROM (NEW."grounds") OR OLD."claimed" IS DISTINCT FROM (NEW."claimed") OR OLD."assessed" IS DISTINCT FROM (NEW."assessed") OR OLD."capped" IS DISTINCT FROM (NEW."capped") OR OLD."credited" IS DISTINCT FROM (NEW."credited") OR OLD."bound" IS DISTINCT FROM (NEW."bound") OR OLD."edition_id" IS DISTINCT FROM (NEW."edition_id") OR OLD."cause_id" IS DISTINCT FROM (NEW."cause_id") OR OLD."working" IS DISTINCT FROM (NEW."working") OR OLD."proposed_at" IS DISTINCT FROM (NEW."proposed_at") OR OLD."proposed_by_id" IS DISTINCT FROM (NEW."proposed_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="63485cb7f0b579d3fcb57ee944a8050d0483c9da",
                            operation="UPDATE",
                            pgid="pgtrigger_the_others_stay_ffd08",
                            table="sla_proposal",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Credit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, unique=True)),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "cause",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="credits", to="sla.cause"
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="credits", to="sla.claim"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="credits", to="entitlements.customer"
                    ),
                ),
                (
                    "voided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="credit", to="sla.proposal"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("voided_at__isnull", True)),
                        fields=("customer", "cause"),
                        name="one_credit_for_a_single_cause",
                        violation_error_message="This customer already has a credit for the same cause.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("voided_at__isnull", False), ("voided_by__isnull", False)),
                            models.Q(("voided_at__isnull", True), ("voided_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="credit_voided_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="ce9350bbce56b99786c9c7c90eba42e89691e9c3",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_42485",
                            table="sla_credit",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="under_no_merged_cause",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n            IF NEW.cause_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.cause_id IS DISTINCT FROM OLD.cause_id) THEN\n                PERFORM 1 FROM sla_cause WHERE id = NEW.cause_id FOR KEY SHARE;\n                IF EXISTS (SELECT FROM sla_cause WHERE id = NEW.cause_id AND merged_into_id IS NOT NULL) THEN\n                    RAISE EXCEPTION 'nothing comes under a merged cause (%)', TG_TABLE_NAME USING\n                        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nothing_comes_under_a_merged_cause';\n                END IF;\n            END IF;\n            RETURN NEW;\n        ",
                            hash="08988010931ded651929c75bf92ac9bf2cd7bb39",
                            operation='INSERT OR UPDATE OF "cause_id"',
                            pgid="pgtrigger_under_no_merged_cause_8adbe",
                            table="sla_credit",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("grant", "Granted"),
                            ("application", "Applied to an invoice"),
                            ("reversal", "Reversed"),
                            ("correction", "Corrected"),
                        ],
                        max_length=12,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("currency", models.CharField(max_length=3)),
                ("posted_at", models.DateTimeField()),
                ("note", models.TextField(blank=True)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "approved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="sla.creditentry",
                    ),
                ),
                (
                    "credit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="sla.credit"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_entries",
                        to="entitlements.customer",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "credit entries",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                        name="a_credit_entry_needs_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "grant"), ("amount__gte", 0)),
                            models.Q(("kind", "grant"), _negated=True),
                            _connector="OR",
                        ),
                        name="a_grant_is_not_negative",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "grant")), fields=("credit",), name="a_credit_is_granted_once"
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="2b0745d3fe9f084110e59e7766bb8f197518f96c",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_f6b62",
                            table="sla_creditentry",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, unique=True)),
                (
                    "what",
                    models.CharField(
                        choices=[("report", "A report of a failure"), ("claim", "A claim, with what was lost")],
                        max_length=6,
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[("letter", "By letter"), ("email", "By e-mail"), ("call", "By telephone")],
                        max_length=6,
                    ),
                ),
                ("sender", models.CharField(help_text="Who wrote or called, and for whom.", max_length=200)),
                (
                    "arrived_at",
                    models.DateTimeField(help_text="The recorded arrival: the receipt, once it is confirmed."),
                ),
                ("note", models.TextField(blank=True, help_text="Of a call: what was said.")),
                (
                    "kind",
                    models.CharField(
                        choices=[("A", "The service was not available"), ("B", "An alert came late or not at all")],
                        max_length=1,
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("description", models.TextField(blank=True)),
                ("contact_name", models.CharField(blank=True, max_length=200)),
                ("contact_email", models.EmailField(blank=True, max_length=254)),
                (
                    "lines",
                    models.JSONField(default=list, help_text="S9: the lost transactions as the document has them."),
                ),
                ("original_name", models.CharField(blank=True, max_length=255)),
                ("stored_as", models.CharField(blank=True, max_length=80)),
                ("file_kind", models.CharField(blank=True, max_length=10)),
                ("size", models.PositiveIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("flag", models.CharField(blank=True, max_length=200)),
                ("entered_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                ("return_reason", models.TextField(blank=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="entitlements.contract"
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "made_claim",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="came_as",
                        to="sla.claim",
                    ),
                ),
                (
                    "returned_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "failure",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: a new one.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="sla.failure",
                    ),
                ),
                (
                    "made_failure",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="came_as",
                        to="sla.failure",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "entries",
                "ordering": ["-entered_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("entered_at__isnull", False), ("entered_by__isnull", False)),
                            models.Q(("entered_at__isnull", True), ("entered_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="entry_entered_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                            models.Q(("confirmed_at__isnull", True), ("confirmed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="entry_confirmed_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("returned_at__isnull", False), ("returned_by__isnull", False)),
                            models.Q(("returned_at__isnull", True), ("returned_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="entry_returned_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            models.Q(("confirmed_by", models.F("entered_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="who_confirms_is_never_who_entered",
                        violation_error_message="You entered this. Somebody else has to confirm it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_at__isnull", True), ("returned_at__isnull", True), _connector="OR"
                        ),
                        name="confirmed_or_returned_not_both",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("arrived_at__lte", models.F("entered_at"))),
                        name="it_arrived_before_it_is_entered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stored_as", ""), ("way__in", ["letter", "email"]), _negated=True),
                            models.Q(("note", ""), ("way", "call"), _negated=True),
                        ),
                        name="an_entry_has_its_document_or_what_was_said",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("what", "report"), models.Q(("way", "call"), _negated=True), _connector="OR"
                        ),
                        name="a_claim_is_made_in_writing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_at__isnull", True),
                                ("made_claim__isnull", True),
                                ("made_failure__isnull", True),
                            ),
                            models.Q(
                                ("confirmed_at__isnull", False), ("made_failure__isnull", False), ("what", "report")
                            ),
                            models.Q(("confirmed_at__isnull", False), ("made_claim__isnull", False), ("what", "claim")),
                            _connector="OR",
                        ),
                        name="what_is_confirmed_says_what_came_of_it",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['sender', 'note', 'description', 'contact_name', 'contact_email', 'original_name', 'lines']::text[]); RETURN NULL;",
                            hash="df4287024731f520cda1bcf837fbc489aea18ae8",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_b12c5",
                            table="sla_entry",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="locked_once_confirmed_at",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."confirmed_at" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="6058c298676452450ea6a91e6ee508b41be952f3",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_locked_once_confirmed_at_50637",
                            table="sla_entry",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="locked_once_returned_at",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."returned_at" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="0247eaa9bebc3d6f122bd94d5ceaeecdfbec7ce8",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_locked_once_returned_at_0de71",
                            table="sla_entry",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="the_others_stay",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."contract_id" IS DISTINCT FROM (NEW."contract_id") OR OLD."what" IS DISTINCT FROM (NEW."what") OR OLD."way" IS DISTINCT FROM (NEW."way") OR OLD."sender" IS DISTINCT FROM (NEW."sender") OR OLD."arrived_at" IS DISTINCT FROM (NEW."arrived_at") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."failure_id" IS DISTINCT FROM (NEW."failure_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."began_at" IS DISTINCT FROM (NEW."began_at") OR OLD."ended_at" IS DISTINCT FROM (NEW."ended_at") OR OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."contact_name" IS DISTINCT FROM (NEW."contact_name") OR OLD."contact_email" IS DISTINCT FROM (NEW."contact_email") OR OLD."lines" IS DISTINCT FROM (NEW."lines") OR OLD."original_name" IS DISTINCT FROM (NEW."original_name") OR OLD."stored_as" IS DISTINCT FROM (NEW."stored_as") OR OLD."file_kind" IS DISTINCT FROM (NEW."file_kind") OR OLD."size" IS DISTINCT FROM (NEW."size") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."flag" IS DISTINCT FROM (NEW."flag") OR OLD."entered_at" IS DISTINCT FROM (NEW."entered_at") OR OLD."entered_by_id" IS DISTINCT FROM (NEW."entered_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="336fe2bcca28d55ee7bda903453fdd6fbaf9ff79",
                            operation="UPDATE",
                            pgid="pgtrigger_the_others_stay_cd5f3",
                            table="sla_entry",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(help_text="What the document shows, in your words.", max_length=200)),
                ("original_name", models.CharField(max_length=255)),
                ("stored_as", models.CharField(max_length=80, unique=True)),
                ("kind", models.CharField(max_length=10)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "scan",
                    models.CharField(
                        choices=[
                            ("unscanned", "Not scanned"),
                            ("waiting", "Waiting for its scan"),
                            ("clean", "Clean"),
                            ("refused", "Refused"),
                        ],
                        default="unscanned",
                        max_length=10,
                    ),
                ),
                (
                    "scanned_at",
                    models.DateTimeField(blank=True, help_text="When a scanner gave its verdict.", null=True),
                ),
                (
                    "flag",
                    models.CharField(
                        blank=True, help_text="Encrypted or damaged: counts, and is flagged at once.", max_length=200
                    ),
                ),
                ("uploaded_at", models.DateTimeField()),
                ("later", models.BooleanField(default=False, help_text="Added after the claim was sent.")),
                (
                    "asked_for",
                    models.BooleanField(default=False, help_text="Added while we waited for what we had asked for."),
                ),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="sla.claim"
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "evidence",
                "ordering": ["uploaded_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("scan", "waiting")), fields=["uploaded_at", "id"], name="files_to_scan"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("uploaded_at__isnull", False), ("uploaded_by__isnull", False)),
                            models.Q(("uploaded_at__isnull", True), ("uploaded_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="evidence_uploaded_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                            models.Q(("removed_at__isnull", True), ("removed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="evidence_removed_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("scan__in", ["clean", "refused"]), ("scanned_at__isnull", False)),
                            models.Q(("scan__in", ["unscanned", "waiting"]), ("scanned_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="a_scan_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("asked_for", False), ("later", True), _connector="OR"),
                        name="what_was_asked_for_came_later",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['label', 'original_name']::text[]); RETURN NULL;",
                            hash="864c7dfbcf479ed90c24c9183f5bc4694b209044",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_acfca",
                            table="sla_evidence",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Examination",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("i", "Customer's own telecommunications, internet provider or e-mail domain"),
                            ("ii", "Force majeure"),
                            ("iii", "Systemic internet failure"),
                            ("vi", "Customer responsibility"),
                            ("vii", "Provider of the push channel"),
                            ("viii", "Another cause outside the vendor's control"),
                        ],
                        max_length=4,
                    ),
                ),
                ("note", models.TextField(help_text="What was looked at.")),
                ("examined_at", models.DateTimeField()),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="examinations", to="sla.claim"
                    ),
                ),
                (
                    "examined_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-examined_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("examined_at__isnull", False), ("examined_by__isnull", False)),
                            models.Q(("examined_at__isnull", True), ("examined_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="examination_examined_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("note", ""), _negated=True), name="an_examination_says_what_was_looked_at"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["i", "ii", "iii", "vi", "vii", "viii"])),
                        name="only_what_is_found_by_people_is_examined",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="4354d8bc1b94f5f52aff3b13a4870e1a9a202ca1",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_356ed",
                            table="sla_examination",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FindingDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255)),
                ("kind", models.CharField(max_length=10)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("stored_as", models.CharField(max_length=80, unique=True)),
                (
                    "flag",
                    models.CharField(blank=True, help_text="Encrypted or damaged: kept, and said.", max_length=200),
                ),
                ("uploaded_at", models.DateTimeField()),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("uploaded_at__isnull", False), ("uploaded_by__isnull", False)),
                            models.Q(("uploaded_at__isnull", True), ("uploaded_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="finding_document_uploaded_at_and_by_go_together",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="c06c8ff4a4514e2d09c60625286d8223fff85c8f",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_0a965",
                            table="sla_findingdocument",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("i", "Customer's own telecommunications, internet provider or e-mail domain"),
                            ("ii", "Force majeure"),
                            ("iii", "Systemic internet failure"),
                            ("vi", "Customer responsibility"),
                            ("vii", "Provider of the push channel"),
                            ("viii", "Another cause outside the vendor's control"),
                        ],
                        max_length=4,
                    ),
                ),
                (
                    "detail",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("government", "Act or order of a government"),
                            ("labor", "Labor dispute or stoppage"),
                            ("disaster", "Natural disaster or fire"),
                            ("war", "War, terrorism or civil disorder"),
                            ("provider", "Telecommunications or services provider"),
                            ("beyond_control", "Other cause beyond reasonable control"),
                            ("configuration", "Configuration and use according to the documentation"),
                            ("procedure", "Procedure in communicating the incident"),
                            ("contacts", "Contact information kept up to date"),
                        ],
                        max_length=16,
                    ),
                ),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="from–to")),
                ("statement", models.TextField(help_text="Customers read it.")),
                ("evidence", models.CharField(help_text="What the document shows, or where in it.", max_length=300)),
                (
                    "rests_on",
                    models.CharField(
                        blank=True, help_text="Of (vi): by which document the customer had to act.", max_length=300
                    ),
                ),
                (
                    "state_then",
                    models.TextField(blank=True, help_text="Of (vi): how that document, and what it asks, stood then."),
                ),
                ("everybody", models.BooleanField(default=False, verbose_name="concerns all customers")),
                ("channel", models.CharField(blank=True, help_text="Only alerts by it.", max_length=20)),
                (
                    "incident",
                    models.CharField(blank=True, help_text="Only alerts of it, as the log has it.", max_length=200),
                ),
                ("found_at", models.DateTimeField()),
                ("reason", models.TextField(blank=True, help_text="Of a correction: why it is another.")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_reason", models.TextField(blank=True)),
                (
                    "form_key",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        help_text="Of the form that recorded it: sent twice, once (X9).",
                        unique=True,
                    ),
                ),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="sla.finding",
                    ),
                ),
                (
                    "found_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="sla.findingdocument"
                    ),
                ),
                (
                    "outage",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="sla.outage",
                    ),
                ),
            ],
            options={
                "ordering": ["-found_at", "-id"],
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=["during"],
                        name="findings_that_stand",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("found_at__isnull", False), ("found_by__isnull", False)),
                            models.Q(("found_at__isnull", True), ("found_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="finding_found_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                            models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="finding_withdrawn_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("during__isempty", False),
                            ("during__lower_inf", False),
                            ("during__upper_inf", False),
                            ("during__lower_inc", True),
                            ("during__upper_inc", False),
                        ),
                        name="a_finding_has_a_from_and_a_to",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["i", "ii", "iii", "vi", "vii", "viii"])),
                        name="maintenance_and_volume_are_computed_not_found",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "detail__in",
                                    ["government", "labor", "disaster", "war", "provider", "beyond_control"],
                                ),
                                ("kind", "ii"),
                            ),
                            models.Q(("detail__in", ["configuration", "procedure", "contacts"]), ("kind", "vi")),
                            models.Q(models.Q(("kind__in", ["ii", "vi"]), _negated=True), ("detail", "")),
                            _connector="OR",
                        ),
                        name="force_majeure_and_responsibility_say_which",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("statement", ""), _negated=True), models.Q(("evidence", ""), _negated=True)
                        ),
                        name="no_finding_is_silent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "vi"),
                                models.Q(("rests_on", ""), _negated=True),
                                models.Q(("state_then", ""), _negated=True),
                            ),
                            models.Q(models.Q(("kind", "vi"), _negated=True), ("rests_on", ""), ("state_then", "")),
                            _connector="OR",
                        ),
                        name="a_responsibility_has_its_document_and_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "vii"), _negated=True), ("channel", "push"), _connector="OR"
                        ),
                        name="a_failure_of_push_is_of_the_push_channel",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outage__isnull", True), models.Q(("channel", ""), ("incident", "")), _connector="OR"
                        ),
                        name="a_finding_is_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("incident", ""), ("everybody", False), _connector="OR"),
                        name="an_incident_is_of_named_customers",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("corrects__isnull", True), ("reason", "")),
                            models.Q(("corrects__isnull", False), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="a_corrected_finding_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at__isnull", True), ("withdrawn_reason", "")),
                            models.Q(
                                ("withdrawn_at__isnull", False), models.Q(("withdrawn_reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="a_withdrawn_finding_says_why",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="f72b200de173d02767e67eb4651509f4500ad78e",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_99b18",
                            table="sla_finding",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="the_others_stay",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."detail" IS DISTINCT FROM (NEW."detail") OR OLD."during" IS DISTINCT FROM (NEW."during") OR OLD."statement" IS DISTINCT FROM (NEW."statement") OR OLD."evidence" IS DISTINCT FROM (NEW."evidence") OR OLD."document_id" IS DISTINCT FROM (NEW."document_id") OR OLD."rests_on" IS DISTINCT FROM (NEW."rests_on") OR OLD."state_then" IS DISTINCT FROM (NEW."state_then") OR OLD."everybody" IS DISTINCT FROM (NEW."everybody") OR OLD."outage_id" IS DISTINCT FROM (NEW."outage_id") OR OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."incident" IS DISTINCT FROM (NEW."incident") OR OLD."found_at" IS DISTINCT FROM (NEW."found_at") OR OLD."found_by_id" IS DISTINCT FROM (NEW."found_by_id") OR OLD."corrects_id" IS DISTINCT FROM (NEW."corrects_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."form_key" IS DISTINCT FROM (NEW."form_key"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="58cb80f3167d19d100da1bfcf26ea4e411e1edd2",
                            operation="UPDATE",
                            pgid="pgtrigger_the_others_stay_4db06",
                            table="sla_finding",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="locked_once_withdrawn_at",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."withdrawn_at" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="ea05937eb0e915964c80a2c257690fa1f8714c97",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_locked_once_withdrawn_at_1f3fd",
                            table="sla_finding",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FindingCustomer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="entitlements.customer"
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="named", to="sla.finding"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("finding", "customer"), name="a_finding_names_a_customer_once")
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="5ad7c2d20484715460725fd67bd96ebc688592fe",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_5abaf",
                            table="sla_findingcustomer",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FoundOtherwise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField(help_text="Of the log.")),
                ("received_at", models.DateTimeField(help_text="When the trigger of the alert was received.")),
                ("reason", models.TextField(help_text="Why the outage is not its cause, and what shows it.")),
                ("found_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="entitlements.customer"
                    ),
                ),
                (
                    "found_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sla.alertimport"
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["found_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=["customer", "received_at"],
                        name="found_against_outages",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("source", "line"),
                        name="one_finding_against_a_presumed_cause",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="a_finding_against_an_outage_has_its_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("found_at__isnull", False), ("found_by__isnull", False)),
                            models.Q(("found_at__isnull", True), ("found_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="foundotherwise_found_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                            models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="foundotherwise_withdrawn_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="cccd21739158a196cf01221cee379a02735529d7",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_92ba7",
                            table="sla_foundotherwise",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="the_others_stay",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."source_id" IS DISTINCT FROM (NEW."source_id") OR OLD."line" IS DISTINCT FROM (NEW."line") OR OLD."received_at" IS DISTINCT FROM (NEW."received_at") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."found_at" IS DISTINCT FROM (NEW."found_at") OR OLD."found_by_id" IS DISTINCT FROM (NEW."found_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="e891d39371a1ca7d911f8eddb6fc211db2274565",
                            operation="UPDATE",
                            pgid="pgtrigger_the_others_stay_0f9d5",
                            table="sla_foundotherwise",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InformationRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_for", models.TextField(help_text="What is needed, in the words of the letter.")),
                (
                    "answer_by",
                    models.DateTimeField(help_text="The first instant that is too late to answer. Never recomputed."),
                ),
                ("asked_at", models.DateTimeField()),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="It went unanswered: its deadline, however late the clock ran; or taken back.",
                        null=True,
                    ),
                ),
                (
                    "remind_at",
                    models.DateTimeField(blank=True, help_text="When the next reminder can be due.", null=True),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="information_requests", to="sla.claim"
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the clock.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("answered_at__isnull", True), ("ended_at__isnull", True)),
                        fields=["answer_by", "id"],
                        name="requests_to_be_answered",
                    ),
                    models.Index(
                        condition=models.Q(("answered_at__isnull", True), ("ended_at__isnull", True)),
                        fields=["remind_at", "id"],
                        name="requests_to_remind_of",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("asked_at__isnull", False), ("asked_by__isnull", False)),
                            models.Q(("asked_at__isnull", True), ("asked_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="information_asked_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", False), ("answered_by__isnull", False)),
                            models.Q(("answered_at__isnull", True), ("answered_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="information_answered_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer_by__gt", models.F("asked_at"))),
                        name="there_is_time_to_answer_what_is_asked",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered_at__isnull", True),
                            models.Q(
                                ("answered_at__lt", models.F("answer_by")), models.Q(("answer", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="an_answer_has_words_and_comes_in_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answered_at__isnull", True), ("ended_at__isnull", True), _connector="OR"),
                        name="answered_or_ended_not_both",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            models.Q(("ended_at", models.F("answer_by")), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="the_clock_ends_a_request_at_its_deadline",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at__isnull", True), ("ended_at__isnull", True)),
                        fields=("claim",),
                        name="one_request_for_information_is_open_for_a_claim",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['asked_for', 'answer']::text[]); RETURN NULL;",
                            hash="c5711dbaf28dfc5ef2ff293b1bb0eee5c928bd0e",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_fe83c",
                            table="sla_informationrequest",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="locked_once_answered_at",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."answered_at" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="b3da52d19a71134fd02e4f749b94d7cdf3ce9215",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_locked_once_answered_at_5f4ad",
                            table="sla_informationrequest",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="locked_once_ended_at",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."ended_at" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="4e9e54b40cf851f31f103237393d21db8291cabb",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_locked_once_ended_at_c43cd",
                            table="sla_informationrequest",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="the_others_stay",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."claim_id" IS DISTINCT FROM (NEW."claim_id") OR OLD."asked_for" IS DISTINCT FROM (NEW."asked_for") OR OLD."answer_by" IS DISTINCT FROM (NEW."answer_by") OR OLD."asked_at" IS DISTINCT FROM (NEW."asked_at") OR OLD."asked_by_id" IS DISTINCT FROM (NEW."asked_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="18da308e9ab15ba52c48186458d211bbabb0431a",
                            operation="UPDATE",
                            pgid="pgtrigger_the_others_stay_62da7",
                            table="sla_informationrequest",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TransactionFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255)),
                ("kind", models.CharField(choices=[("csv", "CSV"), ("xlsx", "XLSX")], max_length=4)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("stored_as", models.CharField(max_length=80, unique=True)),
                ("uploaded_at", models.DateTimeField()),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="transaction_files", to="sla.claim"
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("uploaded_at__isnull", False), ("uploaded_by__isnull", False)),
                            models.Q(("uploaded_at__isnull", True), ("uploaded_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="transaction_file_uploaded_at_and_by_go_together",
                    ),
                    models.UniqueConstraint(
                        fields=("claim", "sha256"), name="a_file_of_transactions_is_kept_once_in_a_claim"
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="86ecd87f30f77dae4c38b09297f17cd12d2c1bbc",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_ed32e",
                            table="sla_transactionfile",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LostTransaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("attempted_at", models.DateTimeField()),
                (
                    "what",
                    models.CharField(
                        help_text="The transaction: order number, party, what it was for.", max_length=200
                    ),
                ),
                ("revenue", models.DecimalField(decimal_places=6, max_digits=18)),
                ("expenses", models.DecimalField(decimal_places=6, default=0, max_digits=18)),
                (
                    "form_key",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        editable=False,
                        help_text="Of the form that added it: sent twice, it adds once (X9).",
                        unique=True,
                    ),
                ),
                (
                    "struck",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("completed", "Completed, or completed later"),
                            ("no_document", "No document"),
                            ("not_third_party", "Not with a third party"),
                            ("other_cause", "Failed for another cause"),
                            ("i_not_affected_systems", "Not through the affected systems"),
                            ("ii_other_system_down", "Needed a system that was down anyway"),
                            ("iii_repair_or_substitute_cost", "A cost of repair, replacement or substitute"),
                        ],
                        max_length=32,
                    ),
                ),
                ("struck_note", models.TextField(blank=True)),
                ("struck_at", models.DateTimeField(blank=True, null=True)),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="transactions", to="sla.claim"
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents_lines",
                        to="sla.evidence",
                    ),
                ),
                (
                    "struck_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transactions",
                        to="sla.transactionfile",
                    ),
                ),
            ],
            options={
                "ordering": ["claim", "line"],
                "constraints": [
                    models.UniqueConstraint(fields=("claim", "line"), name="one_transaction_on_a_line"),
                    models.CheckConstraint(condition=models.Q(("expenses__gte", 0)), name="expenses_are_not_negative"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("struck", ""), ("struck_at__isnull", True)),
                            models.Q(
                                models.Q(("struck", ""), _negated=True),
                                ("struck_at__isnull", False),
                                models.Q(("struck_note", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_struck_line_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("struck_at__isnull", False), ("struck_by__isnull", False)),
                            models.Q(("struck_at__isnull", True), ("struck_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="transaction_struck_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="additions_logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE acts jsonb := nullif(current_setting('makegood.event', true), '');",
                            func="\n    INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, part_of_id, \"table\", row_id, changes)\n    SELECT coalesce(act.happened_at, clock_timestamp()), lower(TG_OP), coalesce(act.matter, ''), act.actor_id, '', act.id,\n           TG_TABLE_NAME, row.after_or_before ->> 'id', differing.columns\n      FROM (SELECT *, coalesce(after, before) AS after_or_before FROM (SELECT NULL::jsonb, to_jsonb(new_row) FROM new_rows AS new_row) AS pair(before, after) OFFSET 0) AS row\n     CROSS JOIN LATERAL\n           (SELECT jsonb_object_agg(coalesce(key, old_key), CASE WHEN coalesce(key, old_key) = ANY(ARRAY['what']::text[])\n                       THEN '\"changed\"'::jsonb ELSE jsonb_build_array(old_value, value) END) AS columns\n              FROM ROWS FROM (jsonb_each(before), jsonb_each(after)) AS one(old_key, old_value, key, value)\n             WHERE old_value IS DISTINCT FROM value AND NOT (TG_OP = 'INSERT' AND value = 'null')) AS differing\n      LEFT JOIN LATERAL\n           (SELECT * FROM entitlements_event WHERE id = act_of(acts, after_or_before) AND transaction = txid_current() OFFSET 0)\n           AS act ON true\n     WHERE differing.columns IS NOT NULL;\n    RETURN NULL;\n",
                            hash="0e937a300eb0ff0d8057c64969f07770e9478ec5",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_additions_logged_82df2",
                            referencing="REFERENCING NEW TABLE AS new_rows ",
                            table="sla_losttransaction",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="changes_logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE acts jsonb := nullif(current_setting('makegood.event', true), '');",
                            func="\n    INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, part_of_id, \"table\", row_id, changes)\n    SELECT coalesce(act.happened_at, clock_timestamp()), lower(TG_OP), coalesce(act.matter, ''), act.actor_id, '', act.id,\n           TG_TABLE_NAME, row.after_or_before ->> 'id', differing.columns\n      FROM (SELECT *, coalesce(after, before) AS after_or_before FROM (SELECT to_jsonb(old_row), to_jsonb(new_row) FROM old_rows AS old_row FULL JOIN new_rows AS new_row USING (id)) AS pair(before, after) OFFSET 0) AS row\n     CROSS JOIN LATERAL\n           (SELECT jsonb_object_agg(coalesce(key, old_key), CASE WHEN coalesce(key, old_key) = ANY(ARRAY['what']::text[])\n                       THEN '\"changed\"'::jsonb ELSE jsonb_build_array(old_value, value) END) AS columns\n              FROM ROWS FROM (jsonb_each(before), jsonb_each(after)) AS one(old_key, old_value, key, value)\n             WHERE old_value IS DISTINCT FROM value AND NOT (TG_OP = 'INSERT' AND value = 'null')) AS differing\n      LEFT JOIN LATERAL\n           (SELECT * FROM entitlements_event WHERE id = act_of(acts, after_or_before) AND transaction = txid_current() OFFSET 0)\n           AS act ON true\n     WHERE differing.columns IS NOT NULL;\n    RETURN NULL;\n",
                            hash="35a273d59bc6401d003229842d6165167d88a1fd",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_changes_logged_adeb6",
                            referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                            table="sla_losttransaction",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="removals_logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE acts jsonb := nullif(current_setting('makegood.event', true), '');",
                            func="\n    INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, part_of_id, \"table\", row_id, changes)\n    SELECT coalesce(act.happened_at, clock_timestamp()), lower(TG_OP), coalesce(act.matter, ''), act.actor_id, '', act.id,\n           TG_TABLE_NAME, row.after_or_before ->> 'id', differing.columns\n      FROM (SELECT *, coalesce(after, before) AS after_or_before FROM (SELECT to_jsonb(old_row), NULL::jsonb FROM old_rows AS old_row) AS pair(before, after) OFFSET 0) AS row\n     CROSS JOIN LATERAL\n           (SELECT jsonb_object_agg(coalesce(key, old_key), CASE WHEN coalesce(key, old_key) = ANY(ARRAY['what']::text[])\n                       THEN '\"changed\"'::jsonb ELSE jsonb_build_array(old_value, value) END) AS columns\n              FROM ROWS FROM (jsonb_each(before), jsonb_each(after)) AS one(old_key, old_value, key, value)\n             WHERE old_value IS DISTINCT FROM value AND NOT (TG_OP = 'INSERT' AND value = 'null')) AS differing\n      LEFT JOIN LATERAL\n           (SELECT * FROM entitlements_event WHERE id = act_of(acts, after_or_before) AND transaction = txid_current() OFFSET 0)\n           AS act ON true\n     WHERE differing.columns IS NOT NULL;\n    RETURN NULL;\n",
                            hash="4e2d7149aba4bab71edd3167953e5f7c0b4f46ed",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_removals_logged_83e6a",
                            referencing="REFERENCING OLD TABLE AS old_rows ",
                            table="sla_losttransaction",
                            when="AFTER",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MaintenancePeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, unique=True)),
                ("title", models.CharField(help_text="Customers read it.", max_length=200)),
                ("effect", models.CharField(blank=True, help_text="What customers notice meanwhile.", max_length=300)),
                (
                    "kind",
                    models.CharField(
                        choices=[("planned", "Planned"), ("emergency", "Emergency"), ("repair", "Repair of an outage")],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=10,
                    ),
                ),
                ("everybody", models.BooleanField(default=False, verbose_name="concerns all customers")),
                ("announced", django.contrib.postgres.fields.ranges.DateTimeRangeField(blank=True, null=True)),
                (
                    "ran",
                    django.contrib.postgres.fields.ranges.DateTimeRangeField(
                        blank=True, help_text="What really happened; without an end while it runs.", null=True
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("calendar_sequence", models.PositiveSmallIntegerField(default=0)),
                (
                    "reason",
                    models.TextField(
                        blank=True, help_text="Of an emergency or repair: why notice was not practicable."
                    ),
                ),
                ("reason_recorded_at", models.DateTimeField(blank=True, null=True)),
                ("recorded_at", models.DateTimeField()),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reason_recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "repairs",
                    models.ForeignKey(
                        blank=True,
                        help_text="Of a repair: which outage.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repairs",
                        to="sla.outage",
                    ),
                ),
            ],
            options={
                "ordering": ["-recorded_at", "-id"],
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(fields=["ran"], name="maintenance_that_ran"),
                    django.contrib.postgres.indexes.GistIndex(
                        condition=models.Q(("state", "planned")),
                        fields=["announced"],
                        name="maintenance_that_is_planned",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ran__isnull", True), ("state__in", ["planned", "cancelled"])),
                            models.Q(
                                ("ran__isnull", False),
                                ("ran__lower_inf", False),
                                ("ran__upper_inf", True),
                                ("state", "running"),
                            ),
                            models.Q(
                                ("ran__isempty", False),
                                ("ran__isnull", False),
                                ("ran__lower_inf", False),
                                ("ran__upper_inf", False),
                                ("state", "done"),
                            ),
                            _connector="OR",
                        ),
                        name="maintenance_ran_as_its_state_says",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("announced__isnull", True),
                            models.Q(
                                ("announced__isempty", False),
                                ("announced__lower_inf", False),
                                ("announced__upper_inf", False),
                            ),
                            _connector="OR",
                        ),
                        name="an_announced_window_begins_and_ends",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("announced__isnull", False),
                            models.Q(("ran__isnull", False), models.Q(("kind", "planned"), _negated=True)),
                            _connector="OR",
                        ),
                        name="planned_maintenance_is_announced",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "repair"), ("repairs__isnull", False)),
                            models.Q(models.Q(("kind", "repair"), _negated=True), ("repairs__isnull", True)),
                            _connector="OR",
                        ),
                        name="a_repair_names_its_outage",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "planned"), ("reason", ""), ("reason_recorded_at__isnull", True)),
                            models.Q(
                                models.Q(("kind", "planned"), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                                ("reason_recorded_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="an_emergency_has_its_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cancelled_at__isnull", False), ("state", "cancelled")),
                            models.Q(models.Q(("state", "cancelled"), _negated=True), ("cancelled_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="cancelled_maintenance_has_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("recorded_at__isnull", False), ("recorded_by__isnull", False)),
                            models.Q(("recorded_at__isnull", True), ("recorded_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="maintenanceperiod_recorded_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason_recorded_at__isnull", False), ("reason_recorded_by__isnull", False)),
                            models.Q(("reason_recorded_at__isnull", True), ("reason_recorded_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="maintenanceperiod_reason_recorded_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cancelled_at__isnull", False), ("cancelled_by__isnull", False)),
                            models.Q(("cancelled_at__isnull", True), ("cancelled_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="maintenanceperiod_cancelled_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="02686e6377dd5f544d8193f9fa7509cfb85a1a1c",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_40bbb",
                            table="sla_maintenanceperiod",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="allowed_moves_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{planned:running,planned:done,planned:cancelled,running:done}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="b1b312e94d17823b5540420a9bf2ddf91edd71c2",
                            operation="UPDATE",
                            pgid="pgtrigger_allowed_moves_only_360bf",
                            table="sla_maintenanceperiod",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MaintenanceChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[("window", "Announced window"), ("run", "What really ran")], max_length=10
                    ),
                ),
                ("before", django.contrib.postgres.fields.ranges.DateTimeRangeField(null=True)),
                ("after", django.contrib.postgres.fields.ranges.DateTimeRangeField(null=True)),
                ("why", models.TextField()),
                ("new_notice", models.BooleanField(default=False, help_text="S15: it needed a notice of its own.")),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="sla.maintenanceperiod"
                    ),
                ),
            ],
            options={
                "ordering": ["changed_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("why", ""), _negated=True), name="a_change_of_maintenance_says_why"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("changed_at__isnull", False), ("changed_by__isnull", False)),
                            models.Q(("changed_at__isnull", True), ("changed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="maintenancechange_changed_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="1d94ddd2e0ce1d76867a6336d9e404a30a8fe7ca",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_62f9f",
                            table="sla_maintenancechange",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MaintenanceNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveSmallIntegerField()),
                ("announced", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                (
                    "deadline",
                    models.DateTimeField(
                        help_text="Accepted then is in time; stored, whatever becomes of the holidays."
                    ),
                ),
                ("written_at", models.DateTimeField()),
                (
                    "document",
                    models.CharField(
                        blank=True, help_text="What shows that the notice reached the customer.", max_length=200
                    ),
                ),
                ("document_accepted_at", models.DateTimeField(blank=True, null=True)),
                ("entered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="maintenance_notices",
                        to="entitlements.customer",
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="sla.maintenanceperiod"
                    ),
                ),
            ],
            options={
                "ordering": ["period", "version", "customer"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("period", "version", "customer"), name="one_notice_of_a_version_for_a_customer"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("document", ""), ("document_accepted_at__isnull", True), ("entered_at__isnull", True)
                            ),
                            models.Q(
                                models.Q(("document", ""), _negated=True),
                                ("document_accepted_at__isnull", False),
                                ("entered_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_notice_by_document_has_all_of_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("entered_at__isnull", False), ("entered_by__isnull", False)),
                            models.Q(("entered_at__isnull", True), ("entered_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="maintenancenotice_entered_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="ad524b65bd88f9acfa229e5ed00e2c85bcb597a9",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_6b8e3",
                            table="sla_maintenancenotice",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="the_others_stay",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."period_id" IS DISTINCT FROM (NEW."period_id") OR OLD."version" IS DISTINCT FROM (NEW."version") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."announced" IS DISTINCT FROM (NEW."announced") OR OLD."deadline" IS DISTINCT FROM (NEW."deadline") OR OLD."written_at" IS DISTINCT FROM (NEW."written_at"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="af64b5e9fd2ddc714ce835f4d4b43f5d2da3f04f",
                            operation="UPDATE",
                            pgid="pgtrigger_the_others_stay_31da9",
                            table="sla_maintenancenotice",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NormalHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Monday"),
                            (1, "Tuesday"),
                            (2, "Wednesday"),
                            (3, "Thursday"),
                            (4, "Friday"),
                            (5, "Saturday"),
                            (6, "Sunday"),
                        ]
                    ),
                ),
                ("begins", models.TimeField(help_text="By the vendor's clock.")),
                ("ends", models.TimeField(help_text="Not after the beginning: on the next day.")),
                (
                    "days",
                    django.contrib.postgres.fields.ranges.DateRangeField(
                        help_text="The days on which it may begin; without an end: until further notice."
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "normal maintenance hours",
                "ordering": ["weekday", "begins", "days"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("weekday", "="), ("begins", "="), ("ends", "="), ("days", "&&")],
                        name="normal_hours_hold_once_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weekday__lte", 6)), name="normal_hours_are_of_a_weekday"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days__isempty", False), ("days__lower_inf", False)),
                        name="normal_hours_have_a_first_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("recorded_at__isnull", False), ("recorded_by__isnull", False)),
                            models.Q(("recorded_at__isnull", True), ("recorded_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="normalhours_recorded_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="03dadb5a82deeea95af6f96d719a28c6881aa7eb",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_a5849",
                            table="sla_normalhours",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField(help_text="By the publication, or by logs that changed since.")),
                (
                    "look_at",
                    models.DateTimeField(
                        help_text="When the clock looks: as asked, or when what still runs can count."
                    ),
                ),
                (
                    "opened_at",
                    models.DateTimeField(blank=True, help_text="When the clock last worked it off.", null=True),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="openings", to="entitlements.customer"
                    ),
                ),
                (
                    "outage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="openings", to="sla.outage"
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("opened_at__isnull", True)),
                        fields=["look_at", "id"],
                        name="openings_waiting",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("asked_at__isnull", False), ("asked_by__isnull", False)),
                            models.Q(("asked_at__isnull", True), ("asked_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="opening_asked_at_and_by_go_together",
                    ),
                    models.UniqueConstraint(
                        fields=("outage", "customer"), name="an_outage_is_opened_once_for_a_customer"
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="76e7ae83087bfdcd9e5bbc9eb47dfb358acb348c",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_1ebcb",
                            table="sla_opening",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
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
                (
                    "noted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "outage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="sla.outage"
                    ),
                ),
            ],
            options={
                "ordering": ["-noted_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("noted_at__isnull", False), ("noted_by__isnull", False)),
                            models.Q(("noted_at__isnull", True), ("noted_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="outagestep_noted_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("note", ""), _negated=True), name="a_step_of_an_outage_has_its_note"
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="f18f9d96f49b665b828364367c990bf8a64a0d88",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_8f67b",
                            table="sla_outagestep",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RateBasis",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(help_text="Why the incident left no records of attempts.")),
                ("revenue", models.DecimalField(decimal_places=6, max_digits=18)),
                ("expenses", models.DecimalField(decimal_places=6, max_digits=18)),
                ("completed_revenue", models.DecimalField(decimal_places=6, default=0, max_digits=18)),
                ("completed_expenses", models.DecimalField(decimal_places=6, default=0, max_digits=18)),
                ("first_day", models.DateField(blank=True, null=True)),
                ("last_day", models.DateField(blank=True, null=True)),
                ("saved_at", models.DateTimeField()),
                (
                    "claim",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rate_basis", to="sla.claim"
                    ),
                ),
                (
                    "saved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "rate bases",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("saved_at__isnull", False), ("saved_by__isnull", False)),
                            models.Q(("saved_at__isnull", True), ("saved_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="rate_basis_saved_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="the_method_of_the_rate_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("first_day__isnull", True), ("last_day__isnull", True)),
                            models.Q(
                                ("first_day__isnull", False),
                                ("first_day__lte", models.F("last_day")),
                                ("last_day__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="records_cover_days_from_first_to_last",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['reason']::text[]); RETURN NULL;",
                            hash="4bf2e7ae20dfbeeed9707fd26d29af832988b8d3",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_bbcea",
                            table="sla_ratebasis",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Recomputation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("matter", models.CharField(help_text="Reference of what was corrected.", max_length=20)),
                ("because", models.CharField(max_length=200)),
                ("decided", models.BooleanField(help_text="The claim was decided already: nothing of it changed.")),
                ("remedy_before", models.DurationField()),
                ("remedy_after", models.DurationField()),
                ("assessed_before", models.DecimalField(decimal_places=2, max_digits=24)),
                ("assessed_after", models.DecimalField(decimal_places=2, max_digits=24)),
                ("capped_before", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ("capped_after", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ("recomputed_at", models.DateTimeField()),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recomputations", to="sla.claim"
                    ),
                ),
                (
                    "recomputed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-recomputed_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("recomputed_at__isnull", False), ("recomputed_by__isnull", False)),
                            models.Q(("recomputed_at__isnull", True), ("recomputed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="recomputation_recomputed_at_and_by_go_together",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="a49107909c158865f0b342ed76e7e436ff4a895e",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_ef6f3",
                            table="sla_recomputation",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SecondLook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.TextField(help_text="What the decision leaves out or has wrong, in the customer's words."),
                ),
                ("asked_at", models.DateTimeField()),
                ("reopened", models.BooleanField(help_text="Empty while it waits.", null=True)),
                ("answer", models.TextField(blank=True, help_text="For the customer: why it is reopened, or why not.")),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="second_looks", to="sla.claim"
                    ),
                ),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="second_look", to="sla.proposal"
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("asked_at__isnull", False), ("asked_by__isnull", False)),
                            models.Q(("asked_at__isnull", True), ("asked_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="second_look_asked_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", False), ("settled_by__isnull", False)),
                            models.Q(("settled_at__isnull", True), ("settled_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="second_look_settled_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reopened__isnull", True), ("settled_at__isnull", True)),
                            models.Q(
                                ("reopened__isnull", False),
                                ("settled_at__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_second_look_is_settled_with_a_reason",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['reason', 'answer']::text[]); RETURN NULL;",
                            hash="18ffface5e60067ff218433027556d59bb52745d",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_b97c1",
                            table="sla_secondlook",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="locked_once_settled_at",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."settled_at" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="e0aaa928bffc0806e4bb143caf374b76f6532fb6",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_locked_once_settled_at_6c9ca",
                            table="sla_secondlook",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="the_others_stay",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."claim_id" IS DISTINCT FROM (NEW."claim_id") OR OLD."decision_id" IS DISTINCT FROM (NEW."decision_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."asked_at" IS DISTINCT FROM (NEW."asked_at") OR OLD."asked_by_id" IS DISTINCT FROM (NEW."asked_by_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="f7a6c4e22795077acc7f5e4537054157a76a9b31",
                            operation="UPDATE",
                            pgid="pgtrigger_the_others_stay_8a0b2",
                            table="sla_secondlook",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TermsPeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "terms",
                    models.CharField(
                        choices=[("enterprise", "Enterprise terms"), ("standard", "Standard terms")], max_length=10
                    ),
                ),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terms_periods",
                        to="entitlements.contract",
                    ),
                ),
            ],
            options={
                "ordering": ["days"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("contract", "="), ("days", "&&")], name="one_kind_of_terms_on_a_day"
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="8793fbd30b7f2f44539c736befcb0d875938c91b",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_094fd",
                            table="sla_termsperiod",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VendorYear",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(unique=True)),
                (
                    "weekend",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(
                            choices=[
                                (0, "Monday"),
                                (1, "Tuesday"),
                                (2, "Wednesday"),
                                (3, "Thursday"),
                                (4, "Friday"),
                                (5, "Saturday"),
                                (6, "Sunday"),
                            ]
                        ),
                        size=None,
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-year"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("weekend__contained_by", [0, 1, 2, 3, 4, 5, 6]),
                            models.Q(("weekend__contains", [0, 1, 2, 3, 4, 5, 6]), _negated=True),
                        ),
                        name="a_vendors_week_has_a_business_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("recorded_at__isnull", False), ("recorded_by__isnull", False)),
                            models.Q(("recorded_at__isnull", True), ("recorded_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="vendoryear_recorded_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="cf32e5f95b3528894c747e081d54da550fe40759",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_37a9f",
                            table="sla_vendoryear",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VendorHoliday",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True)),
                ("name", models.CharField(max_length=100)),
                (
                    "year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holidays",
                        to="sla.vendoryear",
                        to_field="year",
                    ),
                ),
            ],
            options={
                "ordering": ["day"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("day__year", models.F("year"))), name="a_holiday_lies_in_its_year"
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="8c28127f84d165f337a6a8b17789d5d7087ad5b9",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_cf508",
                            table="sla_vendorholiday",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AffectedCustomer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="entitlements.customer"
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="affected", to="sla.maintenanceperiod"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("period", "customer"), name="a_customer_is_affected_once_by_a_maintenance"
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="d9d1ad17b62a19dce48c9ef3d8752dbec2df0654",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_d6296",
                            table="sla_affectedcustomer",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="Where such files come from.", max_length=60, unique=True)),
                ("columns", models.JSONField(help_text="By what is needed, the head of the column that has it.")),
                (
                    "zone",
                    models.CharField(
                        blank=True, help_text="Of times that are written without an offset.", max_length=60
                    ),
                ),
                ("delay_unit", models.CharField(default="minutes", max_length=7)),
                ("saved_at", models.DateTimeField()),
                (
                    "saved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("saved_at__isnull", False), ("saved_by__isnull", False)),
                            models.Q(("saved_at__isnull", True), ("saved_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="alert_mapping_saved_at_and_by_go_together",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="b0032f051d1263279f5278bf549f52c6c84fed1e",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_4483d",
                            table="sla_alertmapping",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="claimfailure",
            name="claim",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="claim_failures", to="sla.claim"
            ),
        ),
        *_alert_tables.OPERATIONS,
        *_guards.OPERATIONS,
    ]
