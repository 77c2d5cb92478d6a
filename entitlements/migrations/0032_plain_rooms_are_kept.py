"""E6: the plain room of an activity is kept from one request to the next, until the database itself raises the turn of its year."""

from importlib import import_module

import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

BEFORE = import_module("entitlements.migrations.0008_a_request_in_one_call").REQUEST_PLAINLY

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

# As in 0008, but the room is the one that a request before has kept, if the year's turn is still the same; else it is worked
# out, and kept by whoever gets a place of it. Kept under the lock, where nobody raises the turn.
REQUEST_PLAINLY = """
CREATE OR REPLACE FUNCTION request_plainly(wish jsonb) RETURNS json LANGUAGE plpgsql AS $$
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


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0031_statements_are_logged_as_a_whole"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlainRoom",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("turn", models.PositiveIntegerField(help_text="The year's when it was worked out.")),
                (
                    "activities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SlugField(max_length=40), help_text="Those that share the places.", size=None
                    ),
                ),
                ("places", models.SmallIntegerField(help_text="Empty: without limit.", null=True)),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="capoverride",
            trigger=pgtrigger.compiler.Trigger(
                name="turns_the_years",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            UPDATE entitlements_contractyear SET turn = turn + 1 WHERE contract_id IN (OLD.contract_id, NEW.contract_id);\n            RETURN NULL;\n        ",
                    hash="960c3f5d2acbc9af96a52cebbf78056ac400938e",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_turns_the_years_8e0f6",
                    table="entitlements_capoverride",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contract",
            trigger=pgtrigger.compiler.Trigger(
                name="turns_the_years",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."term" IS DISTINCT FROM (NEW."term"))',
                    func="UPDATE entitlements_contractyear SET turn = turn + 1 WHERE contract_id = NEW.id; RETURN NULL;",
                    hash="ae5ea83c8b0f7ce16d2d6d093d22c71f441def63",
                    operation='UPDATE OF "status", "term"',
                    pgid="pgtrigger_turns_the_years_3511d",
                    table="entitlements_contract",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contractproduct",
            trigger=pgtrigger.compiler.Trigger(
                name="turns_the_years",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            UPDATE entitlements_contractyear SET turn = turn + 1 WHERE contract_id IN (OLD.contract_id, NEW.contract_id);\n            RETURN NULL;\n        ",
                    hash="fd64f9d0fbc0d842839dc111dadb8830eb03f3bd",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_turns_the_years_dbf8d",
                    table="entitlements_contractproduct",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contractyear",
            trigger=pgtrigger.compiler.Trigger(
                name="turns",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."days" IS DISTINCT FROM (NEW."days"))',
                    func="NEW.turn := OLD.turn + 1; RETURN NEW;",
                    hash="5b5eedaf1d8f43dd513d2def4883ce0e0359889e",
                    operation='UPDATE OF "days"',
                    pgid="pgtrigger_turns_a675c",
                    table="entitlements_contractyear",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="levelperiod",
            trigger=pgtrigger.compiler.Trigger(
                name="turns_the_years",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            UPDATE entitlements_contractyear SET turn = turn + 1 WHERE contract_id IN (OLD.contract_id, NEW.contract_id);\n            RETURN NULL;\n        ",
                    hash="75617f2ca2e3fbd8d21649a80977a55304bcfbfc",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_turns_the_years_ea23e",
                    table="entitlements_levelperiod",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="policyedition",
            trigger=pgtrigger.compiler.Trigger(
                name="turns_the_years",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.published_at IS NOT NULL)",
                    func="\n            UPDATE entitlements_contractyear AS year SET turn = turn + 1\n             WHERE NEW.id = (SELECT id FROM entitlements_policyedition WHERE published_at IS NOT NULL\n                              ORDER BY valid_from <= lower(year.days) DESC, abs(valid_from - lower(year.days)) LIMIT 1);\n            RETURN NULL;\n        ",
                    hash="c53f75eb10699f45f7a02ad85b23b2e54a335d95",
                    operation='INSERT OR UPDATE OF "published_at"',
                    pgid="pgtrigger_turns_the_years_6d648",
                    table="entitlements_policyedition",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="plainroom",
            name="activity",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="entitlements.activity",
            ),
        ),
        migrations.AddField(
            model_name="plainroom",
            name="contract",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="entitlements.contract",
            ),
        ),
        migrations.AddField(
            model_name="plainroom",
            name="year",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="entitlements.contractyear"
            ),
        ),
        migrations.AddConstraint(
            model_name="plainroom",
            constraint=models.UniqueConstraint(
                fields=("contract", "activity", "days"), name="one_plain_room_of_an_activity_on_its_days"
            ),
        ),
        migrations.RunSQL(SAME_ROOM, "DROP FUNCTION days_of_same_room"),
        migrations.RunSQL(REQUEST_PLAINLY, BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
    ]
