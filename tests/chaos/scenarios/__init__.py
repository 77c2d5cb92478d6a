"""The scenarios, each file those of one kind of trouble. They register themselves when they are loaded, in the order of the files."""

from __future__ import annotations

import pkgutil
from importlib import import_module


def load() -> None:
    for module in sorted(one.name for one in pkgutil.iter_modules(__path__)):
        import_module(f"{__name__}.{module}")
