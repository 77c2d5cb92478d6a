"""Triggers that guard a table, declared beside the model and created by its migration.

They guard against mistakes in any code, bulk and raw SQL included; the database role of the application guards against the rest.
"""

from __future__ import annotations

import pgtrigger

IGNORE_NONE = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false'
"""
"""Else whoever can write could switch a guard off by a setting (`pgtrigger.ignore`), and each call of each trigger would look for the
setting and catch the error that there is none: a tenth of the time of a write."""

ALL_WRITES = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete


def logged(*hidden: str) -> pgtrigger.Trigger:
    """Every change of a row goes to the event log, before and after; of the columns `hidden` only that they changed."""
    masked = ", ".join(f"'{column}'" for column in hidden)
    return pgtrigger.Trigger(
        name="logged",
        when=pgtrigger.After,
        operation=ALL_WRITES,
        func=f"PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[{masked}]::text[]); RETURN NULL;",
    )


def logged_together(*hidden: str) -> list[pgtrigger.Trigger]:
    """As `logged`, for rows of which many change by one statement: an update is logged as a whole, not row by row."""
    return [
        pgtrigger.Trigger(
            name="logged",
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.Delete,
            func=logged(*hidden).func,
        ),
        _logged_as_a_whole("changes_logged", pgtrigger.Update, hidden),
    ]


def logged_as_a_whole(*hidden: str) -> list[pgtrigger.Trigger]:
    """As `logged`, for rows that come, change and go by the thousand: every statement is logged as a whole, not row by row."""
    names = {
        "additions_logged": pgtrigger.Insert,
        "changes_logged": pgtrigger.Update,
        "removals_logged": pgtrigger.Delete,
    }
    return [_logged_as_a_whole(name, operation, hidden) for name, operation in names.items()]


def logged_but_for(*counters: str) -> list[pgtrigger.Trigger]:
    """As `logged`, but an update of nothing except these columns leaves no line: the change that they count has its own."""
    logging = logged().func
    return [
        pgtrigger.Trigger(
            name="logged", when=pgtrigger.After, operation=pgtrigger.Insert | pgtrigger.Delete, func=logging
        ),
        pgtrigger.Trigger(
            name="changes_logged",
            when=pgtrigger.After,
            operation=pgtrigger.Update,
            condition=pgtrigger.AnyChange(exclude=list(counters)),
            func=logging,
        ),
    ]


def logged_but_for_its_course(facts: tuple[str, ...], *hidden: str) -> list[pgtrigger.Trigger]:
    """As `logged`, for a row with long columns whose course has rows of its own. A change of `facts` is logged in full, with only the
    names of those in `hidden`; a change of state by one row, without reading the others. Of the rest of its course: nothing."""
    return [
        _logged_as_a_whole("additions_logged", pgtrigger.Insert, hidden),
        pgtrigger.Trigger(name="logged", when=pgtrigger.After, operation=pgtrigger.Delete, func=logged(*hidden).func),
        pgtrigger.Trigger(
            name="changes_logged",
            when=pgtrigger.After,
            operation=pgtrigger.UpdateOf(*facts),  # to compare a long column is to read it
            condition=pgtrigger.AnyChange(*facts),
            func=logged(*hidden).func,
        ),
        pgtrigger.Trigger(
            name="moves_logged",
            when=pgtrigger.After,
            operation=pgtrigger.UpdateOf("state", "accepted_at"),
            condition=pgtrigger.AnyChange("state", "accepted_at"),
            func=_LOG_MOVE.format(before=_STATE.format("OLD"), after=_STATE.format("NEW")),
        ),
    ]


_STATE = "jsonb_build_object('id', {0}.id, 'state', {0}.state, 'accepted_at', {0}.accepted_at)"
# What is done under no act, as a sender does it by the thousand, is written straight away.
_LOG_MOVE = """
    IF nullif(current_setting('makegood.event', true), '') IS NOT NULL OR OLD.state = NEW.state THEN
        PERFORM log_change(TG_TABLE_NAME, TG_OP, {before}, {after}, ARRAY[]::text[]);
        RETURN NULL;
    END IF;
    INSERT INTO entitlements_event (happened_at, verb, matter, note, "table", row_id, changes)
    VALUES (clock_timestamp(), 'update', '', '', TG_TABLE_NAME, NEW.id,
            jsonb_build_object('state', jsonb_build_array(OLD.state, NEW.state)) ||
            CASE WHEN OLD.accepted_at IS DISTINCT FROM NEW.accepted_at
                 THEN jsonb_build_object('accepted_at', jsonb_build_array(OLD.accepted_at, NEW.accepted_at)) ELSE '{{}}' END);
    RETURN NULL;
"""


# What `log_change` writes for one row, for all rows of a statement. OFFSET 0: made once a row; each act is found by its key.
_LOG_CHANGES = """
    INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, part_of_id, "table", row_id, changes)
    SELECT coalesce(act.happened_at, clock_timestamp()), lower(TG_OP), coalesce(act.matter, ''), act.actor_id, '', act.id,
           TG_TABLE_NAME, row.after_or_before ->> 'id', differing.columns
      FROM (SELECT *, coalesce(after, before) AS after_or_before FROM ({rows}) AS pair(before, after) OFFSET 0) AS row
     CROSS JOIN LATERAL
           (SELECT jsonb_object_agg(coalesce(key, old_key), CASE WHEN coalesce(key, old_key) = ANY(ARRAY[{hidden}]::text[])
                       THEN '"changed"'::jsonb ELSE jsonb_build_array(old_value, value) END) AS columns
              FROM ROWS FROM (jsonb_each(before), jsonb_each(after)) AS one(old_key, old_value, key, value)
             WHERE old_value IS DISTINCT FROM value AND NOT (TG_OP = 'INSERT' AND value = 'null')) AS differing
      LEFT JOIN LATERAL
           (SELECT * FROM entitlements_event WHERE id = act_of(acts, after_or_before) AND transaction = txid_current() OFFSET 0)
           AS act ON true
     WHERE differing.columns IS NOT NULL;
    RETURN NULL;
"""
_PAIRS = {
    pgtrigger.Insert: "SELECT NULL::jsonb, to_jsonb(new_row) FROM new_rows AS new_row",
    pgtrigger.Update: "SELECT to_jsonb(old_row), to_jsonb(new_row) "
    "FROM old_rows AS old_row FULL JOIN new_rows AS new_row USING (id)",
    pgtrigger.Delete: "SELECT to_jsonb(old_row), NULL::jsonb FROM old_rows AS old_row",
}
_TABLES = {
    pgtrigger.Insert: pgtrigger.Referencing(new="new_rows"),
    pgtrigger.Update: pgtrigger.Referencing(new="new_rows", old="old_rows"),
    pgtrigger.Delete: pgtrigger.Referencing(old="old_rows"),
}


def _logged_as_a_whole(name: str, operation: pgtrigger.Operation, hidden: tuple[str, ...]) -> pgtrigger.Trigger:
    """Every row that a statement adds, changes or takes away goes to the event log by one statement, each under its own act."""
    masked = ", ".join(f"'{column}'" for column in hidden)
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        operation=operation,
        referencing=_TABLES[operation],
        declare=[("acts", "jsonb := nullif(current_setting('makegood.event', true), '')")],
        func=_LOG_CHANGES.format(rows=_PAIRS[operation], hidden=masked),
    )


def written_once(mark: str, *content: str) -> pgtrigger.Trigger:
    """Once `mark` is filled in, what it is about stays as it is."""
    return pgtrigger.Trigger(
        name="written_once",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf(*content),
        condition=pgtrigger.Condition(f"OLD.{mark} <> ''"),
        func=f"""
            IF ({", ".join(f"OLD.{one}" for one in content)}) IS DISTINCT FROM ({", ".join(f"NEW.{one}" for one in content)}) THEN
                RAISE EXCEPTION 'what was sent stays as it was sent (%)', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        """,
    )


def append_only() -> pgtrigger.Trigger:
    """A row is written once and stays."""
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


def moves(field: str, allowed: dict[str, tuple[str, ...]]) -> pgtrigger.Trigger:
    """The state moves only along `allowed` (from: to …), whoever writes."""
    return pgtrigger.FSM(
        name="allowed_moves_only",
        field=field,
        condition=pgtrigger.AnyChange(field),
        transitions=[(start, end) for start, ends in allowed.items() for end in ends],
    )


def locked_once(column: str) -> pgtrigger.Trigger:
    """The row never changes again once `column` is set."""
    return pgtrigger.Protect(
        name="locked_once_" + column,
        operation=pgtrigger.Update | pgtrigger.Delete,
        condition=pgtrigger.Q(**{f"old__{column}__isnull": False}),
    )


def only_changes(*fields: str) -> pgtrigger.Trigger:
    """Of a row only these fields ever change; the others stay as they were written."""
    return pgtrigger.ReadOnly(name="the_others_stay", exclude=list(fields))


def stays_as_proposed() -> pgtrigger.Trigger:
    """What was proposed is what is published: until it is taken back, only its publication is written (E2, S1)."""
    publication = "ARRAY['published_at', 'published_by_id', 'turn']"
    return pgtrigger.Trigger(
        name="stays_as_proposed",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF OLD.proposed_at IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.proposed_at IS NOT NULL AND
               to_jsonb(OLD) - {publication} <> to_jsonb(NEW) - {publication}) THEN
                RAISE EXCEPTION 'a proposed edition stays as it was proposed (%)', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN COALESCE(NEW, OLD);
        """,
    )


def locked_with_edition(parent_table: str) -> pgtrigger.Trigger:
    """A row of an edition never changes, comes or goes while the edition is proposed, or once it is published (E2, S1)."""
    return pgtrigger.Trigger(
        name="locked_with_edition",
        when=pgtrigger.Before,
        operation=ALL_WRITES,
        func=f"""
            IF EXISTS (SELECT 1 FROM {parent_table} WHERE (published_at IS NOT NULL OR proposed_at IS NOT NULL)
                       AND id IN (OLD.edition_id, NEW.edition_id)) THEN
                RAISE EXCEPTION 'a proposed or published edition never changes (%)', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN COALESCE(NEW, OLD);
        """,  # noqa: S608 - the table's name is ours
    )


def no_staff_among_a_customers_people() -> pgtrigger.Trigger:
    """S19, on memberships: whoever works at the desk belongs to no customer. The person is locked, so that the other way waits."""
    return pgtrigger.Trigger(
        name="no_staff",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func="""
            IF NEW.left_at IS NULL THEN
                PERFORM 1 FROM entitlements_user WHERE id = NEW.user_id FOR SHARE;
                IF (SELECT is_staff FROM entitlements_user WHERE id = NEW.user_id) THEN
                    RAISE EXCEPTION 'nobody works at the desk and for a customer' USING
                        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nobody_works_at_the_desk_and_for_a_customer';
                END IF;
            END IF;
            RETURN NEW;
        """,
    )


def no_customers_people_at_the_desk() -> pgtrigger.Trigger:
    """S19, on people: none of a customer's comes to the desk."""
    return pgtrigger.Trigger(
        name="no_member",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.is_staff"),
        func="""
            IF EXISTS (SELECT FROM entitlements_membership WHERE user_id = NEW.id AND left_at IS NULL) THEN
                RAISE EXCEPTION 'nobody works at the desk and for a customer' USING
                    ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nobody_works_at_the_desk_and_for_a_customer';
            END IF;
            RETURN NEW;
        """,
    )


def turns_the_years_of_its_contract() -> pgtrigger.Trigger:
    """E6: the row is something that decides the caps of its contract: whoever changes it raises the turn of the contract's years."""
    return pgtrigger.Trigger(
        name="turns_the_years",
        when=pgtrigger.After,
        operation=ALL_WRITES,
        func="""
            UPDATE entitlements_contractyear SET turn = turn + 1 WHERE contract_id IN (OLD.contract_id, NEW.contract_id);
            RETURN NULL;
        """,
    )


def turns_its_years(*columns: str) -> pgtrigger.Trigger:
    """E6, on contracts: with any of these columns the turn of its years is raised."""
    return pgtrigger.Trigger(
        name="turns_the_years",
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf(*columns),
        condition=pgtrigger.AnyChange(*columns),
        func="UPDATE entitlements_contractyear SET turn = turn + 1 WHERE contract_id = NEW.id; RETURN NULL;",
    )


def turns_with(column: str) -> pgtrigger.Trigger:
    """E6, on contract years: with this column its own turn is raised."""
    return pgtrigger.Trigger(
        name="turns",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf(column),
        condition=pgtrigger.AnyChange(column),
        func="NEW.turn := OLD.turn + 1; RETURN NEW;",
    )


def turns_the_years_it_governs() -> pgtrigger.Trigger:
    """E2, E6, on policy editions: once one is published, the turn of each year that comes under it is raised."""
    return pgtrigger.Trigger(
        name="turns_the_years",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("published_at"),
        condition=pgtrigger.Condition("NEW.published_at IS NOT NULL"),
        func="""
            UPDATE entitlements_contractyear AS year SET turn = turn + 1
             WHERE NEW.id = (SELECT id FROM entitlements_policyedition WHERE published_at IS NOT NULL
                              ORDER BY valid_from <= lower(year.days) DESC, abs(valid_from - lower(year.days)) LIMIT 1);
            RETURN NULL;
        """,
    )
