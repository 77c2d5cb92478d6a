"""Named places at which a process can be made to die as by kill -9, so that a test can show what that leaves behind (P2).

`FAILPOINT=letter.sent` in the environment ends it the first time that it gets there, `letter.sent:3` the third time. The settings refuse
the variable where the installation calls itself production. Without it a place costs one look at a setting.
"""

from __future__ import annotations

import os
from collections import Counter

from django.conf import settings

POINTS = {
    "claim.locked": "a claim that is to be sent is locked, and nothing is written",
    "claim.received": "its receipt is written, and not committed",
    "claim.answered": "it is committed, and nobody has been told",
    "credit.posted": "an approved credit is in the ledger, and not committed",
    "posting.approved": "a line of the ledger is approved, and not written",
    "posting.posted": "it is written, and not committed",
    "request.held": "a request holds its place, and nobody has been told",
    "session.booked": "a session is in an engineer's calendar, and not committed",
    "sweep.begun": "a turn of the clock has its row, and has done nothing",
    "sweep.claimed": "its batch is locked, and nothing is done to it",
    "sweep.lapsed": "drafts have lapsed, and their letters are not written",
    "sweep.done": "a batch is done, and not committed",
    "sweep.committed": "a batch is committed, and the next not begun",
    "letter.leased": "letters are leased, and not looked at",
    "letter.made": "a letter is made and kept, and not sent",
    "letter.going": "it is on record that a letter goes, and it has not gone",
    "letter.sent": "the mail server has taken a letter, and that is not on record",
    "letter.noted": "that it was taken is on record, and the next has not gone",
}
"""Where, in words: what has happened by then, and what has not."""

DEAD = 137
"""The exit code, as of a process that was killed by SIGKILL."""

_reached: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Die here without a goodbye, if this is the place that FAILPOINT names, and the time that it names."""
    if settings.FAILPOINT:
        _die_if_named(name)


def _die_if_named(name: str) -> None:
    where, _, nth = settings.FAILPOINT.partition(":")
    _reached[name] += 1
    if name == where and _reached[name] == int(nth or 1):
        os._exit(DEAD)
