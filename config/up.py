"""`make run`: the whole product on this machine, as a demo, until Ctrl-C."""

import hashlib
import logging
import os
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack

import environ

from config import alone, embedded
from config.place import CHECKOUT, EmbeddedError
from config.supervisor import Child, Supervisor

VAR = CHECKOUT / "var"
GRANIAN = "--interface wsgi --workers 2 --blocking-threads 4 --backpressure 16 --workers-lifetime 6h --no-ws"
GRANIAN += " --respawn-failed-workers --workers-kill-timeout 5"
WORKER = "worker --concurrency 2 --without-gossip --without-mingle --loglevel INFO"
BEAT = "beat --scheduler celery.beat.Scheduler --pidfile= --loglevel INFO"


def main() -> None:
    os.chdir(CHECKOUT)
    port = alone.port_from(os.environ.get("PORT") or "8000")
    lock = alone.take_the_run()
    alone.refuse_a_taken_port(port)
    alone.write_who_runs(lock, port)
    environ.Env.read_env(CHECKOUT / ".env")
    os.environ.update(DEMO="1", PORT=str(port), DJANGO_SETTINGS_MODULE="config.settings")
    with ExitStack() as at_the_end:
        at_the_end.callback(say, "Makegood has stopped.")
        supervisor = Supervisor(VAR / "log", say)
        supervisor.listen_to_signals()
        at_the_end.callback(start_servers())
        with supervisor:
            run(supervisor, port)


def start_servers() -> Callable[[], None]:
    """Start the embedded servers that stand in for those not given, and return what stops them again."""
    servers = embedded.of_checkout()
    mine: list[embedded.Postgres | embedded.Valkey] = []
    if "DATABASE_URL" not in os.environ:
        mine.append(servers.postgres)
    if "REDIS_URL" not in os.environ:
        mine.append(servers.valkey)
    if not mine:
        return lambda: None
    say("Starting " + " and ".join(type(server).__name__ for server in mine) + " …")
    try:
        servers.start(*mine)
    except EmbeddedError as error:
        servers.stop()
        sys.exit(f"{error}\nThe servers' data and logs are in {servers.place.state}")
    return lambda: None if servers.place.kept.exists() else servers.stop()


def run(supervisor: Supervisor, port: int) -> None:
    """Prepare the database, start everything, say who can sign in, and stay."""
    with supervisor.may_be_cut_short():
        prepare()
    granian = f"granian {GRANIAN} --host 127.0.0.1 --port {port} config.wsgi:application"
    supervisor.start(child("web", granian))
    supervisor.wait_until(lambda: answers(port))
    supervisor.start(child("worker", f"celery -A config {WORKER}"))
    supervisor.start(child("beat", f"celery -A config {BEAT}"))
    with supervisor.may_be_cut_short():
        welcome(port)
    supervisor.run()


def child(name: str, module_and_arguments: str) -> Child:
    return Child(name, [sys.executable, "-m", *module_and_arguments.split()])


def prepare() -> None:
    """Migrate as the owner, load the demo's data, collect the static files: each does nothing where nothing is to do."""
    import django
    from django.core.management import call_command
    from django.db import connections

    from config.migrating import one_model_at_a_time

    say("Preparing the database …")
    django.setup()
    quiet_log = logging.getLogger().handlers[0]
    assert isinstance(quiet_log, logging.StreamHandler)
    quiet_log.setStream((VAR / "log" / "prepare.log").open("w"))
    with one_model_at_a_time():
        call_command("migrate", database="owner", verbosity=0, interactive=False)
    call_command("demo")
    collect_static()
    connections.close_all()


def collect_static() -> None:
    """Collect the static files, unless nothing that goes into them has changed."""
    from django.core.management import call_command

    state, stamp = fingerprint(), VAR / "static.stamp"
    if not stamp.exists() or stamp.read_text() != state or not (CHECKOUT / "staticfiles/staticfiles.json").exists():
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(state)


def fingerprint() -> str:
    ours = sorted(path for path in (CHECKOUT / "static").rglob("*") if path.is_file())
    lines = [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in ours]
    return hashlib.sha256("\n".join([(CHECKOUT / "requirements.lock").read_text(), *lines]).encode()).hexdigest()


def answers(port: int) -> bool:
    """Whether the web server answers /healthz."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            return b" 200 " in line.recv(64)
    except OSError:
        return False


def welcome(port: int) -> None:
    from django.conf import settings
    from django.core.management import call_command

    say(f"\nMakegood runs on http://localhost:{port}\n")
    call_command("sign_in_links")
    letters = getattr(settings, "EMAIL_FILE_PATH", None) or settings.EMAIL_HOST or "not sent"
    say(f"\nLetters: {letters}   Logs: {VAR / 'log'}   Ctrl-C stops everything.")


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
