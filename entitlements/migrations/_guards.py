"""What models cannot say: each change is logged; a level, a zone and a plan on each day; no session off work; what is only added to.

A booking takes a shared lock of the engineer, whatever takes time away (leave, other hours, another zone) an exclusive one. Lock
and look are statements of their own: what is looked up beside the lock would be read from before it.
"""

from django.core.management import call_command
from django.db import migrations

# The setting is the key of the act of all that changes in a transaction, or {reference: key} where acts are many.
ACT_OF = """
CREATE FUNCTION act_of(acts jsonb, changed jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(acts) = 'object' THEN (acts ->> coalesce(changed ->> 'matter', changed ->> 'reference'))::bigint
                ELSE acts::bigint END
$$;
"""

# One line of the event log for one changed row: the columns that differ, before and after. Columns with personal data or
# bulk are named as changed without their content, so that erasing it elsewhere leaves the log whole.
# Only a change that hangs on an act asks the log for it: a plan that was made while the log was short reads all of it, for as long
# as its connection lasts.
LOG_CHANGE = """
CREATE FUNCTION log_change(changed_table text, operation text, before jsonb, after jsonb, hidden text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    action bigint := act_of(nullif(current_setting('makegood.event', true), '')::jsonb, coalesce(after, before));
    cause entitlements_event;
    differing jsonb;
BEGIN
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(hidden) THEN '"changed"'::jsonb
                                      ELSE jsonb_build_array(before -> key, after -> key) END)
      INTO differing
      FROM jsonb_object_keys(coalesce(before, '{}') || coalesce(after, '{}')) AS key
     WHERE before -> key IS DISTINCT FROM after -> key
       AND NOT (operation = 'INSERT' AND after -> key = 'null');
    IF differing IS NULL THEN RETURN; END IF;
    IF action IS NOT NULL THEN
        SELECT * INTO cause FROM entitlements_event WHERE id = action AND transaction = txid_current();
    END IF;
    INSERT INTO entitlements_event
           (happened_at, verb, matter, actor_id, note, part_of_id, "table", row_id, changes)
    VALUES (coalesce(cause.happened_at, clock_timestamp()), lower(operation), coalesce(cause.matter, ''),
            cause.actor_id, '', cause.id, changed_table, coalesce(after, before) ->> 'id', differing);
END $$;
"""

# E1: on every day of the term a contract has a level. Overlaps are refused by an exclusion constraint, gaps here, at commit.
LEVELS_FILL_THE_TERM = """
CREATE FUNCTION levels_fill_the_term() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whole daterange; covered datemultirange; of_contract bigint;
BEGIN
    IF TG_TABLE_NAME = 'entitlements_contract' THEN of_contract := NEW.id;
    ELSE of_contract := coalesce(NEW.contract_id, OLD.contract_id); END IF;
    SELECT term INTO whole FROM entitlements_contract WHERE id = of_contract;
    IF whole IS NULL THEN RETURN NULL; END IF;
    SELECT range_agg(days) INTO covered FROM entitlements_levelperiod WHERE contract_id = of_contract;
    IF covered IS DISTINCT FROM datemultirange(whole) THEN
        RAISE EXCEPTION 'contract % has not one level on each day of its term', of_contract
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'one_level_on_each_day_of_the_term';
    END IF;
    RETURN NULL;
END $$;
"""

LEVELS_ON_EACH_DAY = """
CREATE CONSTRAINT TRIGGER one_level_on_each_day_of_the_term
    AFTER INSERT OR UPDATE OR DELETE ON entitlements_levelperiod
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION levels_fill_the_term();
CREATE CONSTRAINT TRIGGER one_level_on_each_day_of_the_term
    AFTER INSERT OR UPDATE OF term ON entitlements_contract
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION levels_fill_the_term();
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

# The application may add to logs and ledgers, and no more; the rest may change, as its own guards allow, and never go away.
ONLY_ADDED_TO = """
REVOKE UPDATE, DELETE, TRUNCATE ON entitlements_event, entitlements_usageentry, entitlements_outcomeversion,
    entitlements_importfile, entitlements_importrun, entitlements_letterevent, entitlements_missedreminder FROM makegood_app;
REVOKE DELETE, TRUNCATE ON entitlements_letter, entitlements_engagement, entitlements_contract, entitlements_customer,
    entitlements_user, entitlements_outcome, entitlements_customerfeedback, entitlements_invitation,
    entitlements_legalcontact, entitlements_addresschange, entitlements_membership, entitlements_mailoutage FROM makegood_app;
"""

# T2: a row leaves room in its page for the next version of itself, and its long columns stay out of it.
ROOM_FOR_LETTERS = "ALTER TABLE entitlements_letter SET (fillfactor = 70, toast_tuple_target = 512)"


def create_cache_table(apps, schema_editor):
    call_command("createcachetable", "cache", database=schema_editor.connection.alias, verbosity=0)


OPERATIONS = [
    *(
        migrations.RunSQL(made, migrations.RunSQL.noop)
        for made in (
            ACT_OF,
            LOG_CHANGE,
            LEVELS_FILL_THE_TERM,
            LEVELS_ON_EACH_DAY,
            PERIODS_FILL_THE_TERM,
            ZONES,
            PLANS,
            WORKS_THROUGH,
            OFF_WORK,
            LEAVE_OVER_SESSIONS,
            OUT_OF_HOURS,
            ONLY_ADDED_TO,
            ROOM_FOR_LETTERS,
        )
    ),
    migrations.RunPython(create_cache_table, migrations.RunPython.noop),
]
