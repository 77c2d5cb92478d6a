"""What is put on record between two letters: that the last one was taken, and, before it happens, that the next one goes.

One statement and one commit a letter, so that a sender that dies leaves one letter at most of which nobody knows. The pace (P18) is
asked in it: how many go a minute, all senders together, is counted where each is noted.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings

from entitlements.models.prepared import ask

_CALL = "SELECT ours, free_at FROM note_letters(%s, %s, %s, %s, %s, %s, %s, %s, %s)"


class Accepted(NamedTuple):
    """A letter (its key) that the server took, when (UTC), and in what words."""

    letter: int
    at: datetime
    reply: str


class Going(NamedTuple):
    """A letter (its key) that is to go now, under a lease until then, and whom its envelope names as its sender."""

    letter: int
    leased_until: datetime
    at: datetime
    sender: str


class Noted(NamedTuple):
    """Whether the letter is still `ours` and may go; if it is the pace that forbids it, when one more may (UTC)."""

    ours: bool
    free_at: datetime | None


def note(accepted: Accepted | None, going: Going | None, host: str) -> Noted:
    """Note what was accepted and what goes next, by the server `host`; either may be missing."""
    values: list[Any] = [
        *(accepted or (None, None, "")),
        *(going or (None, None, None, "")),
        host,
        settings.LETTERS_A_MINUTE,
    ]
    return Noted(*ask(_CALL, values))
