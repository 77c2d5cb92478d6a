"""E6: the plain answer to a request asks three questions of the database where it asked seven."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("entitlements.migrations.0008_a_request_in_one_call").PLAIN_ROOM

# As in 0008. Year, state, edition and whether there are overrides are read in one; overrides and pools are looked at only where
# there are any (an IF of its own each: a subquery after AND is begun even where what stands before it is false). Tested to agree
# with the rules.
PLAIN_ROOM = """
CREATE OR REPLACE FUNCTION plain_room(of_contract bigint, of_day date, of_activity text,
                                      OUT year bigint, OUT turn integer, OUT activities text[], OUT places integer)
RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
    ahead daterange; edition bigint; overridden boolean; override record; met boolean; levels integer; cells integer; pooled integer;
BEGIN
    SELECT one.id, one.turn, daterange(of_day, upper(one.days)),
           (SELECT id FROM entitlements_policyedition WHERE published_at IS NOT NULL
             ORDER BY valid_from <= lower(one.days) DESC, abs(valid_from - lower(one.days)) LIMIT 1),
           EXISTS (SELECT FROM entitlements_capoverride WHERE contract_id = of_contract)
      INTO year, turn, ahead, edition, overridden
      FROM entitlements_contractyear AS one
      JOIN entitlements_contract AS contract ON contract.id = one.contract_id AND status = 'active' AND term @> of_day
     WHERE one.contract_id = of_contract AND one.days @> of_day;
    IF year IS NULL THEN RETURN; END IF;
    SELECT coalesce(bool_and(held.id IS NOT NULL) FILTER (WHERE kind = 'required'), true)
           AND coalesce(bool_or(held.id IS NOT NULL) FILTER (WHERE kind = 'any_of'), true) INTO met
      FROM entitlements_productrequirement AS asked
      LEFT JOIN entitlements_contractproduct AS held
             ON held.contract_id = of_contract AND held.product_id = asked.product_id AND held.days @> of_day
     WHERE edition_id = edition AND activity_id = of_activity;
    IF NOT met THEN RETURN; END IF;
    IF overridden THEN
        SELECT days IS NULL OR days @> ahead AS always, cap, unlimited INTO override FROM entitlements_capoverride
         WHERE contract_id = of_contract AND activity_id = of_activity AND (days IS NULL OR days && ahead);
        IF FOUND THEN
            activities := ARRAY[of_activity];
            places := CASE WHEN NOT override.unlimited THEN coalesce(override.cap, 0) END;
            IF override.always THEN RETURN NEXT; END IF;
            RETURN;
        END IF;
    END IF;
    SELECT count(*), count(cell.id), count(cell.pool_id), min(coalesce(cell.cap, 0)) INTO levels, cells, pooled, places
      FROM entitlements_levelperiod AS period
      LEFT JOIN entitlements_policycell AS cell
             ON edition_id = edition AND cell.level = period.level AND cell.activity_id = of_activity
     WHERE contract_id = of_contract AND period.days && ahead;
    IF cells < levels THEN RETURN; END IF;
    activities := ARRAY[of_activity];
    IF pooled > 0 THEN
        SELECT min(coalesce(cell.cap, pool.cap, 0)), array_agg(DISTINCT coalesce(shared.activity_id, of_activity))
          INTO places, activities
          FROM entitlements_levelperiod AS period
          JOIN entitlements_policycell AS cell
            ON edition_id = edition AND cell.level = period.level AND cell.activity_id = of_activity
          LEFT JOIN entitlements_policypool AS pool ON pool.id = cell.pool_id
          LEFT JOIN entitlements_policycell AS shared ON shared.pool_id = pool.id
         WHERE contract_id = of_contract AND period.days && ahead;
    END IF;
    IF overridden THEN
        IF EXISTS (SELECT FROM entitlements_capoverride
                    WHERE contract_id = of_contract AND (days IS NULL OR days && ahead)
                      AND (activity_id = ANY(activities) OR pool_key <> ''))
        THEN RETURN; END IF;
    END IF;
    RETURN NEXT;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0026_many_lapse_at_once")]

    operations = [
        migrations.RunSQL(PLAIN_ROOM, BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
    ]
