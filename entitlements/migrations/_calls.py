"""What is hot, as functions whose plans the server keeps: a request that is plainly allowed (E6), and what is noted of letters (T2)."""

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

USED_OF = """
CREATE FUNCTION used_of(of_year bigint, activities text[]) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT coalesce(sum(places), 0) FROM entitlements_usageentry AS entry
              JOIN entitlements_engagement AS engagement ON engagement.id = entry.engagement_id
             WHERE entry.year_id = of_year AND engagement.activity_id = ANY(activities));
END $$
"""

# How many places there are plainly: as long as fewer than `places` of `activities` are counted in the whole year, one more is
# allowed by E6 on whatever days they are, since the least cap from the day on is not passed. No row where it is not plain: then
# the rules are asked. Outside the term, not active, a cell that is missing, an override of only some of the days or of a pool,
# a product missing. (E2, E4, E8, E9, E14; tested to agree with the rules.)
# Year, state, edition and whether there are overrides are read in one; overrides and pools are looked at only where there are any
# (an IF of its own each: a subquery after AND is begun even where what stands before it is false).
PLAIN_ROOM = """
CREATE FUNCTION plain_room(of_contract bigint, of_day date, of_activity text,
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

# The days around one from each of which an activity has the same plain room: none begins or ends among them of all that
# `plain_room` asks for.
SAME_ROOM = """
CREATE FUNCTION days_of_same_room(of_contract bigint, of_day date) RETURNS daterange LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT daterange(max(bound) FILTER (WHERE bound <= of_day), min(bound) FILTER (WHERE bound > of_day))
          FROM (SELECT term AS days FROM entitlements_contract WHERE id = of_contract
                UNION ALL SELECT days FROM entitlements_contractyear WHERE contract_id = of_contract
                UNION ALL SELECT days FROM entitlements_levelperiod WHERE contract_id = of_contract
                UNION ALL SELECT days FROM entitlements_contractproduct WHERE contract_id = of_contract
                UNION ALL SELECT days FROM entitlements_capoverride WHERE contract_id = of_contract) AS held,
               LATERAL (VALUES (lower(days)), (upper(days))) AS bounds (bound));
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
# The room is the one that a request before has kept, if the year's turn is still the same; else it is worked out, and kept by
# whoever gets a place of it. Kept under the lock, where nobody raises the turn.
REQUEST_PLAINLY = """
CREATE FUNCTION request_plainly(wish jsonb) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    asked entitlements_engagement := jsonb_populate_record(NULL::entitlements_engagement, wish);
    room entitlements_plainroom; kept boolean;
BEGIN
    SELECT one.* INTO room FROM entitlements_plainroom AS one
      JOIN entitlements_contractyear AS year ON year.id = one.year_id AND year.turn = one.turn
     WHERE one.contract_id = asked.contract_id AND one.activity_id = asked.activity_id AND one.days @> asked.day;
    kept := FOUND;
    IF NOT kept THEN
        SELECT year, turn, activities, places INTO room.year_id, room.turn, room.activities, room.places
          FROM plain_room(asked.contract_id, asked.day, asked.activity_id);
    END IF;
    IF FOUND AND (room.places IS NULL OR used_of(room.year_id, room.activities) < room.places) THEN
        PERFORM FROM entitlements_contractyear WHERE id = room.year_id AND turn = room.turn FOR NO KEY UPDATE;
        IF FOUND AND (room.places IS NULL OR used_of(room.year_id, room.activities) < room.places)
           AND NOT EXISTS (SELECT FROM entitlements_engagement WHERE form_key = asked.form_key)
        THEN
            IF NOT kept THEN
                INSERT INTO entitlements_plainroom (contract_id, activity_id, days, year_id, turn, activities, places)
                VALUES (asked.contract_id, asked.activity_id, days_of_same_room(asked.contract_id, asked.day),
                        room.year_id, room.turn, room.activities, room.places)
                ON CONFLICT (contract_id, activity_id, days) DO UPDATE
                   SET (year_id, turn, activities, places) = (room.year_id, room.turn, room.activities, room.places);
            END IF;
            asked.year_id := room.year_id;
            RETURN json_build_array(write_request(asked), room.year_id);
        END IF;
    END IF;
    RETURN read_book(asked.contract_id, asked.day);
END $$
"""

# Letters as entitlements/notices/writing.py makes them: one with the same key is there already, and stays.
WRITE_LETTERS = """
CREATE FUNCTION write_letters(letters jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO entitlements_letter (kind, matter, deadline, addressee, point, customer_id, person_id, context, attachments,
                                     written_at, due_at, urgent, message_id, state, attempts, subject, text, html,
                                     accepted_by_server, may_have_gone_twice, last_error)
    SELECT kind, matter, deadline, addressee, point, customer_id, person_id, context, attachments,
           written_at, due_at, urgent, message_id, 'queued', 0, '', '', '', '', false, ''
      FROM jsonb_populate_recordset(NULL::entitlements_letter, letters)
    ON CONFLICT DO NOTHING;
END $$;
"""

# A server that took a letter took it, whoever holds the lease by now and whatever another sender has decided since.
# The next letter goes only while the lease on it holds: then `ours`. Where no more than `most` may go a minute and they have gone, it
# is not, and `free_at` says when one more may. Any of the two letters may be null; `most` is 0 where the pace is free.
# IS NOT DISTINCT FROM, so that a letter is found by its key: the indexes of what is to be sent are full of what was.
NOTE_LETTERS = """
CREATE FUNCTION note_letters(accepted bigint, taken_at timestamptz, said text,
                             next bigint, leased_until timestamptz, given_at timestamptz, sender text, server text, most integer,
                             OUT ours boolean, OUT free_at timestamptz)
LANGUAGE plpgsql AS $$
BEGIN
    IF most > 0 AND next IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(5321725); -- any number; nobody else takes it
        SELECT at + interval '1 minute' INTO free_at FROM entitlements_letterevent
         WHERE kind = 'handed_over' AND at > given_at - interval '1 minute' ORDER BY at DESC OFFSET most - 1 LIMIT 1;
    END IF;
    IF accepted IS NOT NULL THEN
        UPDATE entitlements_letter
           SET state = 'accepted', accepted_at = taken_at, accepted_by_server = server, last_error = ''
         WHERE id = accepted AND state IS DISTINCT FROM 'accepted';
        INSERT INTO entitlements_letterevent (letter_id, kind, at, host, reply)
        VALUES (accepted, 'accepted', taken_at, server, said);
    END IF;
    ours := false;
    IF next IS NULL OR free_at IS NOT NULL THEN RETURN; END IF;
    UPDATE entitlements_letter
       SET may_have_gone_twice = may_have_gone_twice OR handed_over_at IS NOT NULL, handed_over_at = given_at
     WHERE id = next AND state IS NOT DISTINCT FROM 'queued' AND due_at = leased_until;
    ours := FOUND;
    IF ours THEN
        INSERT INTO entitlements_letterevent (letter_id, kind, at, host, reply)
        VALUES (next, 'handed_over', given_at, server, sender);
    END IF;
END $$;
"""

OPERATIONS = [
    migrations.RunSQL(made, migrations.RunSQL.noop)
    for made in (
        READ_BOOK,
        USED_OF,
        PLAIN_ROOM,
        SAME_ROOM,
        WRITE_REQUEST,
        REQUEST_PLAINLY,
        WRITE_LETTERS,
        NOTE_LETTERS,
    )
]
