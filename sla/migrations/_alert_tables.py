"""S4: notifications lie in a table for each import and month, below their month. The application owns none of them: what makes,
indexes, attaches and drops them are functions of the owner, each of which asks first how the import stands.
"""

from django.db import migrations

# Fixed widths first. What decides has a column; what else a file has stays in the file, which is kept.
# The clocks of two servers may differ by a minute; the checks of rows say the same (alerts/rows.py, ASTRAY).
PARENT = """
CREATE TABLE sla_notification (
    source_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    received_at timestamptz NOT NULL,
    delay interval NOT NULL,
    line integer NOT NULL,
    initial boolean NOT NULL,
    first_responder boolean NOT NULL,
    high_urgency boolean NOT NULL,
    provider_api_call_at timestamptz,
    push_attempt_at timestamptz,
    sms_sent_at timestamptz,
    email_sent_at timestamptz,
    delivery_receipt_at timestamptz,
    acknowledged_at timestamptz,
    resolved_at timestamptz,
    occurred_at timestamptz,
    provider_at timestamptz,
    channel text NOT NULL,
    incident text NOT NULL,
    responder text NOT NULL,
    provider_reference text NOT NULL,
    registered text,
    located text,
    other_logs jsonb,
    CONSTRAINT an_alerts_delay_is_not_negative CHECK (delay >= interval '0'),
    CONSTRAINT an_alert_is_logged_after_its_receipt CHECK (COALESCE(
        received_at - LEAST(provider_api_call_at, push_attempt_at, sms_sent_at, email_sent_at, delivery_receipt_at)
        <= interval '00:01:00', true))
) PARTITION BY RANGE (received_at);
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON sla_notification FROM makegood_app;
"""

MAKE = """
CREATE FUNCTION make_alert_table(source bigint, month date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    leaf text := format('sla_notification_%s_%s', source, to_char(month, 'YYYYMM'));
    start timestamptz := month::timestamp AT TIME ZONE 'UTC';
    next timestamptz := (month + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    PERFORM FROM sla_alertimport WHERE id = source AND state = 'checking' FOR UPDATE;
    IF NOT FOUND OR month <> date_trunc('month', month) THEN
        RAISE EXCEPTION 'import % takes no rows of %', source, month USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF to_regclass('public.' || leaf) IS NOT NULL THEN RETURN leaf; END IF;
    EXECUTE format(
        'CREATE TABLE public.%I (LIKE public.sla_notification INCLUDING DEFAULTS INCLUDING CONSTRAINTS, '
        'CHECK (source_id = %s), CHECK (received_at >= %L AND received_at < %L))', leaf, source, start, next);
    EXECUTE format('ALTER TABLE public.%I ALTER source_id SET DEFAULT %s', leaf, source);
    EXECUTE format('REVOKE UPDATE, TRUNCATE ON public.%I FROM makegood_app', leaf);
    INSERT INTO sla_alertpart (source_id, month, rows) VALUES (source, month, 0);
    RETURN leaf;
END $$;
"""

# A notification stands once: a second in the same file fails the first index. What tells it apart is hashed by the index alone: a figure
# of the row would be eight bytes more, and computed where nobody needs it. The second index is what an assessment reads.
INDEX = """
CREATE FUNCTION index_alert_table(source bigint, month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    leaf text := format('sla_notification_%s_%s', source, to_char(month, 'YYYYMM'));
BEGIN
    PERFORM FROM sla_alertimport WHERE id = source AND state IN ('checking', 'importing') FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'import % is not at work', source USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS %I ON public.%I (customer_id, received_at, hashtextextended(incident, hashtextextended(responder, hashtextextended(
        provider_reference, hashtextextended(channel, interval_hash_extended(delay, 0))))))', leaf || '_once', leaf);
    EXECUTE format(
        'CREATE INDEX IF NOT EXISTS %I ON public.%I (customer_id, received_at) WHERE initial AND first_responder AND high_urgency '
        'AND COALESCE(LEAST(delivery_receipt_at, CASE channel WHEN ''phone'' THEN provider_api_call_at '
        'WHEN ''push'' THEN push_attempt_at WHEN ''sms'' THEN sms_sent_at WHEN ''email'' THEN email_sent_at END) '
        '- received_at > delay + interval ''00:01:00'', true)', leaf || '_late', leaf);
END $$;
"""

# From then on nobody writes to them.
ATTACH = """
CREATE FUNCTION attach_alert_tables(source bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    part record; leaf text; above text; start timestamptz; next timestamptz;
BEGIN
    PERFORM FROM sla_alertimport WHERE id = source AND state = 'importing' FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'import % is not being imported', source USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    FOR part IN SELECT month FROM sla_alertpart WHERE source_id = source ORDER BY month
    LOOP
        leaf := format('sla_notification_%s_%s', source, to_char(part.month, 'YYYYMM'));
        above := format('sla_notification_%s', to_char(part.month, 'YYYYMM'));
        IF to_regclass('public.' || above) IS NULL THEN
            start := part.month::timestamp AT TIME ZONE 'UTC';
            next := (part.month + interval '1 month') AT TIME ZONE 'UTC';
            EXECUTE format('CREATE TABLE public.%I (LIKE public.sla_notification INCLUDING DEFAULTS INCLUDING CONSTRAINTS) '
                           'PARTITION BY LIST (source_id)', above);
            EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON public.%I FROM makegood_app', above);
            EXECUTE format('ALTER TABLE public.sla_notification ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                           above, start, next);
        END IF;
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON public.%I FROM makegood_app', leaf);
        EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES IN (%s)', above, leaf, source);
    END LOOP;
END $$;
"""

# Of what does not stand: a check that begins anew, a file that was left, an import that was undone.
DROP = """
CREATE FUNCTION drop_alert_tables(source bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    leaf text;
BEGIN
    PERFORM FROM sla_alertimport WHERE id = source AND state NOT IN ('importing', 'imported') FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'import % stands', source USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    FOR leaf IN SELECT format('sla_notification_%s_%s', source, to_char(month, 'YYYYMM')) FROM sla_alertpart WHERE source_id = source
    LOOP
        EXECUTE format('DROP TABLE IF EXISTS public.%I', leaf);
    END LOOP;
    DELETE FROM sla_alertpart WHERE source_id = source;
END $$;
"""

# Whatever the application says. The median of an alert looks so many months back from its receipt (S7), a claim is in time so many
# days after the day of its occurrence (S13), and a report is matched within three days of the time that it states (S5). The figures
# are the widest of any edition, drafts included.
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

# No report is committed between the look and the end of the transaction.
DROP_MONTH = """
CREATE FUNCTION drop_alert_month(month date) RETURNS void
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

OF_THE_OWNER = {
    "make_alert_table(bigint, date)": MAKE,
    "index_alert_table(bigint, date)": INDEX,
    "attach_alert_tables(bigint)": ATTACH,
    "drop_alert_tables(bigint)": DROP,
    "drop_alert_month(date)": DROP_MONTH,
}
TO_THE_APPLICATION = "REVOKE ALL ON FUNCTION {0} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {0} TO makegood_app;"

OPERATIONS = [
    migrations.RunSQL(PARENT, migrations.RunSQL.noop),
    migrations.RunSQL(WHY_IT_STAYS, migrations.RunSQL.noop),
    *(
        migrations.RunSQL(made + TO_THE_APPLICATION.format(name), migrations.RunSQL.noop)
        for name, made in OF_THE_OWNER.items()
    ),
]
