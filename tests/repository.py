"""How the repository is read by the tests that check it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HALVES = ("entitlements", "sla")
TEXTS = ROOT / "templates"
SELF = ("test_repository.py", "test_documents.py", "repository.py")
"""What looks for a name does not count as naming it."""


def files(*patterns: str) -> list[Path]:
    found = (path for pattern in patterns for path in ROOT.glob(pattern))
    return sorted(path for path in found if "__pycache__" not in path.parts and ".venv" not in path.parts)


PRODUCT = files("entitlements/**/*.py", "sla/**/*.py", "config/*.py")
CODE = [path for path in PRODUCT if "migrations" not in path.parts]
RULES = files("*/rules/*.py")
ACTIONS = files("*/actions/*.py")
MODELS = files("*/models/*.py")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path) -> set[str]:
    """Every module that a file imports, at its head or anywhere; `from a import b` is both a and a.b."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return found


@cache
def text_of(*patterns: str) -> str:
    return "\n".join(path.read_text() for path in files(*patterns) if path.name not in SELF)


def under(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def both(*rooms: str) -> list[str]:
    return [f"{half}.{room}" for half in HALVES for room in rooms]
