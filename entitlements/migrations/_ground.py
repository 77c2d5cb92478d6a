"""What must be there before the first table: extensions and the application's role."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

# The application connects as this role: it may read and write rows, but has no rights on ledgers and logs beyond
# reading and adding (each such table's migration takes them away), and owns nothing.
APPLICATION_ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'makegood_app') THEN
        CREATE ROLE makegood_app NOLOGIN;
        GRANT makegood_app TO CURRENT_USER; -- a single login that may create roles then works under it
    END IF;
END $$;
GRANT USAGE ON SCHEMA public TO makegood_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO makegood_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO makegood_app;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM makegood_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO makegood_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO makegood_app;
"""

OPERATIONS = [
    BtreeGistExtension(),
    TrigramExtension(),
    UnaccentExtension(),
    migrations.RunSQL(APPLICATION_ROLE, migrations.RunSQL.noop),
]
