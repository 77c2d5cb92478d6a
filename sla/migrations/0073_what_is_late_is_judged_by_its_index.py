"""S5: the index of what may be late holds all that it is judged by, so that no row is read for what the alerts of customers come to:
each lies on a page of its own, and reading those pages took a third of the time, on a busy machine half.

What has no bound on its length, the log entries of other kinds, stays with the row. A text has 200 signs at most, so an entry stays far
below the third of a page that an index holds of one.
"""

from importlib import import_module

from django.db import migrations

before = import_module("sla.migrations.0053_what_is_late_by_its_index")

JUDGED_BY = """INCLUDE (source_id, line, initial, first_responder, high_urgency, channel, incident, registered, located, delay,
                 provider_api_call_at, push_attempt_at, sms_sent_at, email_sent_at, delivery_receipt_at, acknowledged_at, resolved_at)"""
LATE = before.LATE.replace("WHERE", f"{JUDGED_BY}\n        WHERE")

FUNCTION = before.BY_WAITING.replace("CREATE FUNCTION", before.ANEW)


class Migration(migrations.Migration):
    dependencies = [("sla", "0072_an_effect_follows_the_deadline_in_every_zone")]

    operations = [
        migrations.RunSQL(
            FUNCTION.replace(before.LATE, LATE) + before.AGAIN.replace("{0}", LATE),
            FUNCTION + before.AGAIN.replace("{0}", before.LATE),
        ),
    ]
