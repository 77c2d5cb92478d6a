"""E6: what is hot in a request, as two functions whose plans the server keeps: to read a book, and to write under the lock."""

from django.db import migrations

# What the booking rules read of a contract for a day, in the order in which entitlements/actions/open_books.py takes it.
# Engagements of earlier years are left out: nothing of them enters into the count of this year or of a later one.
READ_BOOK = """
CREATE FUNCTION read_book(of_contract bigint, of_day date) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT json_build_array(
            contract.status, lower(contract.term), upper(contract.term), contract.zone,
            year.id, year.turn, lower(year.days),
            (SELECT json_agg(json_build_array(lower(days), level) ORDER BY days)
               FROM entitlements_levelperiod WHERE contract_id = of_contract),
            (SELECT json_agg(json_build_array(coalesce(activity_id, pool_key), unlimited, cap, lower(days), upper(days),
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

# The engagement, the action's line in the log before it (so that the triggers hang theirs on it), and the line of the ledger.
# NULL, and nothing written: the contract has changed since that turn, the form was sent before, or there is no room by the
# ledger. Lock and count are statements of their own: what counts beside the lock would be read from before it.
WRITE_REQUEST = """
CREATE FUNCTION write_request(wish jsonb, seen_turn integer, room text[], room_places integer)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    asked entitlements_engagement := jsonb_populate_record(NULL::entitlements_engagement, wish);
    present_turn integer;
    event bigint;
BEGIN
    SELECT turn INTO present_turn FROM entitlements_contractyear WHERE id = asked.year_id FOR NO KEY UPDATE;
    IF present_turn IS DISTINCT FROM seen_turn
       OR EXISTS (SELECT FROM entitlements_engagement WHERE form_key = asked.form_key)
       OR room_places <= (SELECT coalesce(sum(places), 0) FROM entitlements_usageentry AS entry
                            JOIN entitlements_engagement AS engagement ON engagement.id = entry.engagement_id
                           WHERE entry.year_id = asked.year_id AND engagement.activity_id = ANY(room))
    THEN RETURN NULL; END IF;
    INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, "table", row_id)
    VALUES (asked.requested_at, 'engagement.requested', asked.reference, asked.requested_by_id, '', '', '')
    RETURNING id INTO event;
    PERFORM set_config('makegood.event', event::text, true);
    asked.id := nextval(pg_get_serial_sequence('entitlements_engagement', 'id'));
    INSERT INTO entitlements_engagement VALUES (asked.*);
    INSERT INTO entitlements_usageentry (year_id, engagement_id, kind, places, day, happened_at, by_id, reason)
    VALUES (asked.year_id, asked.id, 'hold', CASE WHEN asked.ps_reference = '' THEN 1 ELSE 0 END, asked.day,
            asked.requested_at, asked.requested_by_id, '');
    RETURN asked.id;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0011_places_given_back_and_moved")]

    operations = [
        migrations.RunSQL(READ_BOOK, "DROP FUNCTION read_book"),
        migrations.RunSQL(WRITE_REQUEST, "DROP FUNCTION write_request"),
    ]
