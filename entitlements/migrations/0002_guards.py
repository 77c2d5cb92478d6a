"""What models cannot say: a level on each day, tables that are only added to, the cache's table."""

from django.core.management import call_command
from django.db import migrations

LEVELS_ON_EACH_DAY = """
CREATE CONSTRAINT TRIGGER one_level_on_each_day_of_the_term
    AFTER INSERT OR UPDATE OR DELETE ON entitlements_levelperiod
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION levels_fill_the_term();
CREATE CONSTRAINT TRIGGER one_level_on_each_day_of_the_term
    AFTER INSERT OR UPDATE OF term ON entitlements_contract
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION levels_fill_the_term();
"""

# The application may add to logs and ledgers, and no more; letters are moved on by the worker but never taken away.
ONLY_ADDED_TO = """
REVOKE UPDATE, DELETE, TRUNCATE ON entitlements_event, entitlements_usageentry FROM makegood_app;
REVOKE DELETE, TRUNCATE ON entitlements_letter, entitlements_engagement, entitlements_contract,
    entitlements_customer, entitlements_user FROM makegood_app;
"""


def create_cache_table(apps, schema_editor):
    call_command("createcachetable", "cache", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0001_initial")]

    operations = [
        migrations.RunSQL(LEVELS_ON_EACH_DAY, migrations.RunSQL.noop),
        migrations.RunSQL(ONLY_ADDED_TO, migrations.RunSQL.noop),
        migrations.RunPython(create_cache_table, migrations.RunPython.noop),
    ]
