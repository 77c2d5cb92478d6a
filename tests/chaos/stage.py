"""What a scenario plays on: a copy of the ground, the product's processes, a mail server, and a gate before each server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from config import embedded, up
from config.place import CHECKOUT
from config.supervisor import PATIENCE_SECONDS, Child
from tests.chaos.bench import Bench, environment
from tests.chaos.browser import Browser
from tests.chaos.day import Errand
from tests.chaos.post import Post, free_port
from tests.chaos.proxy import Proxy
from tests.chaos.world import World

PATIENCE = 120.0
"""Seconds for which a condition is waited for, however loaded the machine is."""

POSTGRES_SOCKET = ".s.PGSQL.5432"
NEWEST_LINES = 15


class Stage:
    """Use as a context manager. Nothing runs at first but the servers and the mail server: `start("web", "worker", "beat")`.

    What has died is started again while the stage waits, as `config/supervisor.py` does, except what `stop` has stopped. Django in
    this process reads and writes the same database, past the gates.
    """

    def __init__(self, bench: Bench, world: World, name: str) -> None:
        self.bench, self.world, self.name = bench, world, name.replace("-", "_")
        self.logs = bench.folder / "log" / self.name
        self.processes: dict[str, Child] = {}
        self.post = Post()
        self._at_the_end, self._ground = ExitStack(), ExitStack()
        self.extra: dict[str, str] = {}
        self.served = "config.wsgi:application"

    def __enter__(self) -> Stage:
        with ExitStack() as entering:
            self.logs.mkdir(parents=True, exist_ok=True)
            self.bench.postgres.start()
            self.bench.valkey.start()
            entering.callback(self._ground.close)
            self.begin_again()
            entering.enter_context(self.post)
            sockets = self.bench.servers.place.sockets
            self.postgres = entering.enter_context(Proxy(str(Path(sockets) / POSTGRES_SOCKET)))
            self.valkey = entering.enter_context(Proxy(str(self.bench.valkey.socket)))
            self.smtp = entering.enter_context(Proxy(self.post.port))
            self.wipe()
            entering.callback(self._stop_all)
            self.port = free_port()
            self._at_the_end = entering.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._at_the_end.close()

    def begin_again(self) -> None:
        """A fresh copy of the ground, and an empty mail server. Nothing may be running."""
        self._ground.close()
        self.database = self._ground.enter_context(self.bench.copy(f"chaos_{self.name}", of=self.world.database))
        self._ground.enter_context(pointed_at(self.bench, self.database))
        self.post.taken.clear()

    # --- processes

    def environment(self) -> dict[str, str]:
        """Of the stage's processes: each server behind its gate."""
        return {
            **environment(self.bench, self.database),
            "DATABASE_URL": f"postgres://{embedded.LOGIN}@127.0.0.1:{self.postgres.port}/{self.database}",
            "REDIS_URL": f"redis://127.0.0.1:{self.valkey.port}/0",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.smtp.port}",
            "SITE_URL": f"http://localhost:{self.port}",
            "PORT": str(self.port),
            "LOG_LEVEL": "INFO",
            **self.extra,
        }

    def start(self, *names: str) -> None:
        """`web` (two workers), `worker` (two children), `beat` (which rings every `RINGS` seconds, not by the timetable); a second one
        of a kind is `worker-2`. Returns when the web answers."""
        for name in names:
            kind = name.partition("-")[0]
            granian = f"granian {up.GRANIAN} --host 127.0.0.1 --port {self.port} {self.served}"
            command = {
                "web": granian,
                "worker": f"celery -A tests.chaos.doorbell {up.WORKER} -n {name}@%h",
                "beat": f"celery -A tests.chaos.doorbell {up.BEAT}",
            }[kind]
            child = Child(name, [sys.executable, "-m", *command.split()], self.environment())
            self.processes[name] = child
            self._launch(child)
        if "web" in names:
            self.until(lambda: up.answers(self.port), "the web answers")

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A `manage.py` command in a process of its own, to its end."""
        return subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", *arguments],
            env={**os.environ, **self.environment(), **environment},
            cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=PATIENCE * 5,
        )  # fmt: skip

    def stop(self, *names: str) -> None:
        """Ask to finish and wait, as an operator does; they are not started again."""
        gone = [self.processes.pop(name) for name in names]
        for child in gone:
            if child.process and child.is_alive():
                child.process.terminate()
        _wait_for(gone)

    def kill(self, name: str) -> int:
        """kill -9 of a process itself (not of its children). Its process id."""
        process = self.processes[name].process
        assert process
        process.send_signal(signal.SIGKILL)
        process.wait()
        return process.pid

    def kill_child(self, name: str, which: int = 0) -> int | None:
        """kill -9 of one of its children: a worker of the web, or of Celery. Its process id; None if it has none just now."""
        children = self.children(name)
        if not children:
            return None
        with suppress(ProcessLookupError):
            os.kill(children[which % len(children)], signal.SIGKILL)
        return children[which % len(children)]

    def children(self, name: str) -> list[int]:
        process = self.processes[name].process
        assert process
        told = subprocess.run(["ps", "-o", "pid=,ppid=", "-A"], capture_output=True, text=True, check=True).stdout
        pairs = (map(int, line.split()) for line in told.splitlines())
        return [pid for pid, parent in pairs if parent == process.pid]

    def tend(self) -> None:
        """Start again what has died, and whatever it left behind is gone before."""
        for child in self.processes.values():
            if not child.is_alive():
                child.signal_group(signal.SIGKILL)
                child.restarts += 1
                self._launch(child)

    def until(self, condition: Callable[[], Any], what: str, *, seconds: float = PATIENCE, tend: bool = True) -> float:
        """Wait for a condition. How many seconds that took. Raises Never, with the ends of the logs, when it does not come."""
        begun = time.monotonic()
        while not condition():
            if time.monotonic() - begun > seconds:
                raise Never(f"After {seconds:,.0f} s it was not so: {what}.\n{self.ends_of_logs()}")
            if tend:
                self.tend()
            time.sleep(0.05)
        return time.monotonic() - begun

    def ends_of_logs(self) -> str:
        lines = []
        for name in self.processes:
            log = self.logs / f"{name}.log"
            lines += [f"--- {name}", *log.read_text(errors="replace").splitlines()[-NEWEST_LINES:]]
        return "\n".join(lines)

    def _launch(self, child: Child) -> None:
        with (self.logs / f"{child.name}.log").open("ab") as log:
            child.start(log)

    def _stop_all(self) -> None:
        children = list(self.processes.values())
        self.processes.clear()
        for child in children:
            child.signal_group(signal.SIGKILL)
        _wait_for(children)

    # --- servers

    def stop_postgres(self, how: str = "fast") -> None:
        """`immediate`: as if all of its processes were killed at one moment."""
        from django.db import connections

        connections.close_all()
        self.bench.postgres.stop(how)

    def wipe(self) -> None:
        """Redis forgets everything."""
        self.redis(b"FLUSHALL")

    def redis(self, command: bytes) -> bytes:
        return self.bench.valkey._ask(command)

    def errand(self) -> Errand:
        """For a process of `day.py`: where it works."""
        return Errand(self.database, self.smtp.port, self.world, self.bench.seed)

    def ring(self, task: str, *given: str) -> None:
        """Ring for a task from here, past beat."""
        from config.celery import app

        app.conf.broker_url = self.bench.valkey.url()
        app.send_task(task, given)

    # --- whoever looks

    def browser(self, user: Any) -> Browser:
        """A browser in which somebody is signed in."""
        return Browser(self.port, user)


class Never(AssertionError):
    """What had to come did not."""


@contextmanager
def pointed_at(bench: Bench, database: str) -> Iterator[None]:
    """Django in this process works on this database, straight."""
    from django.db import connections

    from entitlements.models import policy

    before = {alias: connections.settings[alias]["NAME"] for alias in connections}

    def turn(names: dict[str, str]) -> None:
        connections.close_all()
        policy._facts_of.cache_clear()
        policy.description_in.cache_clear()
        for alias, name in names.items():
            connections.settings[alias]["NAME"] = name
            connections[alias].settings_dict["NAME"] = name

    turn(dict.fromkeys(before, database))
    try:
        yield
    finally:
        turn(before)


def _wait_for(children: list[Child]) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    for child in children:
        if child.process:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, give_up_at - time.monotonic()))
        child.signal_group(signal.SIGKILL)
        if child.process:
            child.process.wait()
