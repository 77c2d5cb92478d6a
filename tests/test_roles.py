"""V52, P23: two logins, one database. The owner migrates; the application reads and adds, and on ledgers and logs no more."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, connections, router

from config import embedded
from entitlements.models import Event
from tests import factories as make

ROLE = "makegood_app"
MODELS = [model for app in ("entitlements", "sla") for model in apps.get_app_config(app).get_models()]
APPEND_ONLY = [m for m in MODELS if any(t.name == "append_only" for t in getattr(m._meta, "triggers", []))]


def rights(table, kinds=("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES")):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind FROM unnest(%s::text[]) AS kind WHERE has_table_privilege(%s, %s, kind)",
            [list(kinds), ROLE, table],
        )
        return {kind for (kind,) in cursor.fetchall()}


def ask(question, *values):
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchone()


@pytest.mark.django_db
class TestTheApplication:
    def test_it_works_under_its_role_by_a_login_of_its_own(self):
        assert ask("SELECT current_user, session_user") == (ROLE, embedded.LOGIN)

    def test_it_is_no_superuser_and_owns_nothing(self):
        assert ask(
            "SELECT bool_or(rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls) FROM pg_roles WHERE rolname = ANY(%s)",
            [ROLE, embedded.LOGIN],
        ) == (False,)
        assert ask(
            "SELECT count(*) FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner WHERE rolname = ANY(%s)",
            [ROLE, embedded.LOGIN],
        ) == (0,)

    def test_there_are_tables_that_are_only_added_to(self):
        assert {m.__name__ for m in APPEND_ONLY} == {
            "AlertEffect",
            "Correction",
            "CreditEntry",
            "DecisionInputs",
            "ElectionChoice",
            "Event",
            "EventSeal",
            "Examination",
            "ExtendedWindow",
            "Extension",
            "FindingCustomer",
            "FindingDocument",
            "ImportFile",
            "ImportRun",
            "LedgerProof",
            "LetterEvent",
            "MaintenanceChange",
            "MissedReminder",
            "OutageStep",
            "OutcomeVersion",
            "Receipt",
            "Recomputation",
            "Reconciliation",
            "RecordedCap",
            "ShiftMemo",
            "TransactionFile",
            "UsageEntry",
        }

    def test_to_what_is_append_only_it_may_add_and_no_more(self):
        given = {model.__name__: rights(model._meta.db_table) for model in APPEND_ONLY}

        assert given.pop("Event") == {"SELECT"}  # of its lines it may write some columns: the next test
        assert {name for name, rights in given.items() if rights != {"SELECT", "INSERT"}} == set()

    def test_when_and_by_which_login_a_line_of_the_log_was_written_it_cannot_say(self):
        columns = [field.column for field in Event._meta.concrete_fields]
        question = "SELECT column_name FROM unnest(%s::text[]) AS column_name WHERE NOT has_column_privilege(%s, %s, column_name, 'INSERT')"
        with connection.cursor() as cursor:
            cursor.execute(question, [columns, ROLE, Event._meta.db_table])
            assert {name for (name,) in cursor.fetchall()} == {
                *("id", "recorded_at", "database_role", "sweep", "transaction")
            }

    def test_no_table_can_it_empty_or_put_a_trigger_on(self):
        given = {model.__name__: rights(model._meta.db_table) for model in MODELS}

        assert given
        assert {name for name, rights in given.items() if rights & {"TRUNCATE", "TRIGGER", "REFERENCES"}} == set()

    def test_it_cannot_change_the_schema_or_its_history(self):
        assert rights("django_migrations") == {"SELECT"}
        assert ask("SELECT has_schema_privilege(%s, 'public', 'CREATE')", ROLE) == (False,)

    def test_it_cannot_become_the_owner(self):
        with pytest.raises(DatabaseError, match="permission denied"):
            ask(f"SET ROLE {embedded.OWNER}")


class TestTheOwner:
    def test_migrations_are_its_alone(self):
        assert router.allow_migrate("owner", "sla")
        assert not router.allow_migrate("default", "sla")

    def test_it_owns_every_table(self, committed_db):
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
            assert cursor.fetchall() == [(embedded.OWNER,)]

    def test_what_the_application_writes_says_who_was_connected(self, committed_db):
        make.customer()

        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT database_role FROM entitlements_event WHERE \"table\" = 'entitlements_customer'"
            )
            assert cursor.fetchall() == [(embedded.LOGIN,)]
