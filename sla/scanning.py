"""The virus scanner, if one is configured: clamd, asked by its INSTREAM command (C7; P29, V39).

No scanner: a file is "not scanned". One that does not answer: it waits for its scan. Only a verdict makes it clean.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.conf import settings

from entitlements import wording
from entitlements.health import Sign
from sla.models import Evidence

Scan = Evidence.Scan
PATIENCE = 4.0
"""Seconds for each answer. A scanner that is slower is as good as none for the person who waits; the file is scanned later."""

_SILENT = (OSError, ValueError)
"""Refused, timed out, or the line broke off: clamd closes it on what is longer than it takes. Or CLAMD_SOCKET names no line at all."""

_PIECE = 64 * 1024
_LONGEST_ANSWER = 4096
LATE = timedelta(minutes=10)
log = structlog.get_logger(__name__)


def scan(content: bytes) -> str:
    """What the scanner says of these bytes: `clean`, `refused`; `waiting` if it says nothing, `unscanned` if there is none."""
    if not settings.CLAMD_SOCKET:
        return Scan.UNSCANNED
    try:
        answer = _ask(content)
    except _SILENT as error:
        log.error("scanner_silent", error=type(error).__name__)
        return Scan.WAITING
    if answer == "stream: OK":
        return Scan.CLEAN
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return Scan.REFUSED
    log.error("scanner_unclear", answer=answer[:200])
    return Scan.WAITING


def answers() -> bool:
    """Whether the scanner itself is alive, whatever it says of one file."""
    try:
        with _line() as line:
            line.sendall(b"zPING\0")
            return _answer_on(line) == "PONG"
    except _SILENT:
        return False


def before_its_scan() -> str:
    """What a document is of which the scanner has not been asked: it waits for it where there is one."""
    return Scan.WAITING if settings.CLAMD_SOCKET else Scan.UNSCANNED


def sign(_: None, now: datetime) -> Sign | None:
    """Whether the scanner keeps up; None where there is none."""
    if not settings.CLAMD_SOCKET:
        return None
    oldest = Evidence.objects.filter(scan=Scan.WAITING, removed_at__isnull=True).order_by("uploaded_at").first()
    if oldest is None:
        return Sign("scanner", "Virus scanner", "No document waits for its scan.")
    since = wording.roughly_in_words(now - oldest.uploaded_at)
    words = f"A document has waited for its scan for {since}."
    if now - oldest.uploaded_at < LATE:
        return Sign("scanner", "Virus scanner", words)
    remedy = "Start clamd, or mend CLAMD_SOCKET. Nothing is lost: what waits is scanned, and can be opened then."
    return Sign("scanner", "Virus scanner", words, "the virus scanner does not answer", oldest.uploaded_at, remedy)


def _ask(content: bytes) -> str:
    with _line() as line:
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            line.sendall(struct.pack("!I", len(piece)) + piece)
        line.sendall(struct.pack("!I", 0))
        return _answer_on(line)


def _answer_on(line: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < _LONGEST_ANSWER:
        more = line.recv(_LONGEST_ANSWER)
        if not more:
            break
        said += more
    return said.rstrip(b"\0").decode("utf-8", "replace").strip()


@contextmanager
def _line() -> Iterator[socket.socket]:
    """To a socket of this machine by its path, or to `host:port`."""
    where = settings.CLAMD_SOCKET
    if where.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(PATIENCE)
        with line:
            line.connect(where)
            yield line
        return
    host, _, port = where.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as line:
        yield line
