"""How whoever reads the page likes times: their own zone beside the contract's, and their way of writing days (C12.5).

Set for the length of a request by `entitlements.middleware.OwnTimes`; letters and tasks have no reader, and keep the one form.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Likes:
    """No zone: the contract's alone."""

    zone: ZoneInfo | None = None
    date_style: str = "long"


NOTHING_SPECIAL = Likes()
_likes: ContextVar[Likes] = ContextVar("likes", default=NOTHING_SPECIAL)


def likes() -> Likes:
    """Those of the present reader."""
    return _likes.get()


@contextmanager
def reading(zone: str, date_style: str) -> Iterator[None]:
    """While this lasts, the page is read by somebody who likes it so."""
    token = _likes.set(Likes(ZoneInfo(zone) if zone else None, date_style))
    try:
        yield
    finally:
        _likes.reset(token)
