"""A new database's migrations render one model at a time; those of one that is worked with take all their locks at once (P25)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import OperationalError, connections, models
from django.db.migrations import AddField, AddIndex, AlterField, CreateModel, Migration, RemoveField, RunSQL
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from pgtrigger.compiler import Trigger, UpsertTriggerSql
from pgtrigger.migrations import AddTrigger, RemoveTrigger

from config import embedded, migrating
from config.migrating import all_locks_or_none, locks_of, one_model_at_a_time

ID = ("id", models.BigAutoField(primary_key=True))


def table(name: str, *fields: tuple[str, models.Field]) -> ModelState:
    return ModelState("things", name, [ID, *fields])


def test_what_is_related_is_rendered_when_code_asks_for_it() -> None:
    state = ProjectState()
    state.add_model(table("Box"))
    before = state.apps.get_model("things", "Box")

    with one_model_at_a_time():
        state.add_model(table("Thing", ("box", models.ForeignKey("things.Box", models.PROTECT))))
        assert state.apps.get_model("things", "Box") is before, "what was there is left alone"
        state.add_field("things", "box", "size", models.IntegerField(null=True), preserve_default=True)
        box, thing = (state.apps.get_model("things", name) for name in ("Box", "Thing"))
        assert box._meta.get_field("size")
        assert thing._meta.get_field("box").related_model is before, "it waits"

    state.clear_delayed_apps_cache()  # as RunPython does before it runs
    box, thing = (state.apps.get_model("things", name) for name in ("Box", "Thing"))
    assert thing._meta.get_field("box").related_model is box
    assert box._meta.get_field("size")


def test_afterwards_django_is_as_it_was() -> None:
    asked = ProjectState._find_reload_model
    with one_model_at_a_time():
        assert ProjectState._find_reload_model is not asked
    assert ProjectState._find_reload_model is asked


def test_the_command_works_so(monkeypatch) -> None:
    """P25: an update holds the locks of a table while Django renders: 9 s of it for one migration, and half a second so."""
    asked, seen = ProjectState._find_reload_model, []
    monkeypatch.setattr(Migrate, "handle", lambda *given, **options: seen.append(ProjectState._find_reload_model))

    call_command("migrate", database="owner", skip_checks=True)

    assert seen != [asked]
    assert len(seen) == 1


AS_PG_SAYS = dict(zip(migrating.MODES, ["ShareLock", "ShareRowExclusiveLock", "AccessExclusiveLock"], strict=True))
"""From the weakest to the strongest."""


def new_trigger(table: str) -> Trigger:
    sql = UpsertTriggerSql(
        func="RETURN NEW;", operation="UPDATE", pgid=f"pgtrigger_new_{table}", table=table, when="BEFORE"
    )
    return Trigger(name="new", sql=sql)


BOTH = "ALTER TABLE sla_termsperiod ADD wide int; ALTER TABLE sla_vendorholiday ADD wide int"


def of_sql(words: str) -> Migration:
    migration = Migration("0001_wide", "things")
    migration.operations = [RunSQL(words)]
    return migration


def columns(table: str) -> set[str]:
    with connections["owner"].cursor() as cursor:
        return {one.name for one in connections["owner"].introspection.get_table_description(cursor, table)}


@pytest.fixture
def somebody(committed_db: str, servers: embedded.Servers) -> Iterator[psycopg.Connection]:
    """Somebody who has just read the holidays, and has not ended their transaction."""
    with psycopg.connect(servers.postgres.url(database=committed_db)) as connection:
        connection.execute("SELECT FROM sla_vendorholiday")
        yield connection


@pytest.fixture
def executor(committed_db: str) -> MigrationExecutor:
    return MigrationExecutor(connections["owner"])


class TestLocks:
    """P25. Under writers and readers, with all the migrations there are, `make chaos` shows it."""

    def test_all_are_had_or_none(self, executor, somebody, monkeypatch) -> None:
        """Whoever uses the other table goes on meanwhile, and what was done is undone."""
        monkeypatch.setattr(migrating, "PATIENCE", timedelta())
        monkeypatch.setattr(migrating, "TO_TAKE_ALL", timedelta(milliseconds=50))

        with (
            all_locks_or_none(),
            pytest.raises(CommandError, match=r"things.0001_wide waited .* nothing of it is done"),
        ):
            executor.apply_migration(ProjectState(), of_sql(BOTH))

        assert "wide" not in columns("sla_termsperiod")
        somebody.execute("SET lock_timeout = '50ms'; LOCK TABLE sla_termsperiod IN ROW EXCLUSIVE MODE")

    def test_are_asked_for_again_once_whoever_waited_got_on(self, executor, somebody, monkeypatch) -> None:
        pauses = []
        monkeypatch.setattr(migrating, "TO_TAKE_ALL", timedelta(milliseconds=50))
        monkeypatch.setattr(migrating.time, "sleep", lambda seconds: pauses.append(seconds) or somebody.rollback())

        with all_locks_or_none():
            executor.apply_migration(ProjectState(), of_sql(BOTH))

        assert "wide" in columns("sla_termsperiod") & columns("sla_vendorholiday")
        assert pauses == [migrating.PAUSE_SECONDS]

    def test_one_that_nothing_announced_is_not_waited_for(self, executor, somebody, monkeypatch) -> None:
        monkeypatch.setattr(migrating, "PATIENCE", timedelta())
        hidden = "ALTER TABLE sla_termsperiod ADD wide int; DO $$ BEGIN EXECUTE 'ALTER TABLE sla_vendor' || 'holiday ADD wide int'; END $$"

        with all_locks_or_none(), pytest.raises(CommandError):
            executor.apply_migration(ProjectState(), of_sql(hidden))

        assert "wide" not in columns("sla_termsperiod")

    def test_who_cancels_its_work_is_heard(self, executor, monkeypatch) -> None:
        monkeypatch.setattr(migrating, "PATIENCE", timedelta())

        with all_locks_or_none(), pytest.raises(OperationalError, match="canceling statement"):
            executor.apply_migration(ProjectState(), of_sql("SELECT pg_cancel_backend(pg_backend_pid())"))

    def test_are_those_that_its_operations_take(self, executor, monkeypatch) -> None:
        """PostgreSQL says in the end what they took themselves; what is taken at the beginning is as strong, and no stronger."""
        state = executor.loader.project_state()
        migration = Migration("0999_all_kinds", "sla")
        to_holiday = models.ForeignKey("sla.VendorHoliday", models.PROTECT, null=True)
        migration.operations = [
            AddField("claim", "holiday", to_holiday),
            AlterField("failure", "cause", models.ForeignKey("sla.Cause", models.CASCADE, db_constraint=False)),
            RemoveField("failure", "outage"),
            CreateModel("thing", [("id", models.AutoField(primary_key=True)), ("fee", models.ForeignKey("entitlements.FeeMonth", models.CASCADE))]),
            AddIndex("alertquarter", models.Index(fields=["volume"], name="of_volume")),
            AddIndex("claim", models.Index(fields=["state"], name="of_state")),
            AddTrigger("termsperiod", new_trigger("sla_termsperiod")),
            AddIndex("termsperiod", models.Index(fields=["terms"], name="of_terms")),
            RemoveTrigger("withdrawal", state.models["sla", "withdrawal"].options["triggers"][0].name),
            AddTrigger("withdrawal", new_trigger("sla_withdrawal")),
            RunSQL("ALTER TABLE sla_credit ADD wide int"),
        ]  # fmt: skip
        foreseen = locks_of(connections["owner"], migration, state)
        taken: dict[str, str] = {}

        def note(executor: MigrationExecutor, migration: Migration) -> None:
            with connections["owner"].cursor() as cursor:
                cursor.execute(
                    "SELECT relname, mode FROM pg_locks JOIN pg_class ON pg_class.oid = relation"
                    " WHERE pid = pg_backend_pid() AND relkind = 'r' AND relname !~ '^pg_'"
                )
                found = {(name, mode) for name, mode in cursor.fetchall()}
            for mode, as_pg_says in AS_PG_SAYS.items():
                taken.update((name, mode) for name, one in found if one == as_pg_says)

        monkeypatch.setattr(MigrationExecutor, "record_migration", note)
        monkeypatch.setattr(migrating, "_take", lambda connection, locks: None)
        with one_model_at_a_time(), all_locks_or_none():
            executor.apply_migration(state, migration)

        del taken["sla_thing"]
        assert taken == foreseen
        assert {name: mode for name, mode in foreseen.items() if mode != migrating.NOBODY} == {
            "sla_alertquarter": migrating.NO_WRITERS,
            "sla_termsperiod": migrating.NO_KEYS,
            "sla_vendorholiday": migrating.NO_KEYS,
            "entitlements_feemonth": migrating.NO_KEYS,
        }

    def test_who_reads_goes_on_while_an_index_is_built(self, executor, servers, committed_db, monkeypatch) -> None:
        migration = Migration("0999_an_index", "sla")
        migration.operations = [AddIndex("alertquarter", models.Index(fields=["volume"], name="of_volume"))]
        with psycopg.connect(servers.postgres.url(database=committed_db), autocommit=True) as somebody:

            def read(executor: MigrationExecutor, migration: Migration) -> None:
                somebody.execute("SET lock_timeout = '50ms'")
                somebody.execute("SELECT FROM sla_alertquarter")
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    somebody.execute("DELETE FROM sla_alertquarter")

            monkeypatch.setattr(MigrationExecutor, "record_migration", read)
            with all_locks_or_none():
                executor.apply_migration(executor.loader.project_state(), migration)


def test_an_earlier_program_can_go_on_writing() -> None:
    """P25: it does not know of a column that was added since, so the column is empty, or the database has a value for it."""
    loader = MigrationLoader(None)
    added = [
        (app, one.model_name, one.name)
        for (app, name), migration in loader.disk_migrations.items()
        if app in ("entitlements", "sla") and name >= "0035"
        for one in migration.operations
        if isinstance(one, AddField)
        and not any(
            isinstance(it, CreateModel) and it.name_lower == one.model_name_lower for it in migration.operations
        )
    ]
    fields = [apps.get_model(app, model)._meta.get_field(name) for app, model, name in added]

    assert fields
    assert [str(one) for one in fields if not one.null and not one.has_db_default()] == []
