from django.db import migrations

COLUMNS = 'happened_at, verb, matter, actor_id, note, part_of_id, "table", row_id, changes'


class Migration(migrations.Migration):
    """P23: of a line of the log the application says what was done; its number, when it was written, by which login and in which
    transaction the database says alone."""

    dependencies = [
        ("entitlements", "0038_the_comparisons_are_called_so"),
    ]

    operations = [
        migrations.RunSQL(
            "REVOKE INSERT ON entitlements_event FROM makegood_app;"
            f"GRANT INSERT ({COLUMNS}) ON entitlements_event TO makegood_app;",
            f"REVOKE INSERT ({COLUMNS}) ON entitlements_event FROM makegood_app;"
            "GRANT INSERT ON entitlements_event TO makegood_app;",
        ),
    ]
