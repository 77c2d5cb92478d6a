"""What keeps a month of alert logs is asked by one function, which dropping it and only looking at it both go by."""

import importlib

from django.db import migrations

before = importlib.import_module("sla.migrations.0025_a_month_that_may_be_claimed_stays")

WHY_IT_STAYS = """
CREATE FUNCTION why_alert_month_stays(month date, OUT rule text, OUT reason text)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    start timestamptz := month::timestamp AT TIME ZONE 'UTC';
    next timestamptz := (month + interval '1 month') AT TIME ZONE 'UTC';
    meant_within CONSTANT interval := interval '3 days';
    looks_back interval;
    claimed_within interval;
    may_be_claimed_until timestamptz;
    held text;
BEGIN
    SELECT make_interval(months => coalesce(max(volume_months), 0)::integer),
           make_interval(days => coalesce(max(claim_days), 0)::integer + 1)
      INTO looks_back, claimed_within FROM sla_termsedition;
    may_be_claimed_until := (next AT TIME ZONE 'UTC' + looks_back + claimed_within + meant_within) AT TIME ZONE 'UTC';
    IF may_be_claimed_until > now() THEN
        rule := 'a_month_that_may_be_claimed_stays';
        reason := 'a claim can rest on them until ' || to_char(may_be_claimed_until AT TIME ZONE 'UTC', 'YYYY-MM-DD');
        RETURN;
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
        rule := 'a_month_that_a_claim_rests_on_stays';
        reason := held || ' rests on them';
    END IF;
END $$;
"""

DROP_MONTH = """
CREATE OR REPLACE FUNCTION drop_alert_month(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    why record;
BEGIN
    LOCK TABLE sla_failure IN SHARE MODE;
    SELECT * INTO why FROM why_alert_month_stays(month);
    IF why.rule IS NOT NULL THEN
        RAISE EXCEPTION 'the logs of % stay: %', to_char(month, 'YYYY-MM'), why.reason
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = why.rule;
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS public.%I', format('sla_notification_%s', to_char(month, 'YYYYMM')));
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("sla", "0033_a_reviewer_finds_another_cause")]

    operations = [
        migrations.RunSQL(WHY_IT_STAYS, "DROP FUNCTION why_alert_month_stays"),
        migrations.RunSQL(DROP_MONTH, before.DROP_MONTH),
    ]
