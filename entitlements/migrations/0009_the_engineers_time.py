"""E15: engineers' working hours and leave, and that no session lies outside the one or in the other, whoever books.

A booking takes a shared lock of the engineer, whatever takes time away (leave, other hours, another zone) an exclusive one. Lock
and look are statements of their own: what is looked up beside the lock would be read from before it.
"""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import entitlements.models.contracts

# Working hours are times of the clock on the engineer's wall; entitlements/rules/free_slots.py says the same, and is tested to.
WORKS_THROUGH = """
CREATE FUNCTION works_through(of_engineer bigint, span tstzrange) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (
        SELECT FROM entitlements_engineer AS engineer
         CROSS JOIN generate_series(date_trunc('minute', lower(span)), upper(span) - interval '1 microsecond',
                                    interval '1 minute') AS minute
         CROSS JOIN LATERAL (SELECT minute AT TIME ZONE engineer.zone AS clock) AS local
         WHERE engineer.id = of_engineer
           AND NOT EXISTS (SELECT FROM entitlements_workinghours AS worked
                            WHERE worked.engineer_id = of_engineer AND worked.days @> clock::date
                              AND worked.weekday = extract(isodow FROM clock)::int - 1
                              AND worked.minutes @> (extract(hour FROM clock) * 60 + extract(minute FROM clock))::int))
$$
"""

OFF_WORK = """
CREATE FUNCTION refuse_session_off_work(of_engineer bigint, span tstzrange) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM entitlements_engineer WHERE id = of_engineer FOR SHARE;
    IF EXISTS (SELECT FROM entitlements_leave
                WHERE engineer_id = of_engineer AND taken_back_at IS NULL AND during && span)
    THEN
        RAISE EXCEPTION 'engineer % is on leave (no_session_on_leave)', of_engineer
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'no_session_on_leave';
    END IF;
    IF NOT works_through(of_engineer, span) THEN
        RAISE EXCEPTION 'engineer % does not work then (no_session_outside_working_hours)', of_engineer
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'no_session_outside_working_hours';
    END IF;
END $$
"""

LEAVE_OVER_SESSIONS = """
CREATE FUNCTION refuse_leave_over_sessions(of_engineer bigint, span tstzrange) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM entitlements_engineer WHERE id = of_engineer FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM entitlements_bookedsession
                WHERE engineer_id = of_engineer AND released_at IS NULL AND held_at IS NULL AND during && span)
    THEN
        RAISE EXCEPTION 'engineer % is booked in that time (no_leave_over_booked_sessions)', of_engineer
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'no_leave_over_booked_sessions';
    END IF;
END $$
"""

OUT_OF_HOURS = """
CREATE FUNCTION refuse_sessions_out_of_hours(of_engineer bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM entitlements_engineer WHERE id = of_engineer FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM entitlements_bookedsession
                WHERE engineer_id = of_engineer AND released_at IS NULL AND held_at IS NULL
                  AND NOT works_through(of_engineer, during))
    THEN
        RAISE EXCEPTION 'engineer % is booked outside these hours (no_session_outside_working_hours)', of_engineer
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'no_session_outside_working_hours';
    END IF;
END $$
"""

# Whoever was on record before there were hours and skills goes on as before: around the clock and, where none were entered, for
# every activity.
AS_BEFORE = """
INSERT INTO entitlements_workinghours (engineer_id, days, weekday, minutes)
SELECT id, daterange('2000-01-01', NULL), weekday, int4range(0, 1440)
  FROM entitlements_engineer, generate_series(0, 6) AS weekday;
INSERT INTO entitlements_engineer_skills (engineer_id, activity_id)
SELECT engineer.id, activity.key FROM entitlements_engineer AS engineer, entitlements_activity AS activity
 WHERE NOT EXISTS (SELECT FROM entitlements_engineer_skills WHERE engineer_id = engineer.id);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0008_a_request_in_one_call"),
    ]

    operations = [
        migrations.RunSQL(OFF_WORK, "DROP FUNCTION refuse_session_off_work"),
        migrations.RunSQL(LEAVE_OVER_SESSIONS, "DROP FUNCTION refuse_leave_over_sessions"),
        migrations.RunSQL(OUT_OF_HOURS, "DROP FUNCTION refuse_sessions_out_of_hours"),
        migrations.CreateModel(
            name="Leave",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                (
                    "reason",
                    models.CharField(help_text="Only the desk reads it. Example: annual leave.", max_length=200),
                ),
                ("entered_at", models.DateTimeField()),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["during"],
            },
        ),
        migrations.CreateModel(
            name="WorkingHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "days",
                    django.contrib.postgres.fields.ranges.DateRangeField(
                        help_text="From the first day on; without an end: until further notice."
                    ),
                ),
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
                (
                    "minutes",
                    django.contrib.postgres.fields.ranges.IntegerRangeField(
                        help_text="Minutes since midnight, the first to the one after the last."
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "working hours",
                "ordering": ["days", "weekday", "minutes"],
            },
        ),
        migrations.AddField(
            model_name="engineer",
            name="last_day",
            field=models.DateField(blank=True, help_text="The last day in the firm, in their zone.", null=True),
        ),
        migrations.AlterField(
            model_name="engineer",
            name="skills",
            field=models.ManyToManyField(
                blank=True,
                help_text="The activities that they can be booked for (E15).",
                related_name="engineers",
                to="entitlements.activity",
            ),
        ),
        migrations.AlterField(
            model_name="engineer",
            name="zone",
            field=models.CharField(
                help_text="Their working hours are times of its clock. Example: Asia/Tokyo.",
                max_length=60,
                validators=[entitlements.models.contracts.check_zone],
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bookedsession",
            trigger=pgtrigger.compiler.Trigger(
                name="in_working_hours_and_not_on_leave",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."released_at" IS NULL)',
                    func="\n                    IF TG_OP = 'INSERT' OR (OLD.engineer_id, OLD.during, OLD.released_at)\n                        IS DISTINCT FROM (NEW.engineer_id, NEW.during, NEW.released_at)\n                    THEN PERFORM refuse_session_off_work(NEW.engineer_id, NEW.during); END IF;\n                    RETURN NULL;\n                ",
                    hash="be4222a26f643e739d42fc7f6da9a7dd6a977b97",
                    operation='INSERT OR UPDATE OF "engineer_id", "during", "released_at"',
                    pgid="pgtrigger_in_working_hours_and_not_on_leave_bb799",
                    table="entitlements_bookedsession",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="engineer",
            trigger=pgtrigger.compiler.Trigger(
                name="sessions_stay_in_time",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="PERFORM refuse_sessions_out_of_hours(NEW.id); RETURN NULL;",
                    hash="a2fd8dbc90f0a8c043fcf2cbaac5044db1034ffb",
                    operation='UPDATE OF "zone"',
                    pgid="pgtrigger_sessions_stay_in_time_6ee8c",
                    table="entitlements_engineer",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="leave",
            name="engineer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="leaves", to="entitlements.engineer"
            ),
        ),
        migrations.AddField(
            model_name="leave",
            name="entered_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="leave",
            name="stand_in",
            field=models.ForeignKey(
                blank=True,
                help_text="Who takes over.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="stands_in",
                to="entitlements.engineer",
            ),
        ),
        migrations.AddField(
            model_name="leave",
            name="taken_back_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="workinghours",
            name="engineer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="hours", to="entitlements.engineer"
            ),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("taken_back_at__isnull", True)),
                expressions=[("engineer", "="), ("during", "&&")],
                name="no_engineer_is_on_leave_twice_at_one_time",
                violation_error_message="This engineer is on leave in that time already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("during__isempty", False), ("during__lower_inf", False), ("during__upper_inf", False)
                ),
                name="a_leave_begins_and_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="a_leave_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=models.CheckConstraint(
                condition=models.Q(("stand_in", models.F("engineer")), _negated=True),
                name="nobody_stands_in_for_themselves",
            ),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entered_at__isnull", False), ("entered_by__isnull", False)),
                    models.Q(("entered_at__isnull", True), ("entered_by__isnull", True)),
                    _connector="OR",
                ),
                name="leave_entered_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("taken_back_at__isnull", False), ("taken_back_by__isnull", False)),
                    models.Q(("taken_back_at__isnull", True), ("taken_back_by__isnull", True)),
                    _connector="OR",
                ),
                name="leave_taken_back_at_and_by_go_together",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="leave",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['reason']::text[]); RETURN NULL;",
                    hash="092d819821aa155a0b563123b08ca39a5a97ffbf",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_7cd3e",
                    table="entitlements_leave",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="leave",
            trigger=pgtrigger.compiler.Trigger(
                name="no_leave_over_sessions",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."taken_back_at" IS NULL)',
                    func="PERFORM refuse_leave_over_sessions(NEW.engineer_id, NEW.during); RETURN NULL;",
                    hash="840d9710383a671b7cbcfdfe858bc3111ce23232",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_no_leave_over_sessions_ed579",
                    table="entitlements_leave",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="workinghours",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("engineer", "="), ("weekday", "="), ("days", "&&"), ("minutes", "&&")],
                name="no_working_hours_twice_at_one_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="workinghours",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("minutes__contained_by", (0, 1440)),
                    ("minutes__isempty", False),
                    ("minutes__lower_inf", False),
                    ("minutes__upper_inf", False),
                ),
                name="working_hours_lie_within_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="workinghours",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__isempty", False), ("days__lower_inf", False)),
                name="working_hours_have_a_first_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="workinghours",
            constraint=models.CheckConstraint(condition=models.Q(("weekday__lte", 6)), name="a_week_has_seven_days"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="workinghours",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="ecd5a1ce1a60e23f24687b531759aa52fb98b0d1",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_7b256",
                    table="entitlements_workinghours",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="workinghours",
            trigger=pgtrigger.compiler.Trigger(
                name="sessions_stay_in_time",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="PERFORM refuse_sessions_out_of_hours(coalesce(NEW.engineer_id, OLD.engineer_id)); RETURN NULL;",
                    hash="c6baadbb65ec925b8a25511adfa89507c8e3bf94",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_sessions_stay_in_time_d5897",
                    table="entitlements_workinghours",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(WORKS_THROUGH, "DROP FUNCTION works_through"),
        migrations.RunSQL(AS_BEFORE, migrations.RunSQL.noop),
    ]
