"""A real PostgreSQL, a real Valkey, a real SMTP server and a real Chromium, each started by the first test that asks.

- `db` (pytest-django): the test runs under the application's role, in a transaction that is rolled back. Rows that many tests only
  stand on are made once: `@shared` (tests/shared.py) in place of `@pytest.fixture`; tests/worlds.py has the common ones.
- `committed_db`: the test commits, in a database of its own, copied from the migrated template and dropped afterwards.
- `at_once`: calls functions at one moment, a thread and a connection each, on a `committed_db`.
- `live_url`, `page`: the site over http on a `committed_db`, and a browser's page whose base it is.
- `valkey_url`, `smtp_server`, `smtp_backend`: what their names say.
"""

import gc
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message
from email.policy import default as modern
from importlib import import_module
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import hypothesis
import psycopg
import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.db import connections
from django.test.testcases import LiveServerThread

from config import embedded
from config.celery import app as celery_app
from config.migrating import one_model_at_a_time
from tests import shared
from tests.config import throwaway

TEMPLATE = embedded.DATABASE
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The first of them has no windows to draw, and takes two thirds of the others' work."""
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--js-flags=--no-opt,--no-maglev",  # no page is looked at for so long that its scripts' machine code is worth the making
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]

hypothesis.settings.register_profile("makegood", deadline=None)
hypothesis.settings.load_profile("makegood")


def pytest_configure(config: pytest.Config) -> None:
    """The environment is .env.example, a production; here is all in which the tests differ from it."""
    if not config.pluginmanager.hasplugin("django"):  # -p no:django: the rules alone, at once
        return
    celery_app.conf.broker_url = "memory://"
    plain_http = {
        "SECURE_SSL_REDIRECT": False,
        "SESSION_COOKIE_SECURE": False,
        "CSRF_COOKIE_SECURE": False,
        "SESSION_COOKIE_NAME": "session",
        "CSRF_COOKIE_NAME": "csrf",
        "SEEN_COOKIE_NAME": "seen",
        "STAFF_SECOND_FACTOR": False,  # tests sign in by force
        "CELERY_BROKER_URL": "memory://",
        "SESSION_IDLE_SECONDS": 10**9,  # tests let weeks pass; those of the limit set it
        "ALLOWED_HOSTS": ["testserver", "localhost", "127.0.0.1"],
    }
    folder = tempfile.TemporaryDirectory(prefix="makegood-files-", dir=throwaway.quickest())
    config.add_cleanup(folder.cleanup)
    evidence, collected = Path(folder.name, "evidence"), Path(folder.name, "static")
    evidence.mkdir()
    collected.mkdir()
    storages = django_settings.STORAGES
    storages["evidence"]["OPTIONS"]["location"] = str(evidence)
    storages["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    files = {"EVIDENCE_ROOT": evidence, "STATIC_ROOT": collected, "STORAGES": storages}
    fast = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}
    for name, value in {**plain_http, **files, **fast}.items():
        setattr(django_settings, name, value)


def pytest_make_parametrize_id(val: Any) -> str | None:
    """Bytes have times of making in them (zip), and two processes must collect the same names."""
    return "bytes" if isinstance(val, bytes) else None


def pytest_collection(session: pytest.Session) -> None:
    """Nothing that is collected becomes garbage: looking for some would be a third of the work.

    Of two processes the second begins with the last file: the assertions of each are rewritten by one, and read by the other.
    """
    gc.disable()
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":
        root = session.config.rootpath
        files = [path for arg in session.config.args for path in (root / arg).rglob("test_*.py")]
        for path in sorted(files, reverse=True):
            # What is wrong with a file is said when its tests are collected.
            with suppress(Exception, pytest.skip.Exception):
                import_module(".".join(path.relative_to(root).with_suffix("").parts))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest go first, after pytest-django put them last: at the end neither process waits for the other.

    Those that stand on the same rows go together, from file to file if the rows are common ones, else in their file; what
    pytest-randomly did to the order stands otherwise.

    Of two processes the second begins in the middle, with what needs no server: when it comes to its first database, the other one has
    migrated it for both.
    """
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    files = {path: n for n, path in enumerate(dict.fromkeys(item.path for item in items))}

    def place(item: pytest.Item) -> tuple[Any, ...]:
        asked = shared.asked_by(item)
        return (
            item.get_closest_marker("browser") is None,
            "TestTheWalk" not in item.nodeid,
            [build.__name__ for build in asked if shared.is_common(build)],
            files[item.path],
            [build.__name__ for build in asked],
        )

    items.sort(key=place)
    with_servers = [item for item in items if _needs_servers(item)]
    without = [item for item in items if not _needs_servers(item)]
    middle = len(items) // 2
    items[:] = [*with_servers[:middle], *without, *with_servers[middle:]]


def _needs_servers(item: pytest.Item) -> bool:
    return "servers" in getattr(item, "fixturenames", ()) or item.get_closest_marker("django_db") is not None


def pytest_collection_finish() -> None:
    """What was collected stays to the end: the garbage collector need not go through all of it again and again."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Who leaves tidies up no more: pytest and Python would each look through all that is left, and find nothing that matters."""
    gc.freeze()


# --- Databases


@pytest.fixture(scope="session")
def servers() -> Iterator[embedded.Servers]:
    with throwaway.throwaway(throwaway.quickest()) as servers:
        yield servers


@pytest.fixture(scope="session")
def valkey_url(servers: embedded.Servers) -> str:
    return servers.valkey.url()


@pytest.fixture(scope="session")
def migrated(servers: embedded.Servers, django_test_environment: None, django_db_blocker: Any) -> embedded.Servers:
    """The servers, with a template database that the owner has migrated and nobody is connected to."""
    if not throwaway.is_migrated(servers):
        with django_db_blocker.unblock(), _pointed_at(servers, TEMPLATE), one_model_at_a_time():
            call_command("migrate", database="owner", verbosity=0)
        throwaway.keep(servers)
    return servers


@pytest.fixture(scope="session")
def django_db_setup(migrated: embedded.Servers) -> Iterator[None]:
    """In place of pytest-django's: its test database would be made and used by one and the same role."""
    with _copy(migrated) as name, _pointed_at(migrated, name):
        yield


@pytest.fixture(scope="session")
def shared_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[shared.Rows]:
    yield shared.ROWS
    with django_db_blocker.unblock():
        shared.ROWS.none()


@pytest.fixture
def rows_made(request: Any, shared_rows: shared.Rows, django_db_blocker: Any) -> dict[Any, Any]:
    """The rows of the shared fixtures that this test asks for, and of no others (tests/shared.py)."""
    with django_db_blocker.unblock():
        return shared_rows.only(shared.asked_by(request.node))


@pytest.fixture
def _django_db_helper(rows_made: dict[Any, Any], _django_db_helper: None) -> None:
    """pytest-django's, behind `db` and the mark: the test's own savepoint comes on top of the shared rows."""


@pytest.fixture
def committed_db(migrated: embedded.Servers, django_db_blocker: Any) -> Iterator[str]:
    """A database of the test's own, in which it may commit; its name. Nothing is ever flushed or truncated."""
    with _copy(migrated) as name, django_db_blocker.unblock(), _pointed_at(migrated, name):
        yield name


@pytest.fixture
def at_once(committed_db: str) -> Callable[..., list[Any]]:
    """Call functions at one moment, a thread and a connection each. Their results, or exceptions, in order."""

    def call(*functions: Callable[[], Any]) -> list[Any]:
        start = Barrier(len(functions))

        def one(function: Callable[[], Any]) -> Any:
            try:
                start.wait(timeout=30)
                return function()
            except Exception as error:
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(one, functions))

    return call


@contextmanager
def _copy(servers: embedded.Servers) -> Iterator[str]:
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(servers.postgres.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {embedded.OWNER} STRATEGY file_copy")
        yield name
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _pointed_at(servers: embedded.Servers, database: str) -> Iterator[None]:
    """`default` and `owner` mean this database, by the logins that they have in the product."""
    before = {alias: dict(connections.settings[alias]) for alias in connections}
    shared.ROWS.none()
    connections.close_all()
    _forget_editions()
    for alias, login in {"default": embedded.LOGIN, "owner": embedded.OWNER}.items():
        options = {**before[alias]["OPTIONS"], "host": str(servers.place.sockets)}
        here = {"NAME": database, "USER": login, "PASSWORD": "", "HOST": "", "PORT": "", "CONN_MAX_AGE": 0}
        connections.settings[alias].update(here, OPTIONS=options)
    try:
        yield
    finally:
        connections.close_all()
        _forget_editions()
        for alias, settings in before.items():
            connections.settings[alias].update(settings)


def _forget_editions() -> None:
    """A process loads a published edition once, by its number; in another database the number is another's."""
    from entitlements.models import policy

    policy._facts_of.cache_clear()
    policy.description_in.cache_clear()


# --- Letters


class Postbox:
    """What an SMTP server received: `messages`, parsed, and `envelopes` as they came."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []
        self.messages: list[Message] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.envelopes.append(envelope)
        self.messages.append(message_from_bytes(envelope.content, policy=modern))
        return "250 Kept"


@pytest.fixture
def smtp_server() -> Iterator[Any]:
    """A real SMTP server on loopback; `.handler` is its Postbox, `.hostname` and `.port` its address."""
    from aiosmtpd.controller import Controller

    server = Controller(Postbox(), hostname="127.0.0.1", port=free_port(), ready_timeout=30)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def smtp_backend(smtp_server: Any, settings: Any) -> Postbox:
    """Django's mail goes to `smtp_server` for this test; what arrived."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = smtp_server.hostname, smtp_server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    return smtp_server.handler


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


# --- Browser


@pytest.fixture
def live_url(committed_db: str, settings: Any) -> Iterator[str]:
    """The site, served over http on the test's own database."""
    server = LiveServerThread("localhost", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    settings.SITE_URL = f"http://localhost:{server.port}"
    yield settings.SITE_URL
    server.terminate()


@pytest.fixture(scope="session")
def browser(servers: embedded.Servers, django_db_blocker: Any) -> Iterator[Any]:
    """Chromium; without one the test is skipped, or fails if REQUIRE_BROWSER=1."""
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if not executable or not Path(executable).exists():
        no_browser = pytest.fail if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip
        no_browser("There is no Chromium here (CHROMIUM may name one).")
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, which Django would take for asynchronous code. While it runs the thread has other
    # connections than before and after: the shared rows go with the connection that they were made on.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with django_db_blocker.unblock():
        shared.ROWS.none()
        connections.close_all()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield browser
        with django_db_blocker.unblock():
            shared.ROWS.none()
            connections.close_all()
        browser.close()


@pytest.fixture
def page(browser: Any, live_url: str) -> Iterator[Any]:
    """A page of a fresh browser profile; `page.goto("/")` is the site."""
    context = browser.new_context(base_url=live_url, locale="en-US", reduced_motion="reduce")
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()
