"""S4, S13: a month of alert logs is let go only when nobody can rest a claim on it any more, whether or not it was reported yet."""

from importlib import import_module

from django.db import migrations

before = import_module("sla.migrations.0015_the_tables_of_alert_logs")

# Whatever the application says. The median of an alert looks so many months back from its receipt (S7), a claim is in time so many
# days after the day of its occurrence (S13), and a report is matched within three days of the time that it states (S5). The figures
# are the widest of any edition, drafts included. No report is committed between the look and the end of the transaction.
DROP_MONTH = """
CREATE OR REPLACE FUNCTION drop_alert_month(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    start timestamptz := month::timestamp AT TIME ZONE 'UTC';
    next timestamptz := (month + interval '1 month') AT TIME ZONE 'UTC';
    meant_within CONSTANT interval := interval '3 days';
    looks_back interval;
    claimed_within interval;
    may_be_claimed_until timestamptz;
    held text;
BEGIN
    LOCK TABLE sla_failure IN SHARE MODE;
    SELECT make_interval(months => coalesce(max(volume_months), 0)::integer),
           make_interval(days => coalesce(max(claim_days), 0)::integer + 1)
      INTO looks_back, claimed_within FROM sla_termsedition;
    may_be_claimed_until := (next AT TIME ZONE 'UTC' + looks_back + claimed_within + meant_within) AT TIME ZONE 'UTC';
    IF may_be_claimed_until > now() THEN
        RAISE EXCEPTION 'the logs of % stay: a claim can rest on them until %', to_char(month, 'YYYY-MM'),
                        to_char(may_be_claimed_until AT TIME ZONE 'UTC', 'YYYY-MM-DD')
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_month_that_may_be_claimed_stays';
    END IF;
    SELECT failure.reference INTO held
      FROM sla_failure AS failure
     WHERE failure.began_at >= start - meant_within
       AND failure.began_at < (next AT TIME ZONE 'UTC' + looks_back + meant_within) AT TIME ZONE 'UTC'
       AND (failure.state = 'reported' OR EXISTS (
               SELECT FROM sla_claimfailure AS of_claim JOIN sla_claim AS claim ON claim.id = of_claim.claim_id
                WHERE of_claim.failure_id = failure.id AND claim.state NOT IN ('lapsed', 'withdrawn')))
     ORDER BY failure.id LIMIT 1;
    IF held IS NOT NULL THEN
        RAISE EXCEPTION 'the logs of % stay: % rests on them', to_char(month, 'YYYY-MM'), held
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_month_that_a_claim_rests_on_stays';
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS public.%I', format('sla_notification_%s', to_char(month, 'YYYYMM')));
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("sla", "0024_openings_are_looked_at_again")]

    operations = [
        migrations.RunSQL(DROP_MONTH, before.DROP_MONTH.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
    ]
