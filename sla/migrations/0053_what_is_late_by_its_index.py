"""S5, S7: what is late, and what a quarter hour counts, by the indexes alone.

The index of what may be late holds how long each waited, so that those beyond a limit are told apart in it. The key of the quarter hours
holds their counts. A quarter hour that one import has alone is marked as such: nothing is to be added up for it.
"""

from django.db import migrations, models

from sla.migrations._alert_tables import INDEX

WAITED = """(COALESCE(LEAST(delivery_receipt_at, CASE channel WHEN ''phone'' THEN provider_api_call_at
        WHEN ''push'' THEN push_attempt_at WHEN ''sms'' THEN sms_sent_at WHEN ''email'' THEN email_sent_at END)
        - received_at - delay, interval ''infinity''))"""
LATE = f"""'CREATE INDEX IF NOT EXISTS %I ON public.%I (customer_id, received_at, {WAITED})
        WHERE initial AND first_responder AND high_urgency AND {WAITED} > interval ''00:01:00'''"""

START, END = INDEX.index("    EXECUTE format(\n"), INDEX.index("END $$;")
BY_WAITING = INDEX[:START] + f"    EXECUTE format({LATE}, leaf || '_late', leaf);\n" + INDEX[END:]
ANEW = "CREATE OR REPLACE FUNCTION"

# Of tables that have the index by now; others get theirs when they are indexed.
AGAIN = """
DO $$
DECLARE
    leaf text;
BEGIN
    FOR leaf IN SELECT format('sla_notification_%s_%s', source_id, to_char(month, 'YYYYMM')) FROM sla_alertpart
    LOOP
        IF to_regclass('public.' || leaf || '_late') IS NOT NULL THEN
            EXECUTE format('DROP INDEX public.%I', leaf || '_late');
            EXECUTE format({0}, leaf || '_late', leaf);
        END IF;
    END LOOP;
END $$;
"""
AS_BEFORE = INDEX[START:END].split("format(", 1)[1].rsplit(", leaf || '_late', leaf);", 1)[0].strip()

WITH_COUNTS = """
ALTER TABLE sla_alertquarter DROP CONSTRAINT sla_alertquarter_pkey,
    ADD PRIMARY KEY (customer_id, start, source_id) INCLUDE (volume, incidents, alone);
"""
WITHOUT_COUNTS = """
ALTER TABLE sla_alertquarter DROP CONSTRAINT sla_alertquarter_pkey, ADD PRIMARY KEY (customer_id, start, source_id);
"""
ALONE = """
UPDATE sla_alertquarter AS one SET alone = true
 WHERE NOT EXISTS (SELECT FROM sla_alertquarter AS other WHERE other.customer_id = one.customer_id AND other.start = one.start
                      AND other.source_id <> one.source_id);
"""


class Migration(migrations.Migration):
    dependencies = [("sla", "0052_what_is_paid_ahead_follows_the_deadline")]

    operations = [
        migrations.RunSQL(
            BY_WAITING.replace("CREATE FUNCTION", ANEW) + AGAIN.replace("{0}", LATE),
            INDEX.replace("CREATE FUNCTION", ANEW) + AGAIN.replace("{0}", AS_BEFORE),
        ),
        migrations.AddField(
            model_name="alertquarter",
            name="alone",
            field=models.BooleanField(
                default=False, help_text="No other import has this quarter hour, so that nothing is to be added up."
            ),
        ),
        migrations.RunSQL(ALONE, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="alertquarter",
            index=models.Index(
                condition=models.Q(("alone", False)), fields=["customer", "start"], name="alert_quarters_to_add_up"
            ),
        ),
        migrations.RunSQL(WITH_COUNTS, WITHOUT_COUNTS),
    ]
