"""One run of a checkout at a time, on a port that is free. Standard library only: asked before anything is installed."""

import errno
import fcntl
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

VAR = Path(__file__).resolve().parent.parent / "var"


def take_the_run(folder: Path = VAR) -> TextIO:
    """The lock of this checkout's one run, kept while the file is open. Exits with a word if somebody has it."""
    folder.mkdir(exist_ok=True)
    lock = (folder / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        sys.exit(
            f"Makegood is already running from this checkout ({lock.read().strip() or 'starting'}). Stop it first."
        )
    return lock


def write_who_runs(lock: TextIO, port: int) -> None:
    lock.truncate(0)
    lock.write(f"process {os.getpid()}, http://localhost:{port}")
    lock.flush()


def refuse_a_taken_port(port: int) -> None:
    """Browsers go to `localhost` by either family, so neither may belong to another program."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with suppress(OSError):
            if _is_taken(family, host, port):
                sys.exit(
                    f"Port {port} is taken by another program. Stop it, or choose another: make run PORT={port + 1}"
                )


def _is_taken(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False


def port_from(text: str) -> int:
    """The port that PORT names."""
    if not text.isdecimal() or not 1024 <= int(text) <= 65535:
        sys.exit(f"PORT must be a number from 1024 to 65535, not {text!r}.")
    return int(text)


if __name__ == "__main__":
    take_the_run().close()
    refuse_a_taken_port(port_from(os.environ.get("PORT") or "8000"))
