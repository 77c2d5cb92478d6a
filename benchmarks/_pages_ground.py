"""What bench-pages stands on: throw-away servers, the web server as production runs it, people who are signed in, and clients that send
requests made beforehand. Import nothing of Django before `standing()`."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks._booking_ground import CHECKOUT
from benchmarks._booking_ground import standing as database

HOST = "makegood.example"
CLIENTS = 4
GRANIAN = "--interface wsgi --workers 2 --blocking-threads 4 --backpressure 16 --no-ws --log-level warning"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """A request as bytes, and what its answer must be: the status, and what stands in it."""

    sent: bytes
    status: int = 200
    says: bytes = b""


@dataclass(frozen=True)
class Page:
    """A page to measure. `turns(n)` makes `n` pieces of work, each of one request or several that follow one another, with fresh ground
    under each turn; `check` is asked after each with all that was done, and fails if the answer is wrong. `look` is the address that is
    opened once in this process, by `person`, for its queries and its size."""

    name: str
    goal: float
    turns: object
    look: str
    person: object
    check: object = None
    most_queries: int = 8
    most_bytes: int = 60_000


@contextmanager
def standing():
    """A client of the product and /bare, their web server, and the PostgreSQL below; evidence in a folder that goes."""
    with tempfile.TemporaryDirectory() as folder, database() as postgres:
        evidence = Path(folder, "evidence")
        port = _free_port()
        environment = {
            **os.environ,
            "ALLOWED_HOSTS": HOST,
            "SITE_URL": f"https://{HOST}",
            "TRUSTED_PROXY_COUNT": "1",
            "EVIDENCE_ROOT": str(evidence),
            "WEB_PROCESS": "true",
            "LOG_LEVEL": "ERROR",
        }
        _same_here(evidence)
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
            cwd=CHECKOUT,
            env=environment,
            check=True,
        )
        command = [sys.executable, "-m", "granian", *GRANIAN.split(), "--host", "127.0.0.1", "--port", str(port)]
        web = subprocess.Popen([*command, "benchmarks._pages_server:application"], cwd=CHECKOUT, env=environment)
        try:
            _wait_for(port)
            yield Client(port), web, postgres
        finally:
            web.terminate()
            web.wait()


def _same_here(evidence: Path) -> None:
    """What this process makes, the server finds."""
    from django.conf import settings
    from django.core.files.storage import storages

    settings.ALLOWED_HOSTS = [HOST]
    settings.ROOT_URLCONF = "benchmarks._pages_urls"
    settings.EVIDENCE_ROOT = str(evidence)
    settings.STORAGES["evidence"]["OPTIONS"]["location"] = str(evidence)
    settings.TRUSTED_PROXY_COUNT = 1
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    storages._storages.pop("evidence", None)


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web server does not answer")


@dataclass
class Client:
    """Several connections that are kept, each with a thread that sends what was made beforehand and reads the answer."""

    port: int
    failed: list[str] = field(default_factory=list)

    def speed(self, works: list[list[Asked]], *, threads: int = CLIENTS) -> float:
        """Pieces of work a second. Raises AssertionError for an answer that is not what it must be."""
        shares = [works[n::threads] for n in range(threads)]
        ready = threading.Barrier(threads + 1)
        running = [threading.Thread(target=self._send, args=(share, ready)) for share in shares]
        for one in running:
            one.start()
        ready.wait()
        begun = time.perf_counter()
        for one in running:
            one.join()
        seconds = time.perf_counter() - begun
        assert not self.failed, self.failed[0]
        return len(works) / seconds

    def _send(self, works: list[list[Asked]], ready: threading.Barrier) -> None:
        try:
            with socket.create_connection(("127.0.0.1", self.port)) as line:
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                ready.wait()
                for one in (one for work in works for one in work):
                    line.sendall(one.sent)
                    self._check(one, *_answer(line))
        except OSError as broken:
            ready.abort()
            self.failed.append(repr(broken))

    def _check(self, asked: Asked, head: bytes, body: bytes) -> None:
        status = int(head.split(b" ", 2)[1])
        if status != asked.status or asked.says not in body:
            self.failed.append(f"{asked.sent[:80]!r} was answered by {head[:200]!r} {body[:300]!r}")


def _answer(line: socket.socket) -> tuple[bytes, bytes]:
    got = b""
    while b"\r\n\r\n" not in got:
        got += _more(line)
    head, _, body = got.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if length is None:  # in pieces, as a page that is compressed or streamed
        while not body.endswith(b"0\r\n\r\n"):
            body += _more(line)
        return head, body
    while len(body) < int(length[1]):
        body += _more(line)
    return head, body


def _more(line: socket.socket) -> bytes:
    more = line.recv(1 << 16)
    if not more:
        raise OSError("the line was closed")
    return more


def browser_of(person):
    """A browser of this process in which the person is signed in; whoever works at the desk has shown a second factor."""
    from allauth.account.internal.flows import login
    from django.conf import settings
    from django.test import Client as Browser

    browser = Browser(HTTP_HOST=HOST, HTTP_X_FORWARDED_PROTO="https")
    browser.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = browser.session
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "type": "totp", "at": time.time()}]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(person.pk)
    session.save()
    return browser


def signed_in(person) -> dict[str, str]:
    """The cookies of a person who has opened a page before, and the sign that their forms carry."""
    from django.conf import settings
    from django.middleware.csrf import _get_new_csrf_string

    browser = browser_of(person)
    browser.get("/nothing/")
    cookies = {name: one.value for name, one in browser.cookies.items()}
    return {**cookies, settings.CSRF_COOKIE_NAME: _get_new_csrf_string()}


def request(
    method: str, path: str, cookies: dict[str, str] | None = None, *, body: bytes = b"", kind: str = ""
) -> bytes:
    """A request as a browser behind our proxy sends it."""
    heads = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", "X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2.7"]
    if cookies:
        heads.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    if body:
        token = next(value for name, value in (cookies or {}).items() if name.endswith("csrf"))
        heads += [f"Origin: https://{HOST}", f"X-CSRFToken: {token}", f"Content-Type: {kind}"]
        heads.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(heads) + "\r\n\r\n").encode() + body


def with_file(fields: dict[str, str], name: str, filename: str, content: bytes) -> tuple[bytes, str]:
    """A form with a file, as a body and its content type."""
    edge = "----------------------------7d81b4a2"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: text/csv\r\n\r\n'
    return "".join(parts).encode() + head.encode() + content + f"\r\n--{edge}--\r\n".encode(), (
        f"multipart/form-data; boundary={edge}"
    )


def cpu_seconds(process: subprocess.Popen) -> float:
    """What the web server and its workers have taken of the processors so far."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if str(process.pid) in (stat.parent.name, fields[1]):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
