"""Do the lock files say what requirements*.txt say?  python -m tests.config.locks"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;#\\]+)", re.MULTILINE)


def pins(text: str) -> dict[str, set[str]]:
    """Each package's versions; a universal lock may hold several, one for each Python."""
    found: dict[str, set[str]] = {}
    for name, version in PIN.findall(text):
        found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), set()).add(version)
    return found


def disagreements(wanted: str, locked: str) -> list[str]:
    """The direct pins that the lock does not have in their version."""
    lock = pins(locked)
    return [
        f"{name}=={version}, locked: {', '.join(sorted(lock.get(name, {'nothing'})))}"
        for name, versions in pins(wanted).items()
        for version in versions
        if version not in lock.get(name, set())
    ]


def all_disagreements(root: Path = ROOT) -> list[str]:
    base, development = (root / "requirements.txt").read_text(), (root / "requirements-dev.txt").read_text()
    lock, development_lock = (root / "requirements.lock").read_text(), (root / "requirements-dev.lock").read_text()
    shared = pins(lock)
    apart = [
        f"{name}: {sorted(versions)} in requirements-dev.lock, {sorted(shared[name])} in requirements.lock"
        for name, versions in pins(development_lock).items()
        if name in shared and versions != shared[name]
    ]
    return [*disagreements(base, lock), *disagreements(development + base, development_lock), *apart]


if __name__ == "__main__":
    if found := all_disagreements():
        sys.exit("The lock files do not match requirements*.txt (make lock):\n" + "\n".join(found))
