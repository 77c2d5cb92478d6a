"""E3, S17: zone and plan hold on days; S11: a month may have several lines of fees. The contracts on record get one period each."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.comparison
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import entitlements.models.contracts

ONE_PERIOD_EACH = """
INSERT INTO entitlements_zoneperiod (contract_id, zone, days) SELECT id, zone, term FROM entitlements_contract;
INSERT INTO entitlements_planperiod (contract_id, plan, discount_percent, days)
SELECT id, plan, discount_percent, term FROM entitlements_contract;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""

# On every day of the term there is one, and the contract's own are the last of them. Overlaps are refused by an exclusion
# constraint, gaps here, at commit. Told by its trigger: the table of periods, its own name, and what must be the same.
PERIODS_FILL_THE_TERM = """
CREATE FUNCTION periods_fill_the_term() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_contract bigint; whole daterange; covered datemultirange; same boolean;
BEGIN
    IF TG_TABLE_NAME = 'entitlements_contract' THEN of_contract := NEW.id;
    ELSE of_contract := coalesce(NEW.contract_id, OLD.contract_id); END IF;
    SELECT term INTO whole FROM entitlements_contract WHERE id = of_contract;
    IF whole IS NULL THEN RETURN NULL; END IF;
    EXECUTE format('SELECT range_agg(days) FROM %I WHERE contract_id = $1', TG_ARGV[0]) INTO covered USING of_contract;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I AS period, entitlements_contract AS contract WHERE contract.id = $1
                                      AND contract_id = $1 AND upper(days) = upper(term) AND %s)', TG_ARGV[0], TG_ARGV[2])
       INTO same USING of_contract;
    IF covered IS DISTINCT FROM datemultirange(whole) OR NOT same THEN
        RAISE EXCEPTION 'contract % has not one of % on each day of its term, the last as its own', of_contract, TG_ARGV[0]
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_ARGV[1];
    END IF;
    RETURN NULL;
END $$;
"""

ON_EACH_DAY = """
CREATE CONSTRAINT TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE ON {table} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION periods_fill_the_term('{table}', '{name}', '{same}');
CREATE CONSTRAINT TRIGGER {name} AFTER INSERT OR UPDATE OF term, {columns} ON entitlements_contract
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION periods_fill_the_term('{table}', '{name}', '{same}');
"""
ZONES = ON_EACH_DAY.format(
    name="one_zone_on_each_day_of_the_term",
    table="entitlements_zoneperiod",
    same="period.zone = contract.zone",
    columns="zone",
)
PLANS = ON_EACH_DAY.format(
    name="one_plan_on_each_day_of_the_term",
    table="entitlements_planperiod",
    same="(period.plan, period.discount_percent) = (contract.plan, contract.discount_percent)",
    columns="plan, discount_percent",
)


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0011_outcomes_of_engagements"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanPeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("plan", models.CharField(max_length=60)),
                (
                    "discount_percent",
                    models.DecimalField(decimal_places=6, default=0, max_digits=9, verbose_name="discount"),
                ),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField()),
            ],
            options={
                "ordering": ["days"],
            },
        ),
        migrations.CreateModel(
            name="ZonePeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("zone", models.CharField(max_length=60, validators=[entitlements.models.contracts.check_zone])),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField()),
            ],
            options={
                "ordering": ["days"],
            },
        ),
        migrations.AlterModelOptions(
            name="feemonth",
            options={"ordering": ["month", "days"]},
        ),
        migrations.RemoveConstraint(
            model_name="feemonth",
            name="one_fee_for_a_month",
        ),
        migrations.AddField(
            model_name="feemonth",
            name="days",
            field=django.contrib.postgres.fields.ranges.DateRangeField(
                blank=True, help_text="The days of the month for which it held. Empty: all of them.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="contract",
            name="discount_percent",
            field=models.DecimalField(decimal_places=6, default=0, max_digits=9, verbose_name="discount"),
        ),
        migrations.AddConstraint(
            model_name="feemonth",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("contract", "="),
                    (
                        django.db.models.functions.comparison.Coalesce(
                            "days",
                            models.Func(
                                models.F("month"),
                                output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                template="daterange(%(expressions)s, (%(expressions)s + interval '1 month')::date)",
                            ),
                        ),
                        "&&",
                    ),
                ],
                name="one_fee_on_a_day",
                violation_error_message="Fees are on record already for some of these days.",
            ),
        ),
        migrations.AddConstraint(
            model_name="feemonth",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("days__isnull", True),
                    (
                        "days__contained_by",
                        models.Func(
                            models.F("month"),
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                            template="daterange(%(expressions)s, (%(expressions)s + interval '1 month')::date)",
                        ),
                    ),
                    _connector="OR",
                ),
                name="fee_days_lie_in_the_month",
            ),
        ),
        migrations.AddField(
            model_name="planperiod",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="entitlements.contract"
            ),
        ),
        migrations.AddField(
            model_name="zoneperiod",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="zones", to="entitlements.contract"
            ),
        ),
        migrations.AddConstraint(
            model_name="planperiod",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("contract", "="), ("days", "&&")],
                name="one_plan_on_a_day",
                violation_error_message="The contract has another plan on some of these days.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(("discount_percent__gte", 0), ("discount_percent__lte", 100)),
                name="a_discount_is_a_part_of_the_price",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="planperiod",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="a0efcdf5ac2a9701240eaa2b8bdf95ad41b8f569",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_9bd6e",
                    table="entitlements_planperiod",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="zoneperiod",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("contract", "="), ("days", "&&")],
                name="one_zone_on_a_day",
                violation_error_message="The contract has another zone on some of these days.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="zoneperiod",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="38e6386ceef92497cb300760738b104fdb31beb7",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_06411",
                    table="entitlements_zoneperiod",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(ONE_PERIOD_EACH, migrations.RunSQL.noop),
        migrations.RunSQL(PERIODS_FILL_THE_TERM, "DROP FUNCTION periods_fill_the_term CASCADE"),
        migrations.RunSQL(ZONES, migrations.RunSQL.noop),
        migrations.RunSQL(PLANS, migrations.RunSQL.noop),
    ]
