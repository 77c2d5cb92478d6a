"""Runs several processes as one: starts them, starts again what died, and stops them all without leaving one behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

MOST_RESTARTS = 5
LIVED_LONG_SECONDS = 60
PAUSE_SECONDS = 1
PATIENCE_SECONDS = 20
PR_SET_PDEATHSIG = 1


class Stopped(BaseException):
    """Somebody asked to stop, at a moment at which work may be cut short."""


@dataclass
class Child:
    """One process, the leader of its own group, so that Ctrl-C reaches it only through the supervisor."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    restarts: int = 0

    def start(self, log: IO[bytes]) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal_group(self, number: signal.Signals) -> None:
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


if sys.platform == "linux":
    _libc = ctypes.CDLL(None)


def _end_with_parent() -> None:
    """A supervisor that is killed cannot stop anything: the kernel asks the children to stop in its place."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Use as a context manager: on leaving, whatever was started is stopped."""

    def __init__(self, logs: Path, say: Callable[[str], None] = print) -> None:
        self.logs = logs
        self.say = say
        self.children: list[Child] = []
        self.asked_to_stop = False
        self._may_cut_short = False
        logs.mkdir(parents=True, exist_ok=True)

    def listen_to_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(self, *error: object) -> bool:
        self._may_cut_short = False
        self.stop()
        return bool(error and error[0] is Stopped)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True
        if self._may_cut_short:
            raise Stopped

    @contextmanager
    def may_be_cut_short(self) -> Iterator[None]:
        """Around work that is safe to interrupt; elsewhere a signal is only noted, so that no process gets lost."""
        self._may_cut_short = True
        if self.asked_to_stop:
            raise Stopped
        try:
            yield
        finally:
            self._may_cut_short = False

    def start(self, child: Child) -> None:
        if self.asked_to_stop:
            raise Stopped
        self.children.append(child)
        self._start(child, "wb")

    def _start(self, child: Child, mode: str) -> None:
        with self.log_of(child).open(mode) as log:
            child.start(log)

    def log_of(self, child: Child) -> Path:
        return self.logs / f"{child.name}.log"

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Keep the children alive until `ready` says so."""
        while not ready():
            self._tend()

    def run(self) -> None:
        """Keep the children alive until somebody asks to stop."""
        while True:
            self._tend()

    def _tend(self) -> None:
        time.sleep(0.1)
        if self.asked_to_stop:
            raise Stopped
        for child in self.children:
            if not child.is_alive():
                self._start_again(child)

    def _start_again(self, child: Child) -> None:
        assert child.process
        code = child.process.returncode
        child.signal_group(signal.SIGKILL)
        if time.monotonic() - child.started_at > LIVED_LONG_SECONDS:
            child.restarts = 0
        child.restarts += 1
        if child.restarts > MOST_RESTARTS:
            end = self.log_of(child).read_text(errors="replace").splitlines()[-15:]
            raise SystemExit(
                "\n".join([f"{child.name} keeps ending (code {code}). How {self.log_of(child)} ends:", *end])
            )
        self.say(f"{child.name} ended (code {code}) and is started again: {child.restarts} of {MOST_RESTARTS}")
        time.sleep(PAUSE_SECONDS)
        if not self.asked_to_stop:
            self._start(child, "ab")

    def stop(self) -> None:
        """Ask each to finish, wait, then leave nobody in its group. The worker finishes the task in hand."""
        self.say("Stopping …")
        for child in self.children:
            if child.is_alive() and child.process:
                child.process.terminate()
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while any(child.is_alive() for child in self.children) and time.monotonic() < give_up_at:
            time.sleep(0.05)
        for child in self.children:
            child.signal_group(signal.SIGKILL)
            if child.process:
                child.process.wait()
