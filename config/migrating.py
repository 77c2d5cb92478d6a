"""What our `migrate` does beside Django's: new databases in a third of the time, and updates while everybody works (P25).

After each operation Django renders the model that it changed anew, and with it all that are related to it, over any number of steps:
here nearly every model there is, three hundred times over. The schema asks nothing of the others. What does, code that runs between
operations, has Django render all of them first, as it always does after a change that it calls delayed.

And it would take the lock of one table after the other as it comes to them, and hold each to the end, while it renders what comes next:
whoever writes waits for as long, and each may hold what the other wants. Here a migration renders first, then takes all its locks or
none, and only then changes anything.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import timedelta

from django.core.management.base import CommandError
from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import (
    AddField,
    AddIndex,
    AlterField,
    CreateModel,
    DeleteModel,
    Migration,
    RemoveField,
    RunSQL,
)
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.models import ModelOperation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Field
from django.db.models.utils import make_model_tuple
from pgtrigger.migrations import AddTrigger
from psycopg.errors import LockNotAvailable, QueryCanceled

TO_TAKE_ALL = timedelta(milliseconds=800)
"""For this long others may have to wait behind us. Less than the second after which PostgreSQL looks who blocks whom, and ends one."""

TO_TAKE_MORE = timedelta(milliseconds=100)
"""For a lock that nothing announced, while all the others are held."""

PAUSE_SECONDS = 0.7
"""Between two tries, so that those who waited get on."""

PATIENCE = timedelta(minutes=2)

NO_WRITERS, NO_KEYS, NOBODY = MODES = ("SHARE", "SHARE ROW EXCLUSIVE", "ACCESS EXCLUSIVE")
"""What an index is built under, what a foreign key or a trigger that comes asks for, and what all else does. Each keeps off whomever the
one before it does; only under the last nobody can read."""

Locks = dict[str, str]
"""The mode, by the name of the table."""


@contextmanager
def one_model_at_a_time() -> Iterator[None]:
    """Inside, a change that makes a model, or that Django calls delayed, renders that one model anew."""
    with_all_related = ProjectState._find_reload_model  # type: ignore[attr-defined]  # its stubs leave out what is private

    def to_render(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:
        if not delay and model_name in state.apps.all_models[app_label]:
            return with_all_related(state, app_label, model_name, delay)
        state.is_delayed = True
        return {(app_label, model_name)}

    ProjectState._find_reload_model = to_render  # type: ignore[attr-defined]
    try:
        yield
    finally:
        ProjectState._find_reload_model = with_all_related  # type: ignore[attr-defined]


@contextmanager
def all_locks_or_none() -> Iterator[None]:
    """Inside, a migration is done as one transaction that begins with the locks of the tables which it will change.

    Whatever can be done before is. Where somebody holds one of the locks for longer than `TO_TAKE_ALL`, it lets go of all and tries again;
    after `PATIENCE` it raises CommandError, and nothing of it is done. A new database, and a migration that says that it is no transaction,
    are left to Django.
    """
    as_it_comes = MigrationExecutor.apply_migration

    def applied(
        self: MigrationExecutor,
        state: ProjectState,
        migration: Migration,
        fake: bool = False,
        fake_initial: bool = False,
    ) -> ProjectState:
        nobody_waits = not self.loader.applied_migrations  # the database is new
        if fake or nobody_waits or not migration.atomic:
            return as_it_comes(self, state, migration, fake, fake_initial)
        locks = locks_of(self.connection, migration, state)
        ready = _rendered(migration, state.clone())
        return _locked(
            self.connection, str(migration), locks, lambda: as_it_comes(self, state, ready, fake, fake_initial)
        )

    MigrationExecutor.apply_migration = applied  # type: ignore[method-assign]
    try:
        yield
    finally:
        MigrationExecutor.apply_migration = as_it_comes  # type: ignore[method-assign]


def _rendered(migration: Migration, state: ProjectState) -> Migration:
    """The same, with the states between its operations made; to apply it is to do what they do to the database, as often as it is tried."""
    states = [state.clone()]
    for one in migration.operations:
        one.state_forwards(migration.app_label, state)
        states.append(state.clone())

    def apply(_: ProjectState, editor: BaseDatabaseSchemaEditor, collect_sql: bool = False) -> ProjectState:
        for one, before, after in zip(migration.operations, states, states[1:], strict=False):
            one.database_forwards(migration.app_label, editor, before, after)
        return state

    ready = copy(migration)
    ready.apply = apply  # type: ignore[method-assign, assignment]
    return ready


def _locked(
    connection: BaseDatabaseWrapper, name: str, locks: Locks, apply: Callable[[], ProjectState]
) -> ProjectState:
    give_up_at = time.monotonic() + PATIENCE.total_seconds()
    while True:
        not_had: tuple[type[Exception], ...] = (LockNotAvailable, QueryCanceled)
        try:
            with transaction.atomic(using=connection.alias):
                _take(connection, locks)
                not_had = (LockNotAvailable,)  # what is cancelled from here on is cancelled by others
                return apply()
        except OperationalError as error:
            if not isinstance(error.__cause__, not_had):
                raise
            if time.monotonic() > give_up_at:
                raise CommandError(
                    f"{name} waited {PATIENCE} for its tables, which others hold: nothing of it is done. "
                    "End what runs for minutes (a backup, an import, a query), and run this again: it goes on here."
                ) from error
            time.sleep(PAUSE_SECONDS)


def _take(connection: BaseDatabaseWrapper, locks: Locks) -> None:
    """All of them, until the transaction has ended."""
    by_mode = {mode: sorted(name for name in locks if locks[name] == mode) for mode in MODES}
    quoted = connection.ops.quote_name
    words = [f"LOCK TABLE {', '.join(map(quoted, names))} IN {mode} MODE; " for mode, names in by_mode.items() if names]
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{TO_TAKE_ALL // timedelta(milliseconds=1)}ms'")
        cursor.execute(f"DO $$ BEGIN {''.join(words)} END $$")
        cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
        cursor.execute(f"SET LOCAL lock_timeout = '{TO_TAKE_MORE // timedelta(milliseconds=1)}ms'")


def locks_of(connection: BaseDatabaseWrapper, migration: Migration, state: ProjectState) -> Locks:
    """The strongest that a migration asks for, of each table that is there before it. Those of code are not among them."""
    asked = defaultdict[str, set[str]](set)
    for one in migration.operations:
        if isinstance(one, RunSQL):
            asked[NOBODY] |= set(re.findall(r"\w+", str(one.sql)))
        elif name := _model_of(one):
            model = (migration.app_label, name.lower())
            came, went = _fields_that_came(one), _fields_that_went(one, state.models.get(model))
            asked[_mode_of(one)] |= _tables(state, [model])
            asked[NOBODY] |= _tables(state, _targets(went))
            asked[NO_KEYS] |= _tables(state, _targets(came))
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
    return {name: mode for mode in MODES for name in asked[mode] & there}


def _mode_of(one: Operation) -> str:
    """That of the operation's own table."""
    if isinstance(one, AddIndex):
        return NO_WRITERS
    return NO_KEYS if isinstance(one, AddTrigger) else NOBODY


def _model_of(one: Operation) -> str:
    return getattr(one, "model_name", "") or (one.name if isinstance(one, ModelOperation) else "")


def _fields_that_came(one: Operation) -> Iterable[Field]:
    if isinstance(one, CreateModel):
        return [field for _, field in one.fields]
    return [one.field] if isinstance(one, AddField | AlterField) else []


def _fields_that_went(one: Operation, model: ModelState | None) -> Iterable[Field]:
    if model is None:
        return []
    if isinstance(one, DeleteModel):
        return model.fields.values()
    return [model.fields[one.name]] if isinstance(one, AlterField | RemoveField) else []


def _targets(fields: Iterable[Field]) -> Iterable[tuple[str, str]]:
    for field in fields:
        if field.remote_field:
            yield make_model_tuple(field.remote_field.model)


def _tables(state: ProjectState, models: Iterable[tuple[str, str]]) -> set[str]:
    """None of a model that the migration itself makes."""
    known = [(key, state.models[key]) for key in models if key in state.models]
    return {model.options.get("db_table") or "_".join(key) for key, model in known}
