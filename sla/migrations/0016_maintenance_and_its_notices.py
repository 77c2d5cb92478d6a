"""S3, S15: maintenance with its notices and changes, the normal hours and the vendor's days without business."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

ONLY_ADDED_TO = """
REVOKE UPDATE, DELETE, TRUNCATE ON sla_maintenancechange FROM makegood_app;
REVOKE DELETE, TRUNCATE ON sla_maintenanceperiod, sla_maintenancenotice FROM makegood_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0030_whoever_is_on_call"),
        ("sla", "0015_the_tables_of_alert_logs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            },
        ),
        migrations.AddIndex(
            model_name="maintenanceperiod",
            index=django.contrib.postgres.indexes.GistIndex(fields=["ran"], name="maintenance_that_ran"),
        ),
        migrations.AddIndex(
            model_name="maintenanceperiod",
            index=django.contrib.postgres.indexes.GistIndex(
                condition=models.Q(("state", "planned")), fields=["announced"], name="maintenance_that_is_planned"
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenanceperiod",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="maintenanceperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("announced__isnull", True),
                    models.Q(
                        ("announced__isempty", False), ("announced__lower_inf", False), ("announced__upper_inf", False)
                    ),
                    _connector="OR",
                ),
                name="an_announced_window_begins_and_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenanceperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("announced__isnull", False),
                    models.Q(("ran__isnull", False), models.Q(("kind", "planned"), _negated=True)),
                    _connector="OR",
                ),
                name="planned_maintenance_is_announced",
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenanceperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "repair"), ("repairs__isnull", False)),
                    models.Q(models.Q(("kind", "repair"), _negated=True), ("repairs__isnull", True)),
                    _connector="OR",
                ),
                name="a_repair_names_its_outage",
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenanceperiod",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="maintenanceperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancelled_at__isnull", False), ("state", "cancelled")),
                    models.Q(models.Q(("state", "cancelled"), _negated=True), ("cancelled_at__isnull", True)),
                    _connector="OR",
                ),
                name="cancelled_maintenance_has_its_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenanceperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("recorded_at__isnull", False), ("recorded_by__isnull", False)),
                    models.Q(("recorded_at__isnull", True), ("recorded_by__isnull", True)),
                    _connector="OR",
                ),
                name="maintenanceperiod_recorded_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenanceperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason_recorded_at__isnull", False), ("reason_recorded_by__isnull", False)),
                    models.Q(("reason_recorded_at__isnull", True), ("reason_recorded_by__isnull", True)),
                    _connector="OR",
                ),
                name="maintenanceperiod_reason_recorded_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenanceperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancelled_at__isnull", False), ("cancelled_by__isnull", False)),
                    models.Q(("cancelled_at__isnull", True), ("cancelled_by__isnull", True)),
                    _connector="OR",
                ),
                name="maintenanceperiod_cancelled_at_and_by_go_together",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="maintenanceperiod",
            trigger=pgtrigger.compiler.Trigger(
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
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="maintenanceperiod",
            trigger=pgtrigger.compiler.Trigger(
                name="allowed_moves_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{planned:running,planned:done,planned:cancelled,running:done}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="d9616d3bb44f455fdb72756aeac974994ce30d9c",
                    operation="UPDATE",
                    pgid="pgtrigger_allowed_moves_only_360bf",
                    table="sla_maintenanceperiod",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenancenotice",
            constraint=models.UniqueConstraint(
                fields=("period", "version", "customer"), name="one_notice_of_a_version_for_a_customer"
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenancenotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("document", ""), ("document_accepted_at__isnull", True), ("entered_at__isnull", True)),
                    models.Q(
                        models.Q(("document", ""), _negated=True),
                        ("document_accepted_at__isnull", False),
                        ("entered_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="a_notice_by_document_has_all_of_it",
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenancenotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entered_at__isnull", False), ("entered_by__isnull", False)),
                    models.Q(("entered_at__isnull", True), ("entered_by__isnull", True)),
                    _connector="OR",
                ),
                name="maintenancenotice_entered_at_and_by_go_together",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="maintenancenotice",
            trigger=pgtrigger.compiler.Trigger(
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
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="maintenancenotice",
            trigger=pgtrigger.compiler.Trigger(
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
        ),
        migrations.AddConstraint(
            model_name="maintenancechange",
            constraint=models.CheckConstraint(
                condition=models.Q(("why", ""), _negated=True), name="a_change_of_maintenance_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="maintenancechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("changed_at__isnull", False), ("changed_by__isnull", False)),
                    models.Q(("changed_at__isnull", True), ("changed_by__isnull", True)),
                    _connector="OR",
                ),
                name="maintenancechange_changed_at_and_by_go_together",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="maintenancechange",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="1d94ddd2e0ce1d76867a6336d9e404a30a8fe7ca",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_62f9f",
                    table="sla_maintenancechange",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="affectedcustomer",
            constraint=models.UniqueConstraint(
                fields=("period", "customer"), name="a_customer_is_affected_once_by_a_maintenance"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="affectedcustomer",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="d9d1ad17b62a19dce48c9ef3d8752dbec2df0654",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_d6296",
                    table="sla_affectedcustomer",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="normalhours",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("weekday", "="), ("begins", "="), ("ends", "="), ("days", "&&")],
                name="normal_hours_hold_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="normalhours",
            constraint=models.CheckConstraint(
                condition=models.Q(("weekday__lte", 6)), name="normal_hours_are_of_a_weekday"
            ),
        ),
        migrations.AddConstraint(
            model_name="normalhours",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__isempty", False), ("days__lower_inf", False)),
                name="normal_hours_have_a_first_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="normalhours",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("recorded_at__isnull", False), ("recorded_by__isnull", False)),
                    models.Q(("recorded_at__isnull", True), ("recorded_by__isnull", True)),
                    _connector="OR",
                ),
                name="normalhours_recorded_at_and_by_go_together",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="normalhours",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="03dadb5a82deeea95af6f96d719a28c6881aa7eb",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_a5849",
                    table="sla_normalhours",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="vendoryear",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("weekend__contained_by", [0, 1, 2, 3, 4, 5, 6]),
                    models.Q(("weekend__contains", [0, 1, 2, 3, 4, 5, 6]), _negated=True),
                ),
                name="a_vendors_week_has_a_business_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="vendoryear",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("recorded_at__isnull", False), ("recorded_by__isnull", False)),
                    models.Q(("recorded_at__isnull", True), ("recorded_by__isnull", True)),
                    _connector="OR",
                ),
                name="vendoryear_recorded_at_and_by_go_together",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="vendoryear",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="cf32e5f95b3528894c747e081d54da550fe40759",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_37a9f",
                    table="sla_vendoryear",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="vendorholiday",
            constraint=models.CheckConstraint(
                condition=models.Q(("day__year", models.F("year"))), name="a_holiday_lies_in_its_year"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="vendorholiday",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="8c28127f84d165f337a6a8b17789d5d7087ad5b9",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_cf508",
                    table="sla_vendorholiday",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(ONLY_ADDED_TO, migrations.RunSQL.noop),
    ]
