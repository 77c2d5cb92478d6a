"""What no line of a log may hold: whoever reads the log must not be able to open what only a link opens; and what none need hold."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from typing import Any

MAY_HOLD_KEYS = ("accounts", "addresses", "calendar", "contacts", "demo", "invitations", "letters/off")
"""The beginning of each address that may go on with a secret."""

_WITH_KEY = re.compile(rf"(?<![\w.…-])((?:https?://[^/\s]+)?/(?:{'|'.join(MAY_HOLD_KEYS)})/)[^\s\"'<>]+")


def hide_keys(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For structlog, ours and foreign lines alike: what follows such a beginning becomes “…”, wherever it stands in the line."""
    for name, said in event.items():
        if isinstance(said, str):
            event[name] = without_keys(said)
    return event


def without_keys(said: str) -> str:
    """A text with the secrets of the addresses in it left out."""
    return _WITH_KEY.sub(r"\1…", said)


class RefusalsWithoutTrace(logging.Filter):
    """That somebody may not open a page is no fault of the program: in place of where it was raised the line says `why`."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", None) == 403 and record.exc_info:
            record.why, record.exc_info = str(record.exc_info[1]), None
        return True
