"""A mail server that keeps what it takes, and can be told to behave as mail servers do (P16)."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any, Literal

from aiosmtpd.controller import Controller

Mode = Literal["pass", "4xx", "5xx", "slow", "drop"]
SLOW_SECONDS = 1.0


@dataclass(frozen=True)
class Taken:
    """A message that it has, whatever it said about it, and when it got it (seconds of this machine's own count)."""

    message_id: str
    to: str
    at: float
    answered: bool
    line: tuple[str, int]
    """On which connection it came: the sender's end of it."""


class Post:
    """Use as a context manager. Modes: `pass`; `4xx` and `5xx` for every addressee; `slow`: a second a letter; `drop`: it takes the
    letter and hangs up without a word. `only` so many letters are treated so, those after them by the mode `then`."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.mode: Mode = "pass"
        self.seconds = SLOW_SECONDS
        self._left: int | None = None
        self._then: Mode = "pass"
        self._lock = threading.Lock()
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=30)

    def __enter__(self) -> Post:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def set(self, mode: Mode, *, only: int | None = None, then: Mode = "pass", seconds: float = SLOW_SECONDS) -> None:
        with self._lock:
            self.mode, self._left, self._then, self.seconds = mode, only, then, seconds

    def copies(self) -> dict[str, int]:
        """How often it has got each letter, by Message-ID."""
        found: dict[str, int] = {}
        for one in list(self.taken):
            found[one.message_id] = found.get(one.message_id, 0) + 1
        return found

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.mode in ("4xx", "5xx"):
            mode = self._used()
            if mode == "4xx":
                return "451 4.3.0 Try again later"
            if mode == "5xx":
                return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mode = self._used() if self.mode in ("slow", "drop") else "pass"
        if mode == "slow":
            await asyncio.sleep(self.seconds)
        message = message_from_bytes(envelope.content)
        with self._lock:
            self.taken.append(
                Taken(
                    str(message["Message-ID"]), envelope.rcpt_tos[0], time.monotonic(), mode != "drop", session.peer[:2]
                )
            )
        if mode == "drop":
            server.transport.abort()
            return ""
        return "250 Kept"

    def _used(self) -> Mode:
        with self._lock:
            mode = self.mode
            if self._left is not None:
                self._left -= 1
                if self._left <= 0:
                    self.mode, self._left = self._then, None
            return mode


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
