"""E6: what is hot in a request, as functions whose plans the server keeps: to read a book, and to write what is plainly allowed."""

from django.db import migrations

# What the booking rules read of a contract for a day, in the order in which entitlements/actions/open_books.py takes it.
# Engagements of earlier years are left out: nothing of them enters into the count of this year or of a later one.
READ_BOOK = """
CREATE FUNCTION read_book(of_contract bigint, of_day date) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT json_build_array(
            contract.status, lower(contract.term), upper(contract.term), contract.zone,
            year.id, lower(year.days),
            (SELECT json_agg(json_build_array(lower(days), level) ORDER BY days)
               FROM entitlements_levelperiod WHERE contract_id = of_contract),
            (SELECT json_agg(json_build_array(coalesce(activity_id, pool_key), pool_key <> '', unlimited, cap, lower(days), upper(days),
                                              document, reason))
               FROM entitlements_capoverride WHERE contract_id = of_contract),
            (SELECT json_agg(json_build_array(id, activity_id, day, state, ended_side, counted_at IS NOT NULL,
                                              first_session_held_at IS NOT NULL, ps_reference,
                                              given_back_at IS NOT NULL))
               FROM entitlements_engagement WHERE contract_id = of_contract AND day >= lower(year.days)),
            (SELECT json_agg(product_id)
               FROM entitlements_contractproduct WHERE contract_id = of_contract AND days @> of_day),
            (SELECT json_agg(id ORDER BY valid_from)
               FROM entitlements_policyedition WHERE published_at IS NOT NULL))
          FROM entitlements_contract AS contract
          LEFT JOIN entitlements_contractyear AS year ON year.contract_id = of_contract AND year.days @> of_day
         WHERE contract.id = of_contract);
END $$
"""

# How many places there are plainly: as long as fewer than `places` of `activities` are counted in the whole year, one more is
# allowed by E6 on whatever days they are, since the least cap from the day on is not passed. No row where it is not plain: then
# the rules are asked. Outside the term, not active, a cell that is missing, an override of only some of the days or of a pool,
# a product missing. (E2, E4, E8, E9, E14; tested to agree with the rules.)
PLAIN_ROOM = """
CREATE FUNCTION plain_room(of_contract bigint, of_day date, of_activity text,
                           OUT year bigint, OUT turn integer, OUT activities text[], OUT places integer)
RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
    first_of_year date; ahead daterange; edition bigint; override record; levels integer; cells integer;
BEGIN
    SELECT one.id, one.turn, lower(days), daterange(of_day, upper(days)) INTO year, turn, first_of_year, ahead
      FROM entitlements_contractyear AS one WHERE contract_id = of_contract AND days @> of_day;
    IF year IS NULL OR NOT EXISTS (SELECT FROM entitlements_contract
                                    WHERE id = of_contract AND status = 'active' AND term @> of_day)
    THEN RETURN; END IF;
    SELECT id INTO edition FROM entitlements_policyedition WHERE published_at IS NOT NULL
     ORDER BY valid_from <= first_of_year DESC, abs(valid_from - first_of_year) LIMIT 1;
    IF EXISTS (SELECT FROM entitlements_productrequirement AS asked
                 LEFT JOIN entitlements_contractproduct AS held
                        ON held.contract_id = of_contract AND held.product_id = asked.product_id AND held.days @> of_day
                WHERE edition_id = edition AND activity_id = of_activity AND kind IN ('required', 'any_of')
                GROUP BY kind
               HAVING NOT CASE kind WHEN 'required' THEN bool_and(held.id IS NOT NULL)
                                    ELSE bool_or(held.id IS NOT NULL) END)
    THEN RETURN; END IF;
    SELECT days IS NULL OR days @> ahead AS always, cap, unlimited INTO override FROM entitlements_capoverride
     WHERE contract_id = of_contract AND activity_id = of_activity AND (days IS NULL OR days && ahead);
    IF FOUND THEN
        activities := ARRAY[of_activity];
        places := CASE WHEN NOT override.unlimited THEN coalesce(override.cap, 0) END;
        IF override.always THEN RETURN NEXT; END IF;
        RETURN;
    END IF;
    SELECT count(*), count(cell.id), min(coalesce(cell.cap, pool.cap, 0)),
           array_agg(DISTINCT coalesce(shared.activity_id, of_activity))
      INTO levels, cells, places, activities
      FROM entitlements_levelperiod AS period
      LEFT JOIN entitlements_policycell AS cell
             ON edition_id = edition AND cell.level = period.level AND cell.activity_id = of_activity
      LEFT JOIN entitlements_policypool AS pool ON pool.id = cell.pool_id
      LEFT JOIN entitlements_policycell AS shared ON shared.pool_id = pool.id
     WHERE contract_id = of_contract AND period.days && ahead;
    IF cells < levels OR EXISTS (SELECT FROM entitlements_capoverride
                                  WHERE contract_id = of_contract AND (days IS NULL OR days && ahead)
                                    AND (activity_id = ANY(activities) OR pool_key <> ''))
    THEN RETURN; END IF;
    RETURN NEXT;
END $$
"""

# The engagement, before it the action's line in the log (so that the triggers hang theirs on it), and the line of the ledger.
WRITE_REQUEST = """
CREATE FUNCTION write_request(asked entitlements_engagement) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    event bigint;
BEGIN
    INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, "table", row_id)
    VALUES (asked.requested_at, 'engagement.requested', asked.reference, asked.requested_by_id, '', '', '')
    RETURNING id INTO event;
    PERFORM set_config('makegood.event', event::text, true);
    asked.id := nextval('entitlements_engagement_id_seq');
    INSERT INTO entitlements_engagement VALUES (asked.*);
    INSERT INTO entitlements_usageentry (year_id, engagement_id, kind, places, day, happened_at, by_id, reason)
    VALUES (asked.year_id, asked.id, 'hold', CASE WHEN asked.ps_reference = '' THEN 1 ELSE 0 END, asked.day,
            asked.requested_at, asked.requested_by_id, '');
    RETURN asked.id;
END $$
"""

# What is plainly allowed is written: [key, year]. Else nothing is, and the answer is the book, for the rules to decide.
# No lock is taken where there is no room. Lock and count are statements of their own: what counts beside the lock would be
# read from before it. The turn says whether the contract is still what the room was worked out from.
REQUEST_PLAINLY = """
CREATE FUNCTION request_plainly(wish jsonb) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    asked entitlements_engagement := jsonb_populate_record(NULL::entitlements_engagement, wish);
    room record;
BEGIN
    SELECT * INTO room FROM plain_room(asked.contract_id, asked.day, asked.activity_id);
    IF FOUND AND (room.places IS NULL OR used_of(room.year, room.activities) < room.places) THEN
        PERFORM FROM entitlements_contractyear WHERE id = room.year AND turn = room.turn FOR NO KEY UPDATE;
        IF FOUND AND (room.places IS NULL OR used_of(room.year, room.activities) < room.places)
           AND NOT EXISTS (SELECT FROM entitlements_engagement WHERE form_key = asked.form_key)
        THEN
            asked.year_id := room.year;
            RETURN json_build_array(write_request(asked), room.year);
        END IF;
    END IF;
    RETURN read_book(asked.contract_id, asked.day);
END $$
"""

USED_OF = """
CREATE FUNCTION used_of(of_year bigint, activities text[]) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT coalesce(sum(places), 0) FROM entitlements_usageentry AS entry
              JOIN entitlements_engagement AS engagement ON engagement.id = entry.engagement_id
             WHERE entry.year_id = of_year AND engagement.activity_id = ANY(activities));
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0007_places_given_back_and_moved")]

    operations = [
        migrations.RunSQL(READ_BOOK, "DROP FUNCTION read_book"),
        migrations.RunSQL(USED_OF, "DROP FUNCTION used_of"),
        migrations.RunSQL(PLAIN_ROOM, "DROP FUNCTION plain_room"),
        migrations.RunSQL(WRITE_REQUEST, "DROP FUNCTION write_request"),
        migrations.RunSQL(REQUEST_PLAINLY, "DROP FUNCTION request_plainly"),
    ]
